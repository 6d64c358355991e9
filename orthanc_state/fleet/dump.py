"""The state of every server of a fleet, each as a document in a file of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from orthanc_state.client.partial_file import PartialFile
from orthanc_state.engine import dump
from orthanc_state.errors import OrthancStateError, Problem, UnwritableError
from orthanc_state.fleet.pool import WORKERS, at_once
from orthanc_state.kinds.registry import all_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from orthanc_state.fleet.member import Member


@dataclass(frozen=True, slots=True)
class Dumped:
    """What became of the dump of one server.

    Attributes:
        name: The server's name in the inventory.
        path: The file.
        warnings: What is on the server but could not be written.
        error: Why there is no file; None where there is one.
    """

    name: str
    path: Path
    warnings: tuple[Problem, ...] = ()
    error: OrthancStateError | None = field(default=None, compare=False)


def dump_fleet(members: Sequence[Member], folder: Path, workers: int = WORKERS) -> list[Dumped]:
    """Write the state of each server to `NAME.yaml` in a folder. Only questions are sent.

    Args:
        members: The servers.
        folder: The folder; it is made where there is none. A file of the same name is replaced by a whole new one.
        workers: How many servers are asked at once.

    Raises:
        UnwritableError: The folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableError(f"cannot make the folder {folder}: {error.strerror}") from None
    all_kinds()
    rows = {member.name: row for member, row in at_once(partial(_dumped, folder=folder), members, workers)}
    return [rows[member.name] for member in members]


def _dumped(member: Member, *, folder: Path) -> Dumped:
    path = folder / f"{member.name}.yaml"
    try:
        with member.connect() as orthanc:
            found = dump(orthanc)
        with PartialFile(path) as file:
            file.write(found.text.encode())
            file.sync()
    except OrthancStateError as error:
        return Dumped(member.name, path, error=error)
    except OSError as error:
        return Dumped(member.name, path, error=UnwritableError(f"cannot write {path}: {error.strerror}"))
    warnings = tuple(
        Problem(warning.message, warning.place, f"{member.name}: {warning.field}", warning.hint)
        for warning in found.warnings
    )
    return Dumped(member.name, path, warnings)
