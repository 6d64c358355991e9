"""Whether the server reaches its modalities: C-ECHO."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check, entry_of
from orthanc_state.checks.result import Finding, failed, ok, skipped
from orthanc_state.checks.subject import ECHO_TIMEOUT, reason_of
from orthanc_state.client import ClientError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.checks.subject import Subject

NOT_ASKED = "no C-ECHO, which no link of the network lets it ask for"
UNASKED_HINT = "add `echo` to the link, so that this can tell whether it works"


def _targets(subject: Subject) -> Iterator[str]:
    return (f"modalities/{name}" for name in subject.names("modalities"))


def _look(subject: Subject, target: str) -> Finding:
    path = tuple(target.split("/", 1))
    try:
        subject.orthanc.modalities[entry_of(target)].echo(timeout=ECHO_TIMEOUT)
    except NotFoundError:
        return skipped("the server does not have it yet", "apply the document first", path)
    except ClientError as error:
        if entry_of(target) in subject.unasked:
            return skipped(NOT_ASKED, UNASKED_HINT, path)
        hint = "see whether it runs, whether it knows this server's AE title, and what is between the two"
        return failed(f"no C-ECHO: {reason_of(error)}", hint, path)
    return ok("answers C-ECHO", path)


CHECK = Check("echo", "Each modality answers a C-ECHO of the server.", _look, _targets, reaches=True)
