"""A setting that is changed by one touch: planned, applied and read back as anything else is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.document.load import VERSION, from_data
from orthanc_state.engine import apply, plan
from orthanc_state.errors import OrthancStateError
from orthanc_state.render.reported import report_view

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from orthanc_state.client import Orthanc


def make_so(orthanc: Orthanc, sections: Mapping[str, Any], journal: Path | None = None) -> None:
    """Bring a few settings about, and nothing else.

    Args:
        orthanc: The server.
        sections: What is wanted, as a document has it.
        journal: Where it is recorded; a new file in the user's folder for such if None.

    Raises:
        OrthancStateError: It could not be done, or is not so afterwards.
    """
    from orthanc_state.execution.journal import Journal, default_path

    found = plan(orthanc, from_data({"version": VERSION, **sections}))
    if found.empty:
        return
    with Journal(journal or default_path(found.server)) as record:
        report = apply(orthanc, found, journal=record)
    if not report.ok:
        why = "; ".join(f"{row.address} {row.text}" for row in report_view(report).results if not row.ok)
        raise OrthancStateError(f"this was not done: {why}")
