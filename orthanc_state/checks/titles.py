"""Whether the AE titles and ports of modalities are those that the servers of the inventory have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check, entry_of
from orthanc_state.checks.other_end import other_end
from orthanc_state.checks.result import Finding, failed, ok, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.checks.subject import Subject


def _targets(subject: Subject) -> Iterator[str]:
    return (f"modalities/{name}" for name, entry in subject.modalities.items() if other_end(subject, entry) is not None)


def _look(subject: Subject, target: str) -> Finding:
    name = entry_of(target)
    entry = subject.modalities[name]
    other = other_end(subject, entry)
    if other is None:
        return skipped("it is no server of the inventory")
    for field, declared, key in (("aet", entry.aet, "DicomAet"), ("port", entry.port, "DicomPort")):
        found = other.system.get(key)
        if found != declared:
            what = "AE title" if field == "aet" else "port"
            message = f"the {what} is declared as {declared}, and {other.name} says that it has {found}"
            return failed(message, f"write {found}, or change {key} there", ("modalities", name, field))
    return ok(f"as {other.name} says it", ("modalities", name))


CHECK = Check("titles", "AE titles and ports are those that the other servers of the inventory have.", _look, _targets)
