"""What is uploaded when many files are, and what became of them."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard, cast

from orthanc_state.client.errors import UploadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orthanc_state.client.answers import OrthancId, UploadedInstance
    from orthanc_state.client.source import Source
    from orthanc_state.errors import OrthancStateError


@dataclass(frozen=True, slots=True)
class UploadProgress:
    """How far an upload of many files is.

    Attributes:
        files: Files that are done.
        size: Their bytes.
    """

    files: int
    size: int


@dataclass(frozen=True, slots=True)
class FailedUpload:
    """A file that was not stored.

    Attributes:
        source: Its path; `bytes` or the name of an open file for what has none.
        error: Why.
    """

    source: str
    error: OrthancStateError


@dataclass(slots=True)
class UploadReport:
    """What became of many files.

    Attributes:
        instances: Orthanc's identifiers of what is stored now, each once.
        studies: Those of their studies.
        statuses: How many instances had each status: `Success`, `AlreadyStored`, `FilteredOut`, `Failure`.
        failures: The files that were refused, with the reasons.
        size: Bytes sent.
    """

    instances: dict[OrthancId, None] = field(default_factory=dict)
    studies: dict[OrthancId, None] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    failures: list[FailedUpload] = field(default_factory=list)
    size: int = 0

    def add(self, uploaded: Iterable[UploadedInstance]) -> None:
        """Take what the server answered for one file."""
        for instance in uploaded:
            self.statuses[instance.get("Status", "Success")] += 1
            if "ID" in instance:
                self.instances[instance["ID"]] = None
            if "ParentStudy" in instance:
                self.studies[instance["ParentStudy"]] = None

    def check(self) -> None:
        """Raise an error if anything was refused.

        Raises:
            UploadError: With the first reasons.
        """
        if self.failures:
            first = "; ".join(f"{failed.source}: {failed.error}" for failed in self.failures[:5])
            more = f"; and {len(self.failures) - 5} more" if len(self.failures) > 5 else ""
            raise UploadError(f"{len(self.failures)} files were not stored: {first}{more}")

    def __repr__(self) -> str:
        statuses = ", ".join(f"{count} {status}" for status, count in sorted(self.statuses.items()))
        return f"<UploadReport {statuses or 'nothing'}, {len(self.failures)} refused, {self.size} bytes>"


def files(sources: Iterable[Source] | Source) -> Iterator[Source]:
    """Each source, and instead of a folder all files in it, in the order of their names.

    A file whose name begins with a point, and DICOMDIR, which is an index, are left out of folders.

    Raises:
        FileNotFoundError: A path does not exist.
    """
    given = [sources] if _is_one(sources) else cast("Iterable[Source]", sources)
    for source in given:
        if isinstance(source, str | os.PathLike):
            path = Path(source)
            if path.is_dir():
                yield from _below(path)
                continue
            if not path.exists():
                raise FileNotFoundError(f"there is no {path}")
        yield source


def _is_one(sources: Iterable[Source] | Source) -> TypeGuard[Source]:
    return isinstance(sources, str | os.PathLike | bytes | bytearray | memoryview) or hasattr(sources, "read")


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and name != "DICOMDIR":
                yield Path(parent) / name
