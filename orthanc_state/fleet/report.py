"""What an apply did to the servers of a fleet."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from orthanc_state.shown import Shown

if TYPE_CHECKING:
    from orthanc_state.errors import OrthancStateError
    from orthanc_state.execution.report import Report

BY_SOMEBODY = "interrupted"
"""Why an apply stopped that somebody stopped."""


class Done(StrEnum):
    """What became of one server."""

    IN_SYNC = "in sync"
    APPLIED = "applied"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class ServerReport:
    """What an apply did to one server of a fleet.

    Attributes:
        name: The server's name in the inventory.
        url: Its URL.
        done: What became of it.
        wave: In which wave it was, from 1; 0 for one on which there was nothing to do, or that could not be applied.
        report: What became of its plan; None where nothing of it was tried.
        error: Why nothing of it was tried, or why it ended in the middle.
        reason: Why it was not tried, where that is not its own fault.
    """

    name: str
    url: str
    done: Done
    wave: int = 0
    report: Report | None = None
    error: OrthancStateError | None = field(default=None, compare=False)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FleetReport(Shown):
    """What an apply did to a fleet.

    Attributes:
        servers: A row for each server of the plan, in its order.
        waves: How many waves there were.
        stopped: Why it stopped before its end; empty where it did not.
    """

    servers: tuple[ServerReport, ...]
    waves: int
    stopped: str = ""

    @property
    def ok(self) -> bool:
        """Whether every server is as it was planned, and every check after a wave went well."""
        return not self.stopped and all(server.done in (Done.APPLIED, Done.IN_SYNC) for server in self.servers)

    @property
    def interrupted(self) -> bool:
        """Whether somebody stopped it."""
        return self.stopped == BY_SOMEBODY

    def of(self, done: Done) -> list[ServerReport]:
        """The servers of which one thing became."""
        return [server for server in self.servers if server.done is done]
