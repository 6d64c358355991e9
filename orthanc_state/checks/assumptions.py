"""Whether what the document assumes of the configuration is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check, entry_of
from orthanc_state.checks.result import Finding, failed, ok, unknown
from orthanc_state.kinds.switches import ASSUMABLE, word_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.checks.subject import Subject


def _targets(subject: Subject) -> Iterator[str]:
    return (
        f"assume/{word_for(switch)}" for switch in (subject.document.assume if subject.document is not None else ())
    )


def _look(subject: Subject, target: str) -> Finding:
    word = entry_of(target)
    switch = ASSUMABLE[word]
    assumed = subject.document.assume[switch] if subject.document is not None else None
    found = subject.told.get(switch)
    path = ("assume", word)
    if found is None:
        return unknown("taken for true: the server does not tell, since it allows no scripts", path=path)
    if found is assumed:
        return ok(f"{switch} is {str(found).lower()}", path)
    return failed(f"{switch} is {str(found).lower()} on this server", "mend the document, or the configuration", path)


CHECK = Check("assumptions", "What the document assumes of the configuration is so.", _look, _targets)
