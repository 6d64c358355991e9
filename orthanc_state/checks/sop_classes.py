"""Whether the server accepts the SOP classes that the document requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check, entry_of
from orthanc_state.checks.result import Finding, failed, ok, unknown
from orthanc_state.client import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.checks.subject import Subject


def _targets(subject: Subject) -> Iterator[str]:
    wanted = subject.document.require.sop_classes if subject.document is not None else ()
    return (f"sop-classes/{uid}" for uid in wanted)


def _look(subject: Subject, target: str) -> Finding:
    uid = entry_of(target)
    wanted = subject.document.require.sop_classes if subject.document is not None else ()
    path = ("require", "sop_classes", wanted.index(uid))
    try:
        accepted = subject.reader.tools.accepted_sop_classes()
    except NotFoundError:
        return unknown("the server does not tell what it accepts", "Orthanc 1.12.6 and later does", path)
    if uid in accepted:
        return ok("accepted", path)
    return failed("not accepted", "see AcceptedSopClasses and RejectSopClasses of its configuration", path)


CHECK = Check("sop-classes", "The SOP classes that the document requires are accepted.", _look, _targets)
