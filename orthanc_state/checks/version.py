"""Whether the version of the server is one that the document requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check
from orthanc_state.checks.result import Finding, failed, ok, unknown
from orthanc_state.checks.subject import SERVER
from orthanc_state.kinds.version import MAINLINE, parse_version

if TYPE_CHECKING:
    from orthanc_state.checks.subject import Subject

PATH = ("require", "version")


def _targets(subject: Subject) -> tuple[str, ...]:
    return (SERVER,) if subject.document is not None and subject.document.require.version else ()


def _look(subject: Subject, target: str) -> Finding:
    from packaging.specifiers import SpecifierSet

    wanted = subject.document.require.version if subject.document is not None else ""
    said = str(subject.system.get("Version", ""))
    number = parse_version(said)
    if number == MAINLINE:
        return unknown(f"{said} is no release: whether it is {wanted} cannot be told", path=PATH)
    if SpecifierSet(wanted).contains(".".join(map(str, number)), prereleases=True):
        return ok(f"{said} is {wanted}", PATH)
    return failed(f"{said} is not {wanted}", "install a version that is", PATH)


CHECK = Check("version", "The version is one that the document requires.", _look, _targets)
