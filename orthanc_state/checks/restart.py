"""Whether what the document declares survives a restart of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check
from orthanc_state.checks.result import Finding, failed, ok
from orthanc_state.kinds.durability import flag_of
from orthanc_state.kinds.kind import ResourceKind
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.kinds.switches import word_for
from orthanc_state.kinds.version import parse_version
from orthanc_state.planning.durability import Fate, fate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.checks.subject import Subject
    from orthanc_state.configuration.start import Start
    from orthanc_state.kinds.kind import Kind

EXAMPLES = 3
"""How many of the things that are lost are named."""


def _targets(subject: Subject) -> Iterator[str]:
    return ("/".join(kind.path) for kind in (subject.document.kinds if subject.document is not None else ()))


def _look(subject: Subject, target: str) -> Finding:
    kind = all_kinds()[target.replace("/", ".")]
    flag, start = flag_of(kind.durability), subject.settings.start
    known = {**subject.switches, **(start.switches([flag]) if start is not None and flag else {})}
    match fate(kind.name, known):
        case Fate.KEPT:
            return ok("kept, in the server's database", kind.path)
        case Fate.UNKNOWN:
            hint = f"say `assume: {{{word_for(flag)}: true}}` if it is, allow scripts, or give --configuration FILE"
            return failed(f"not known to survive a restart: the server does not tell {flag}", hint, kind.path)
        case _ if start is not None and isinstance(kind, ResourceKind):
            return _begun(subject, kind, start)
        case _:
            hint = f"{_advice(kind)}, or let it start with what `render-config` writes and give --configuration FILE"
            return failed("lost at a restart: the server starts with its configuration file", hint, kind.path)


def _begun(subject: Subject, kind: ResourceKind, start: Start) -> Finding:
    """Whether the server starts with what is declared."""
    section = subject.document.sections[kind.name] if subject.document is not None else None
    raw = kind.read(subject.reader, section)
    lost = start.lost(kind, section, raw, parse_version(subject.system["Version"]))
    if not lost:
        return ok("the configuration that the server starts with says the same", kind.path)
    named = [name for name in lost if name]
    what = f" of {', '.join(named[:EXAMPLES])}{' and others' if len(named) > EXAMPLES else ''}" if named else ""
    hint = f"{_advice(kind)}, or write the configuration anew with `render-config`"
    path = (*kind.path, *named[:1])
    return failed(
        f"lost at a restart: the configuration that the server starts with does not say the same{what}", hint, path
    )


def _advice(kind: Kind) -> str:
    flag = flag_of(kind.durability)
    return f"set {flag} to true in its configuration" if flag else "apply the document after each start"


CHECK = Check("restart", "What is declared survives a restart.", _look, _targets, by_default=False)
