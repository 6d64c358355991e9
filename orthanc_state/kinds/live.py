"""The state of a running server, read with questions only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orthanc_state.kinds.version import Version, parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orthanc_state.client import Orthanc
    from orthanc_state.kinds.kind import Kind


@dataclass(frozen=True, slots=True)
class Server:
    """Which server it is.

    Attributes:
        url: Where it was reached.
        name: Its name (`Name` in `orthanc.json`).
        version: Its version, as it says it.
        aet: Its AE title.
    """

    url: str
    name: str
    version: str
    aet: str = ""

    @property
    def number(self) -> Version:
        """The version, to be compared."""
        return parse_version(self.version)


@dataclass(frozen=True, slots=True)
class Live:
    """What a server says of the kinds that were asked for; plain data that holds no secret."""

    server: Server
    raw: Mapping[str, Any]


def read(orthanc: Orthanc, kinds: Iterable[Kind], sections: Mapping[str, Any] | None = None) -> Live:
    """Ask a server for some kinds, over a connection that cannot write.

    Args:
        orthanc: The server.
        kinds: What to ask for.
        sections: The sections of the document, by the name of the kind.

    Raises:
        ClientError: The server cannot be reached, or does not answer as an Orthanc.
    """
    gated = orthanc.read_only()
    server = identify(gated)
    return Live(server, {kind.name: kind.read(gated, (sections or {}).get(kind.name)) for kind in kinds})


def identify(orthanc: Orthanc) -> Server:
    """Ask a server which one it is.

    Raises:
        ClientError: The server cannot be reached, or does not answer as an Orthanc.
    """
    system = orthanc.system()
    name, aet = (system.get(key) for key in ("Name", "DicomAet"))
    known = [text if isinstance(text, str) else "" for text in (name, aet)]
    return Server(orthanc.url, known[0], system["Version"], known[1])
