"""Whether what the document denies a modality is denied: some fields have no effect where the server allows all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check, entry_of
from orthanc_state.checks.result import Finding, ok, unknown, warning
from orthanc_state.kinds.switches import word_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.checks.subject import Subject

SWITCHES = {
    "allow_echo": "DicomAlwaysAllowEcho",
    "allow_find": "DicomAlwaysAllowFind",
    "allow_find_worklist": "DicomAlwaysAllowFindWorklist",
    "allow_get": "DicomAlwaysAllowGet",
    "allow_move": "DicomAlwaysAllowMove",
    "allow_store": "DicomAlwaysAllowStore",
}
"""Each field of a modality with the switch of the configuration while which is true it has no effect."""


def _denied(entry: object) -> list[str]:
    return [field for field in SWITCHES if getattr(entry, field) is False]


def _targets(subject: Subject) -> Iterator[str]:
    return (f"modalities/{name}" for name, entry in subject.modalities.items() if _denied(entry))


def _look(subject: Subject, target: str) -> Finding:
    name = entry_of(target)
    denied = _denied(subject.modalities[name])
    idle = [field for field in denied if subject.switches.get(SWITCHES[field]) is True]
    dark = [field for field in denied if SWITCHES[field] not in subject.switches]
    if idle:
        switches = ", ".join(SWITCHES[field] for field in idle)
        message = f"no effect of {', '.join(idle)}: the server allows it to all ({switches})"
        return warning(message, f"set {switches} to false in its configuration", ("modalities", name, idle[0]))
    if dark:
        switches = ", ".join(SWITCHES[field] for field in dark)
        words = ", ".join(f"{word_for(SWITCHES[field])}: false" for field in dark)
        message = f"the server does not tell whether {', '.join(dark)} has an effect ({switches})"
        return unknown(message, f"say `assume: {{{words}}}` if it is so", ("modalities", name, dark[0]))
    return ok(f"{', '.join(denied)}: in effect", ("modalities", name))


CHECK = Check("no-effect", "What is denied to a modality is denied.", _look, _targets)
