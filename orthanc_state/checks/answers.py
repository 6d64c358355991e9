"""Whether a server answers at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check
from orthanc_state.checks.result import Finding, ok
from orthanc_state.checks.run import ANSWERS

if TYPE_CHECKING:
    from orthanc_state.checks.subject import Subject


def _look(subject: Subject, target: str) -> Finding:
    system = subject.system
    return ok(f"Orthanc {system.get('Version', '')}, AE title {system.get('DicomAet', '')}")


CHECK = Check(ANSWERS, "The server answers over HTTP.", _look)
