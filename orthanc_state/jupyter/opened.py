"""The panels by one call each, for a server or for what `connect` gave."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from orthanc_state.fleet.inventory import Inventory
from orthanc_state.jupyter.controllers.document import DocumentController
from orthanc_state.jupyter.controllers.fleet import FleetController
from orthanc_state.jupyter.controllers.logs import LogsController
from orthanc_state.jupyter.controllers.metrics import MetricsController
from orthanc_state.jupyter.controllers.network import NetworkController
from orthanc_state.jupyter.controllers.overview import OverviewController
from orthanc_state.jupyter.controllers.planning import PlanController
from orthanc_state.jupyter.controllers.policies import PoliciesController
from orthanc_state.jupyter.controllers.session import Session
from orthanc_state.jupyter.panels.connect import ConnectPanel
from orthanc_state.jupyter.panels.document import DocumentPanel
from orthanc_state.jupyter.panels.fleet import FleetPanel
from orthanc_state.jupyter.panels.logs import LogsPanel
from orthanc_state.jupyter.panels.metrics import MetricsPanel
from orthanc_state.jupyter.panels.network import NetworkPanel
from orthanc_state.jupyter.panels.overview import OverviewPanel
from orthanc_state.jupyter.panels.plan import PlanPanel
from orthanc_state.jupyter.panels.policies import PoliciesPanel

if TYPE_CHECKING:
    from orthanc_state.client import Orthanc

    Server = Orthanc | Session | ConnectPanel
    """A server, or what knows it."""

    Written = DocumentPanel | DocumentController | str | os.PathLike[str]
    """A document that is being edited, or its file."""


def overview(server: Server, document: Written | None = None) -> OverviewPanel:
    """What a server is and holds; with a document also whether it is as that says.

    Raises:
        OrthancStateError: The file cannot be read.
    """
    wanted = _document_of(document) if document is not None else None
    return OverviewPanel(OverviewController(_session_of(server), wanted))


def document(written: Written = "", server: Server | None = None) -> DocumentPanel:
    """A document in forms and as YAML.

    Args:
        written: Its file; a new one if empty.
        server: A server to begin from.

    Raises:
        OrthancStateError: The file cannot be read.
    """
    return DocumentPanel(_document_of(written), _session_of(server) if server is not None else None)


def plan(server: Server, document: Written) -> PlanPanel:
    """What a document would change on a server, to be chosen from and applied.

    Raises:
        OrthancStateError: The file cannot be read.
    """
    return PlanPanel(PlanController(_session_of(server), _document_of(document)))


def policies(server: Server, document: Written) -> PoliciesPanel:
    """What the policies of a document match on a server.

    Raises:
        OrthancStateError: The file cannot be read.
    """
    return PoliciesPanel(PoliciesController(_session_of(server), _document_of(document)))


def network(server: Server | None = None, inventory: str | os.PathLike[str] | None = None) -> NetworkPanel:
    """The DICOM network of an inventory, or what a single server knows of it.

    Raises:
        OrthancStateError: The inventory cannot be used.
    """
    session = _session_of(server) if server is not None else Session()
    return NetworkPanel(NetworkController(session, _inventory_of(inventory)))


def logs(server: Server) -> LogsPanel:
    """The log levels of a server."""
    return LogsPanel(LogsController(_session_of(server)))


def metrics(server: Server) -> MetricsPanel:
    """The metrics of a server, as plots."""
    return MetricsPanel(MetricsController(_session_of(server)))


def fleet(inventory: str | os.PathLike[str]) -> FleetPanel:
    """The servers of an inventory, with what is to change on each.

    Raises:
        OrthancStateError: The inventory cannot be used.
    """
    return FleetPanel(FleetController(Session(), _inventory_of(inventory)))


def fleet_of(session: Session) -> FleetPanel:
    """The servers of the inventory of a session, which may be opened yet."""
    return FleetPanel(FleetController(session))


def _session_of(server: Server) -> Session:
    if isinstance(server, ConnectPanel):
        return server.session
    return server if isinstance(server, Session) else Session(server)


def _document_of(written: Written) -> DocumentController:
    if isinstance(written, DocumentPanel):
        return written.controller
    if isinstance(written, DocumentController):
        return written
    made = DocumentController()
    if os.fspath(written):
        made.open(str(Path(written)))
    return made


def _inventory_of(inventory: str | os.PathLike[str] | None) -> Inventory | None:
    return Inventory.load(inventory) if inventory is not None else None
