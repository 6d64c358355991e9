"""Whether the server reaches its peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check, entry_of
from orthanc_state.checks.result import Finding, failed, ok, skipped
from orthanc_state.checks.subject import reason_of
from orthanc_state.client import ApiError, ClientError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.checks.subject import Subject


def _targets(subject: Subject) -> Iterator[str]:
    return (f"peers/{name}" for name in subject.names("peers"))


def _look(subject: Subject, target: str) -> Finding:
    name = entry_of(target)
    path = ("peers", name)
    if name not in subject.reader.peers.names():
        return skipped("the server does not have it yet", "apply the document first", path)
    try:
        system = subject.reader.peers[name].system()
    except NotFoundError as error:
        return failed(f"no answer of an Orthanc: {_reason(subject, name, error)}", "see whether its URL is right", path)
    except ClientError as error:
        hint = "see whether it runs, and its URL and password"
        return failed(f"no answer: {_reason(subject, name, error)}", hint, path)
    return ok(f"answers: Orthanc {system.get('Version', '')}", path)


def _reason(subject: Subject, name: str, error: ClientError) -> str:
    """Why a peer does not answer: the server's words, which hold its URL, but for one that holds a password."""
    url = str(subject.reader.peers[name].configuration().get("Url", ""))
    if "@" in url and isinstance(error, ApiError):
        return error.error or type(error).meaning
    return reason_of(error)


CHECK = Check("peers", "Each peer answers the server.", _look, _targets, reaches=True)
