"""Whether what the document declares survives a restart of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check
from orthanc_state.checks.result import Finding, failed, ok
from orthanc_state.kinds.durability import flag_of
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.kinds.switches import word_for
from orthanc_state.planning.durability import Fate, fate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.checks.subject import Subject


def _targets(subject: Subject) -> Iterator[str]:
    return ("/".join(kind.path) for kind in (subject.document.kinds if subject.document is not None else ()))


def _look(subject: Subject, target: str) -> Finding:
    kind = all_kinds()[target.replace("/", ".")]
    flag = flag_of(kind.durability)
    match fate(kind.name, subject.switches):
        case Fate.KEPT:
            return ok("kept, in the server's database", kind.path)
        case Fate.UNKNOWN:
            hint = f"say `assume: {{{word_for(flag)}: true}}` if it is, or allow scripts"
            return failed(f"not known to survive a restart: the server does not tell {flag}", hint, kind.path)
        case _:
            advice = f"set {flag} to true in its configuration" if flag else "apply the document after each start"
            hint = f"{advice}, or let it start with what `render-config` writes"
            return failed("lost at a restart: the server starts with its configuration file", hint, kind.path)


CHECK = Check("restart", "What is declared survives a restart.", _look, _targets, by_default=False)
