"""Whether the server is reached by those of its modalities that are servers of the inventory: C-ECHO the other way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check, entry_of
from orthanc_state.checks.echo import NOT_ASKED, UNASKED_HINT
from orthanc_state.checks.other_end import other_end
from orthanc_state.checks.result import Finding, failed, ok, skipped
from orthanc_state.checks.subject import ECHO_TIMEOUT, reason_of
from orthanc_state.client import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.checks.subject import Subject


def _targets(subject: Subject) -> Iterator[str]:
    return (
        f"modalities/{name}"
        for name, entry in subject.modalities.items()
        if other_end(subject, entry) not in (None, subject)
    )


def _look(subject: Subject, target: str) -> Finding:
    path = ("modalities", entry_of(target))
    other = other_end(subject, subject.modalities[entry_of(target)])
    if other is None:
        return skipped("it is no server of the inventory", path=path)
    aet, port = subject.system.get("DicomAet"), subject.system.get("DicomPort")
    name = next(
        (
            name
            for name, entry in other.reader.modalities.configurations().items()
            if entry.get("AET") == aet and entry.get("Port") == port
        ),
        None,
    )
    if name is None:
        return skipped(f"{other.name} has no modality with the AE title {aet} and the port {port}", path=path)
    try:
        other.orthanc.modalities[name].echo(timeout=ECHO_TIMEOUT)
    except ClientError as error:
        if name in other.unasked:
            return skipped(NOT_ASKED, UNASKED_HINT, path)
        return failed(f"{other.name} gets no C-ECHO from here: {reason_of(error)}", "see what is between them", path)
    return ok(f"{other.name} gets a C-ECHO from here, which it knows as {name}", path)


CHECK = Check(
    "echo-back",
    "Each modality that is a server of the inventory gets a C-ECHO from this one.",
    _look,
    _targets,
    reaches=True,
)
