"""Whether other machines can use the server without a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check
from orthanc_state.checks.result import Finding, failed, ok, unknown
from orthanc_state.client.url import is_loopback

if TYPE_CHECKING:
    from orthanc_state.checks.subject import Subject


def _look(subject: Subject, target: str) -> Finding:
    if not subject.open_to_all:
        return ok("answers nobody who shows neither password nor certificate")
    hint = "set AuthenticationEnabled to true and give RegisteredUsers in its configuration"
    remote = subject.told.get("RemoteAccessAllowed")
    if remote is False:
        return ok("asks for no password, and answers its own machine only")
    if remote or not is_loopback(subject.host):
        return failed("answers anybody, also from other machines, without a password", hint)
    return unknown("asks for no password; whether it answers other machines too it does not tell", hint)


CHECK = Check("access", "No other machine can use the server without a password.", _look)
