"""One DICOM node of a network: one of the servers, or a system that is none of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from orthanc_state.document.explain import dotted, explained, nearest, placed
from orthanc_state.errors import Problem
from orthanc_state.kinds.constraints import NAME
from orthanc_state.kinds.modalities import KIND, Modality

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orthanc_state.errors import Place

    Where = tuple[str | int, ...]

FIELDS = (
    "aet",
    "host",
    "port",
    "manufacturer",
    "allow_transcoding",
    "use_dicom_tls",
    "timeout",
    "retrieve_method",
)
"""What is said once of a node, and stands in every entry that the servers have of it."""

OWN = ("server", "dicom_port")
"""What is said of a node and stands in no entry."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node.

    Attributes:
        name: Its name, under which the servers know it.
        entry: What every server says of it: its AE title, where it is, and how it is talked to.
        given: Where each field of it that the inventory gives is said.
        place: Where the node is declared.
        server: The server of the inventory that it is; None for a foreign system.
        dicom_port: On which port that server itself listens, which is another one than others see where a container or
            a firewall stands between.
    """

    name: str
    entry: Modality
    given: Mapping[str, Place]
    place: Place
    server: str | None
    dicom_port: int

    @property
    def address(self) -> tuple[str, str, int]:
        """Its AE title, host and port."""
        return self.entry.aet, self.entry.host, self.entry.port


class NodeReader:
    """Reads the nodes of a network.

    Args:
        servers: The names of the servers of the inventory.
        place: Where in the inventory a value stands, or its key.
    """

    def __init__(self, servers: Sequence[str], place: Callable[..., Place]) -> None:
        self.problems: list[Problem] = []
        self._servers = servers
        self._place = place

    def read(self, name: str, value: Any) -> Node | None:
        """One node; None when something is wrong with it, which is then among the problems."""
        where = ("network", "nodes", name)
        before = len(self.problems)
        if not re.fullmatch(NAME, name):
            hint = "it becomes the name of a modality, for which Orthanc takes no other"
            self._wrong(where, "the name of a node has only letters, digits, `-` and `_`", hint, of_key=True)
        raw = KIND.canonical({name: value})[name]
        own: dict[str, Any] = {}
        if isinstance(raw, Mapping):
            self._check_rights(where, raw)
            own = {key: raw[key] for key in OWN if key in raw}
            raw = {key: item for key, item in raw.items() if key not in OWN and not _is_right(key)}
        server = self._server(where, name, own)
        try:
            entry = Modality.model_validate(raw)
        except ValidationError as error:
            for path, of_key, problem in explained(error, _Described(where), missing_said=False):
                self.problems.append(placed(problem, self._place(path, of_key=of_key)))
            return None
        port = self._dicom_port(where, own, server, entry.port)
        if len(self.problems) > before:
            return None
        given = {field: self._place((*where, field)) for field in FIELDS if field in entry.model_fields_set}
        given |= {field: self._place((*where, field)) for field in own}
        return Node(name, entry, given, self._place(where, of_key=True), server, port)

    def _check_rights(self, where: Where, raw: Mapping[str, Any]) -> None:
        for key in raw:
            if _is_right(key):
                hint = "say it in `links`; what is to differ on one server, that server's document says"
                self._wrong((*where, key), f"`{key}` follows from the links", hint, of_key=True)
            elif key in ("state", "ignore", "protected", "local_aet"):
                hint = "the document of that server says it, under `modalities`"
                self._wrong((*where, key), f"`{key}` is of one entry on one server, not of a node", hint, of_key=True)

    def _server(self, where: Where, name: str, own: Mapping[str, Any]) -> str | None:
        if "server" not in own:
            return name if name in self._servers else None
        server = own["server"]
        if server is None or (isinstance(server, str) and server in self._servers):
            return server
        hint = nearest(str(server), self._servers) or f"its servers are {', '.join(self._servers)}"
        self._wrong((*where, "server"), "the inventory has no such server", hint)
        return None

    def _dicom_port(self, where: Where, own: Mapping[str, Any], server: str | None, port: int) -> int:
        if "dicom_port" not in own:
            return port
        given = own["dicom_port"]
        if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= 65535:
            self._wrong((*where, "dicom_port"), "expected a port from 1 to 65535")
        elif server is None:
            hint = "only one of the servers can be asked on which port it listens"
            self._wrong((*where, "dicom_port"), "this node is none of the servers", hint, of_key=True)
        else:
            return given
        return port

    def _wrong(self, where: Where, message: str, hint: str = "", *, of_key: bool = False) -> None:
        self.problems.append(Problem(message, self._place(where, of_key=of_key), dotted(where), hint))


def _is_right(key: str) -> bool:
    return key.startswith("allow_") and key != "allow_transcoding"


@dataclass(frozen=True, slots=True)
class _Described:
    """What `explained` asks of a node."""

    path: tuple[str, ...]
    array_form: tuple[str, ...] = KIND.array_form

    def location(self, path: Sequence[str | int]) -> tuple[str | int, ...]:
        return tuple(path)

    def valid_keys(self, path: Sequence[str | int]) -> Sequence[str]:
        return (*FIELDS, *OWN)

    def is_secret(self, path: Sequence[str | int]) -> bool:
        return False

    def hides_key(self, path: Sequence[str | int]) -> bool:
        return False
