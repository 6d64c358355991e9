"""What an apply did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orthanc_state.execution.tally import Tally
    from orthanc_state.kinds.live import Server
    from orthanc_state.planning.change import Change, PolicyChange
    from orthanc_state.planning.fields import FieldChange


class Outcome(StrEnum):
    """What became of one change."""

    APPLIED = "applied"
    FAILED = "failed"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True)
class Result:
    """One change and what became of it.

    Attributes:
        change: The change as it was planned.
        outcome: What became of it.
        reason: Why it failed or was not tried.
        differences: What was read back (`before`) where it is not what was sent (`after`).
        tally: What became of the single changes of a policy.
    """

    change: Change | PolicyChange
    outcome: Outcome
    reason: str = ""
    differences: tuple[FieldChange, ...] = ()
    tally: Tally | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What an apply did to one server.

    Attributes:
        server: The server.
        results: One result for each change of the plan, in its order.
        interrupted: Whether it was stopped before its end.
    """

    server: Server
    results: tuple[Result, ...]
    interrupted: bool = False

    @property
    def ok(self) -> bool:
        """Whether every change was applied, and seen to be in force."""
        return all(result.outcome is Outcome.APPLIED for result in self.results)

    def of(self, outcome: Outcome) -> list[Result]:
        """The results of one sort."""
        return [result for result in self.results if result.outcome is outcome]
