"""What is shown of many things where there is not room for all, and how much is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthanc_state.render.role import Role


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is shown.

    Attributes:
        role: What is done to it.
        head: The line that names it.
        details: Lines that can be left out.
    """

    role: Role
    head: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is shown of some entries.

    Attributes:
        lines: Heads and details, in the order of the entries.
        bare: How many entries are shown without their details.
        hidden: The entries that are not shown.
    """

    lines: tuple[str, ...]
    bare: int = 0
    hidden: tuple[Entry, ...] = ()


def fitted(entries: Sequence[Entry], room: int | None, first: Sequence[Role] = ()) -> Fitted:
    """As much of some entries as there is room for: the heads of all before the details of any.

    Args:
        entries: What is to be shown.
        room: Characters, with one for the end of each line; None for as many as it takes.
        first: The roles of what is shown before all others when not even the heads have room.
    """
    if room is None:
        return Fitted(tuple(line for entry in entries for line in (entry.head, *entry.details)))
    order = sorted(range(len(entries)), key=lambda index: entries[index].role not in first)
    heads: set[int] = set()
    for index in order:
        size = len(entries[index].head) + 1
        if size > room:
            break
        heads.add(index)
        room -= size
    lines: list[str] = []
    bare = 0
    for index, entry in enumerate(entries):
        if index not in heads:
            continue
        lines.append(entry.head)
        size = sum(len(line) + 1 for line in entry.details)
        if len(heads) == len(entries) and size <= room:
            lines += entry.details
            room -= size
        else:
            bare += bool(entry.details)
    return Fitted(tuple(lines), bare, tuple(entry for index, entry in enumerate(entries) if index not in heads))
