"""The DICOM network, and what the last C-ECHO over each of its links said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from orthanc_state.checks.subject import ECHO_TIMEOUT, reason_of
from orthanc_state.client import ClientError
from orthanc_state.errors import OrthancStateError, Place
from orthanc_state.fleet.link import Link, Operation
from orthanc_state.fleet.link_results import Result
from orthanc_state.fleet.network import Network
from orthanc_state.fleet.node import Node
from orthanc_state.fleet.pool import WORKERS, at_once
from orthanc_state.jupyter.controllers.observable import Observable
from orthanc_state.jupyter.controllers.work import Work
from orthanc_state.kinds.modalities import KIND, Modality

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthanc_state.client import Orthanc
    from orthanc_state.fleet.inventory import Inventory
    from orthanc_state.jupyter.controllers.session import Session

RIGHTS = {
    "allow_echo": Operation.ECHO,
    "allow_store": Operation.STORE,
    "allow_find": Operation.FIND,
    "allow_find_worklist": Operation.WORKLIST,
    "allow_move": Operation.MOVE,
    "allow_get": Operation.GET,
}
"""What a server lets a modality ask, by the fields that say it."""


class NetworkController(Observable):
    """The network of an inventory; of a single server itself and its modalities.

    Args:
        session: The server, with its inventory if it is of one.
        inventory: The inventory; that of the session if None.

    Attributes:
        network: What is drawn; None before it was read.
        results: What the last C-ECHO over each link said, by the name of the link.
        messages: The same in words.
        work: What is being asked.
    """

    def __init__(self, session: Session, inventory: Inventory | None = None) -> None:
        super().__init__()
        self.session = session
        self.network: Network | None = None
        self.results: dict[str, Result] = {}
        self.messages: dict[str, str] = {}
        self.work = Work(self.changed)
        self._inventory = inventory
        session.watch(self._moved)

    @property
    def inventory(self) -> Inventory | None:
        """The inventory whose network it is, if it is of one."""
        inventory = self._inventory or self.session.inventory
        return inventory if inventory is not None and inventory.network is not None else None

    def refresh(self) -> None:
        """Read the network.

        Raises:
            OrthancStateError: There is neither an inventory with a network nor a server.
        """
        inventory = self.inventory
        self.network = inventory.network if inventory is not None else of_server(self.session.server())
        self.changed()

    def can_ask(self, link: Link) -> bool:
        """Whether there is a way to have a link's asker send a C-ECHO: it is one of the servers."""
        return self.network is not None and self.network.nodes[link.asker].server is not None

    def echo(self, names: Sequence[str] = ()) -> None:
        """Begin to ask over some links, or over all that can be asked; `work.wait` waits for the end.

        Raises:
            OrthancStateError: There is no network, or it is being asked already.
        """
        network = self.network
        if network is None:
            raise OrthancStateError("there is no network yet", hint="Read it first.")
        links = [link for link in network.links if self.can_ask(link) and (not names or link.name in names)]

        def job() -> None:
            for link, (result, message) in at_once(self._asked, links, WORKERS):
                if self.work.stop.is_set():
                    continue
                self.results[link.name], self.messages[link.name] = result, message
                self.changed()

        self.work.start(job)

    def _asked(self, link: Link) -> tuple[Result, str]:
        if self.work.stop.is_set():
            return Result.UNKNOWN, "not asked"
        try:
            self._send(link)
        except ClientError as error:
            if Operation.ECHO not in link.operations:
                return Result.UNKNOWN, "no C-ECHO, which the link does not let it ask for"
            return Result.FAILED, reason_of(error)
        except OrthancStateError as error:
            return Result.UNKNOWN, error.message
        return Result.OK, "answers C-ECHO"

    def _send(self, link: Link) -> None:
        inventory = self.inventory
        if inventory is None or self.network is None:
            self.session.server().modalities[link.asked].echo(timeout=ECHO_TIMEOUT)
            return
        server = self.network.nodes[link.asker].server or ""
        with inventory.select([server])[0].connect() as orthanc:
            orthanc.modalities[link.asked].echo(timeout=ECHO_TIMEOUT)

    def _moved(self) -> None:
        self.network, self.results, self.messages = None, {}, {}
        self.changed()


def of_server(orthanc: Orthanc) -> Network:
    """The network that a single server knows: itself, its modalities, and what it lets them ask.

    Raises:
        ClientError: It cannot be asked.
    """
    reader = orthanc.read_only()
    system, modalities = reader.system(), reader.modalities.configurations()
    place = Place(orthanc.url)
    name = str(system.get("Name") or system.get("DicomAet") or "Orthanc")
    while name in modalities:
        name += " (server)"
    port = int(system.get("DicomPort") or 104)
    own = Modality(aet=str(system.get("DicomAet") or "ORTHANC")[:16], host="here", port=port)
    nodes = {name: Node(name, own, {}, place, name, port)}
    links: list[Link] = []
    for modality, configuration in modalities.items():
        entry = _entry(configuration)
        if entry is None:
            continue
        nodes[modality] = Node(modality, entry, {}, place, None, entry.port)
        links.append(Link(name, modality, {Operation.ECHO: place}, {}, place))
        asked = {operation: place for right, operation in RIGHTS.items() if getattr(entry, right)}
        if asked:
            links.append(Link(modality, name, asked, {}, place))
    return Network(nodes, tuple(links))


def _entry(configuration: Mapping[str, object]) -> Modality | None:
    """What a server says of a modality; None for what no document could say."""
    try:
        section = KIND.parse(KIND.canonical({"one": dict(configuration)}))
    except ValidationError:
        return None
    entry = section["one"]
    return entry if isinstance(entry, Modality) else None
