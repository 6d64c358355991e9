"""What a check says of itself, so that it can be found, chosen and run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orthanc_state.checks.subject import SERVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from orthanc_state.checks.result import Finding
    from orthanc_state.checks.subject import Subject


def whole_server(subject: Subject) -> tuple[str, ...]:
    """The target of a check that is of the server as a whole."""
    return (SERVER,)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at. A module in `checks/` that defines a `CHECK` is found by itself.

    Attributes:
        name: What it is called on the command line.
        summary: What it tells, in one sentence.
        look: Looks at one target of a server; it only reads.
        targets: What there is to look at: `modalities/pacs`, or `server`.
        reaches: Whether it is about a link, which an apply can break.
        asks: Whether it asks the server; without, it looks at the document alone.
        by_default: Whether it is made where nobody chooses.
    """

    name: str
    summary: str
    look: Callable[[Subject, str], Finding]
    targets: Callable[[Subject], Iterable[str]] = whole_server
    reaches: bool = False
    asks: bool = True
    by_default: bool = True


def entry_of(target: str) -> str:
    """The name of the entry that a target is: `pacs` of `modalities/pacs`."""
    return target.partition("/")[2]
