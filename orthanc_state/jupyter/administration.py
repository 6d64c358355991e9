"""All panels together: the console of whoever administers an Orthanc."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets

from orthanc_state.jupyter import opened
from orthanc_state.jupyter.controllers.document import DocumentController
from orthanc_state.jupyter.controls import button
from orthanc_state.jupyter.panels.connect import ConnectPanel
from orthanc_state.jupyter.surface import Surface
from orthanc_state.render.element import element

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from xml.etree.ElementTree import Element

    from orthanc_state.jupyter.controllers.session import Session
    from orthanc_state.jupyter.panels.panel import Panel


class Tabs(Surface):
    """Chooses one of several panels.

    Args:
        names: Their names.
        chosen: Called with the name of each that is chosen.
    """

    def __init__(self, names: Mapping[str, str], chosen: Callable[[str], None]) -> None:
        super().__init__()
        self.names = names
        self.current = next(iter(names))
        self._chosen = chosen
        self.show()

    def draw(self) -> Element:
        """A button for each."""
        buttons = [
            button(title, "choose", name, css="side", pressed=name == self.current)
            for name, title in self.names.items()
        ]
        sides = element("div", *buttons, css="sides")
        return element("nav", sides, css="orthanc-state orthanc-panel orthanc-tabs", aria_label="Panels")

    def on_choose(self, value: Any, values: Mapping[str, Any]) -> None:
        """One was chosen."""
        if value in self.names:
            self.current = str(value)
            self._chosen(self.current)
            self.show()


class Console(ipywidgets.VBox):  # type: ignore[misc]
    """All panels, of which one is shown at a time; each is made when it is first shown.

    Args:
        connected: The panel of the server.
        document: The document that the panels share.

    Attributes:
        panels: Those that were shown so far, by their names.
    """

    TITLES: ClassVar[dict[str, str]] = {
        "overview": "Overview",
        "document": "Document",
        "plan": "Plan",
        "policies": "Policies",
        "network": "Network",
        "logs": "Logs",
        "metrics": "Metrics",
        "fleet": "Fleet",
    }

    def __init__(self, connected: ConnectPanel, document: DocumentController) -> None:
        self.session: Session = connected.session
        self.document = document
        self.panels: dict[str, Panel] = {}
        self._connect = connected
        self.tabs = Tabs(self.TITLES, self.switch_to)
        super().__init__([connected, self.tabs, self._panel(self.tabs.current)])
        self.add_class("orthanc-console")

    def switch_to(self, name: str) -> None:
        """Show a panel."""
        self.children = (self._connect, self.tabs, self._panel(name))

    def _panel(self, name: str) -> Panel:
        if name not in self.panels:
            self.panels[name] = self._made(name)
        return self.panels[name]

    def _made(self, name: str) -> Panel:
        match name:
            case "overview":
                return opened.overview(self.session, self.document)
            case "document":
                return opened.document(self.document, self.session)
            case "plan":
                return opened.plan(self.session, self.document)
            case "policies":
                return opened.policies(self.session, self.document)
            case "network":
                return opened.network(self.session)
            case "logs":
                return opened.logs(self.session)
            case "metrics":
                return opened.metrics(self.session)
            case _:
                return opened.fleet_of(self.session)


def console(
    document: str | os.PathLike[str] = "",
    *,
    inventory: str | os.PathLike[str] = "",
    environment: Mapping[str, str] | None = None,
) -> Console:
    """All panels together.

    Args:
        document: The file of the document; a new one if empty.
        inventory: An inventory to choose a server of.
        environment: Where `ORTHANC_URL` and its like are looked for; the environment of the process if None.

    Raises:
        OrthancStateError: A file cannot be read.
    """
    from orthanc_state.jupyter.controllers.session import Session

    session = Session(environment=environment)
    if inventory:
        session.open_inventory(os.fspath(inventory))
    connected = ConnectPanel(session)
    connected.try_environment()
    written = DocumentController(environment=environment)
    if os.fspath(document):
        written.open(os.fspath(document))
    return Console(connected, written)
