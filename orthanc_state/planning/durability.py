"""What becomes of the changes of a plan when the server starts again."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from orthanc_state.kinds.durability import ALWAYS, flag_of
from orthanc_state.kinds.registry import all_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Fate(StrEnum):
    """What a restart does to what was written."""

    LOST = "lost"
    """The server starts with what its configuration file says, be it the same or not."""
    KEPT = "kept"
    """It is in the server's database."""
    UNKNOWN = "unknown"
    """One or the other, depending on a switch of the configuration that is not known."""


def fate(kind: str, switches: Mapping[str, bool]) -> Fate:
    """What a restart does to what is written of a kind.

    Args:
        kind: The name of the kind.
        switches: What is known of the switches of the configuration, by their names in `orthanc.json`.
    """
    durability = all_kinds()[kind].durability
    if durability == ALWAYS:
        return Fate.KEPT
    flag = flag_of(durability)
    if not flag:
        return Fate.LOST
    on = switches.get(flag)
    return Fate.UNKNOWN if on is None else Fate.KEPT if on else Fate.LOST


def fates(kinds: Iterable[str], switches: Mapping[str, bool]) -> dict[Fate, list[str]]:
    """Some kinds by what a restart does to them, in their order; each once."""
    found: dict[Fate, list[str]] = {each: [] for each in Fate}
    for kind in dict.fromkeys(kinds):
        found[fate(kind, switches)].append(kind)
    return found


def is_switched(kind: str) -> bool:
    """Whether it depends on a switch of the configuration what a restart does to a kind."""
    return bool(flag_of(all_kinds()[kind].durability))
