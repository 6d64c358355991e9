"""The state of a server as a file, to plan against where there is no route to the server."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from orthanc_state.kinds.kind import Context, ResourceKind
from orthanc_state.kinds.live import Live, Server
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.planning.encoding import server_data, server_from
from orthanc_state.planning.sealed import FileError, read_sealed, write_sealed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.document.document import Document

FORMAT = "orthanc-state/snapshot"
WHAT = "snapshot"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a server at some time; no secret and no patient data are in it.

    Attributes:
        name: The file that it was read from.
        server: The server.
        taken: When, in UTC.
        data: What each kind keeps of what it read.
    """

    name: str
    server: Server
    taken: str
    data: Mapping[str, Any]

    def live(self, document: Document) -> Live:
        """What the server said of the kinds of a document.

        Raises:
            FileError: The snapshot does not hold it.
        """
        raw: dict[str, Any] = {}
        context = Context(self.server.number, document.fingerprints)
        for kind in document.kinds:
            section = document.sections[kind.name]
            try:
                raw[kind.name] = kind.from_snapshot(self.data[kind.name], section)
                if isinstance(kind, ResourceKind):
                    # What cannot be read is refused here, where it is known that it came from a file.
                    kind.live(raw[kind.name], section, context)
            except LookupError as error:
                missing = error.args[0] if error.args else kind.name
                message = f"the snapshot {self.name} does not hold what is needed to plan {missing}"
                hint = "Take it with the document: orthanc-state snapshot DOCUMENT... --out FILE."
                raise FileError(message, hint=hint) from None
            except (ValueError, TypeError, AttributeError):
                raise FileError(f"the snapshot {self.name} is not one that this kit wrote: {kind.name}") from None
        return Live(self.server, raw)


def save_snapshot(live: Live, document: Document | None, path: str | os.PathLike[str]) -> None:
    """Write the state of a server to a file that only its owner can read.

    Args:
        live: The state.
        document: The document for which it was read; None where there was none.
        path: The file.

    Raises:
        FileError: It cannot be written.
    """
    kinds = all_kinds()
    sections = document.sections if document is not None else {}
    data = {name: kinds[name].snapshot(raw, sections.get(name)) for name, raw in live.raw.items()}
    taken = datetime.now(UTC).isoformat(timespec="seconds")
    write_sealed(path, FORMAT, {"taken": taken, "server": server_data(live.server), "kinds": data})


def open_snapshot(path: str | os.PathLike[str]) -> Snapshot:
    """Read what `save_snapshot` wrote.

    Raises:
        FileError: It is no snapshot, is of another version, or is not as it was written.
    """
    data = read_sealed(path, FORMAT, WHAT)
    name = os.fspath(path)
    try:
        server, taken, kinds = server_from(data["server"]), str(data["taken"]), dict(data["kinds"])
        parts = (server.url, server.name, server.version, server.aet)
        if not all(isinstance(part, str) for part in parts):
            raise TypeError
    except (KeyError, TypeError, ValueError):
        raise FileError(f"the snapshot {name} is not one that this kit wrote", hint="Take it anew.") from None
    return Snapshot(name, server, taken, kinds)
