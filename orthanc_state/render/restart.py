"""What becomes of the changes of a plan when the server starts again, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.kinds.durability import flag_of
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.kinds.switches import word_for
from orthanc_state.planning.durability import Fate

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIRST = {
    Fate.LOST: "Lost at the next restart, unless the configuration file says the same",
    Fate.KEPT: "Kept at the next restart",
    Fate.UNKNOWN: "Not known whether a restart keeps it",
}
_THEN = {Fate.LOST: "lost", Fate.KEPT: "kept", Fate.UNKNOWN: "not known"}


def restart_text(after: Mapping[Fate, Mapping[str, int]]) -> str:
    """The sentence; empty where nothing changes.

    Args:
        after: For each fate the names of the kinds, and how many changes each; as `Plan.after_restart`.
    """
    parts: list[str] = []
    for fate, kinds in after.items():
        if kinds:
            words = _THEN[fate] if parts else _FIRST[fate]
            parts.append(f"{words}: {', '.join(_counted(kind, count) for kind, count in kinds.items())}")
    if unknown := after.get(Fate.UNKNOWN):
        parts[-1] += f" (say {assumption(unknown)} if it is so)"
    return f"{'; '.join(parts)}." if parts else ""


def assumption(kinds: Mapping[str, int]) -> str:
    """What a document can say so that it is known what a restart does to some kinds."""
    words = (word_for(flag_of(all_kinds()[kind].durability)) for kind in kinds)
    return f"`assume: {{{', '.join(f'{word}: true' for word in words)}}}`"


def _counted(kind: str, count: int) -> str:
    return f"{kind} ({count})" if count > 1 else kind
