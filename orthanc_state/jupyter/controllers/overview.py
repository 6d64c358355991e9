"""What a server is, how much it holds, and what it is busy with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orthanc_state.client import ClientError
from orthanc_state.engine import plan
from orthanc_state.errors import OrthancStateError
from orthanc_state.jupyter.controllers.observable import Observable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthanc_state.client import Orthanc
    from orthanc_state.jupyter.controllers.document import DocumentController
    from orthanc_state.jupyter.controllers.session import Session

EXPLORER = "explorer.js"
"""What Orthanc lists among the plugins, and is none."""

JOBS = 10
"""How many jobs are shown, the latest first."""

LABELS = 50
"""Of how many labels the studies are counted."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A server at one moment.

    Attributes:
        system: What it says of itself.
        statistics: How much it holds.
        plugins: The names of its plugins.
        labels: The labels in use, each with how many studies have it; None for one that the server cannot count.
        jobs: The latest jobs.
        drift: What it comes to beside the document, in words; empty where there is none.
        in_sync: Whether it is as the document says; None where nobody knows.
    """

    system: Mapping[str, Any]
    statistics: Mapping[str, Any]
    plugins: tuple[str, ...] = ()
    labels: Mapping[str, int | None] = field(default_factory=dict)
    jobs: tuple[Mapping[str, Any], ...] = ()
    drift: str = ""
    in_sync: bool | None = None


class OverviewController(Observable):
    """Asks a server what it is. Only questions are sent.

    Args:
        session: The server.
        document: What it should be; None where nothing says it.

    Attributes:
        overview: What it said last; None before it was asked.
        every: Seconds between two times that it is asked by itself; 0 for never.
    """

    def __init__(self, session: Session, document: DocumentController | None = None) -> None:
        super().__init__()
        self.session = session
        self.overview: Overview | None = None
        self.every = 0
        self._document = document
        session.watch(self._moved)

    def refresh(self) -> None:
        """Ask now.

        Raises:
            OrthancStateError: There is no server, or it does not answer.
        """
        orthanc = self.session.server().read_only()
        drift, in_sync = self._drift(orthanc)
        jobs = sorted(orthanc.jobs.all(), key=lambda job: str(job.get("CreationTime", "")), reverse=True)
        self.overview = Overview(
            system=orthanc.system(),
            statistics=orthanc.statistics(),
            plugins=tuple(name for name in orthanc.plugins.names() if name != EXPLORER),
            labels=studies_by_label(orthanc),
            jobs=tuple(jobs[:JOBS]),
            drift=drift,
            in_sync=in_sync,
        )
        self.changed()

    def set_timer(self, seconds: int) -> None:
        """Ask by itself from now on.

        Args:
            seconds: How long it waits between two times; 0 for never.
        """
        self.every = max(0, seconds)
        self.changed()

    def _moved(self) -> None:
        self.overview = None
        self.changed()

    def _drift(self, orthanc: Orthanc) -> tuple[str, bool | None]:
        document = self._document.document if self._document is not None else None
        if document is None or not document.sections:
            return "", None
        try:
            found = plan(orthanc, document)
        except OrthancStateError as error:
            return error.message, None
        if found.empty:
            return "in sync", True
        count = len(found.changes) + len(found.by_policies)
        return f"{count} change{'' if count == 1 else 's'} pending", False


def studies_by_label(orthanc: Orthanc, among: Sequence[str] | None = None) -> dict[str, int | None]:
    """How many studies have each label that is in use; nothing for a server that has no labels.

    Args:
        orthanc: The server.
        among: Other labels that are counted too.
    """
    try:
        labels = sorted({*orthanc.tools.labels(), *(among or ())})
    except ClientError:
        return {}
    return {label: _count(orthanc, label) if number < LABELS else None for number, label in enumerate(labels)}


def _count(orthanc: Orthanc, label: str) -> int | None:
    try:
        return orthanc.studies.count(labels=[label])
    except ClientError:
        return None
