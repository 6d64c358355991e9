"""What an apply did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from orthanc_state.shown import Shown

if TYPE_CHECKING:
    from orthanc_state.execution.tally import Tally
    from orthanc_state.kinds.live import Server
    from orthanc_state.kinds.state import State
    from orthanc_state.planning.change import Change, PolicyChange
    from orthanc_state.planning.fields import FieldChange


class Outcome(StrEnum):
    """What became of one change."""

    APPLIED = "applied"
    ALREADY = "already"
    """Somebody else had made it so since the plan: nothing was written."""
    MOVED = "moved"
    """The server had changed since the plan, to something else: nothing was written."""
    FAILED = "failed"
    NOT_TRIED = "not_tried"

    @property
    def ok(self) -> bool:
        """Whether the server is as it was planned."""
        return self in (Outcome.APPLIED, Outcome.ALREADY)


@dataclass(frozen=True, slots=True)
class Result:
    """One change and what became of it.

    Attributes:
        change: The change as it was planned.
        outcome: What became of it.
        reason: Why it failed or was not tried.
        found: Where the server had moved, what it had instead of what was planned from; None when there was nothing.
        differences: What was read back (`before`) where it is not what was sent (`after`).
        tally: What became of the single changes of a policy.
    """

    change: Change | PolicyChange
    outcome: Outcome
    reason: str = ""
    found: State | None = None
    differences: tuple[FieldChange, ...] = ()
    tally: Tally | None = None


@dataclass(frozen=True, slots=True)
class Report(Shown):
    """What an apply did to one server.

    Attributes:
        server: The server.
        results: One result for each change of the plan, in its order.
        interrupted: Whether it was stopped before its end.
        journal: The file in which all of it is recorded; empty where there is none.
    """

    server: Server
    results: tuple[Result, ...]
    interrupted: bool = False
    journal: str = ""

    @property
    def ok(self) -> bool:
        """Whether every change is in force, and was seen to be."""
        return all(result.outcome.ok for result in self.results)

    @property
    def written(self) -> bool:
        """Whether anything of it was written, be it all in force or not."""
        return any(
            result.tally.done > 0 if result.tally is not None else result.outcome is Outcome.APPLIED
            for result in self.results
        )

    @property
    def code(self) -> str:
        """The name of how it ended, among those of `codes.py`; empty when every change is in force."""
        if self.ok:
            return ""
        if self.interrupted:
            return "interrupted"
        return "plan-moved" if self.of(Outcome.MOVED) and not self.of(Outcome.FAILED) else "apply-incomplete"

    def of(self, outcome: Outcome) -> list[Result]:
        """The results of one sort."""
        return [result for result in self.results if result.outcome is outcome]
