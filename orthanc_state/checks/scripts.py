"""Whether anybody can run scripts on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check
from orthanc_state.checks.result import Finding, failed, ok, warning

if TYPE_CHECKING:
    from orthanc_state.checks.subject import Subject


def _look(subject: Subject, target: str) -> Finding:
    if not subject.told:
        return ok("runs no scripts of this user")
    hint = "set ExecuteLuaEnabled to false in its configuration, or ask for a password"
    if not subject.open_to_all:
        return warning("runs scripts of its users, which can read its whole configuration with all passwords", hint)
    if subject.told.get("RemoteAccessAllowed") is False:
        return warning("runs scripts of everybody on its own machine, which can read its configuration", hint)
    return failed("runs scripts of everybody, which can read its configuration with all passwords", hint)


CHECK = Check("scripts", "Not everybody can run scripts on the server.", _look)
