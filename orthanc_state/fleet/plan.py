"""Plans for many servers, made together: one that cannot be planned is one row with its error, and not the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from orthanc_state.engine import plan
from orthanc_state.errors import OrthancStateError
from orthanc_state.fleet.member import MemberError
from orthanc_state.fleet.pool import WORKERS, at_once
from orthanc_state.fleet.topology import one_way_peers
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.planning.scope import ScopeError
from orthanc_state.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from orthanc_state.client import Orthanc
    from orthanc_state.document.document import Document
    from orthanc_state.errors import Problem
    from orthanc_state.fleet.member import Member
    from orthanc_state.planning.plan import Plan


class Standing(StrEnum):
    """How a server stands to its plan."""

    IN_SYNC = "in sync"
    CHANGES = "to change"
    OVER_LIMITS = "over limits"
    """It has a plan that takes away more than its limits allow."""
    NOT_CONCERNED = "not concerned"
    """It has nothing of what was chosen with `--target`."""
    FAILED = "failed"
    """It has no plan."""


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """The plan of one server of a fleet, or why there is none.

    Attributes:
        name: The server's name in the inventory.
        url: Its URL.
        plan: Its plan; None where there is none.
        error: Why there is none, if that is wrong.
    """

    name: str
    url: str
    plan: Plan | None = None
    error: OrthancStateError | None = field(default=None, compare=False)

    @property
    def standing(self) -> Standing:
        """How the server stands to its plan."""
        if self.error is not None:
            return Standing.FAILED
        if self.plan is None:
            return Standing.NOT_CONCERNED
        if self.plan.empty:
            return Standing.IN_SYNC
        return Standing.OVER_LIMITS if self.plan.over_limits else Standing.CHANGES


@dataclass(frozen=True, slots=True)
class FleetPlan(Shown):
    """What has to be done on the servers of a fleet.

    Attributes:
        inventory: The file that names the servers; empty where there was none.
        servers: A row for each server that was chosen, in the order of the inventory.
        warnings: What the documents of several servers together make probable as a mistake.
    """

    inventory: str
    servers: tuple[ServerPlan, ...]
    warnings: tuple[Problem, ...] = ()

    @property
    def failed(self) -> tuple[ServerPlan, ...]:
        """The servers that have no plan, and should have one."""
        return tuple(server for server in self.servers if server.error is not None)

    @property
    def over_limits(self) -> tuple[ServerPlan, ...]:
        """The servers whose plans take away more than their limits allow."""
        return tuple(server for server in self.servers if server.standing is Standing.OVER_LIMITS)

    @property
    def pending(self) -> tuple[ServerPlan, ...]:
        """The servers on which there is something to do."""
        return tuple(server for server in self.servers if server.plan is not None and not server.plan.empty)

    @property
    def in_sync(self) -> bool:
        """Whether every server has a plan, and there is nothing to do on any of them."""
        return not self.failed and not self.pending


def plan_fleet(
    members: Sequence[Member],
    *,
    inventory: str = "",
    documents: Callable[[Member], Document] | None = None,
    targets: Sequence[str] = (),
    excludes: Sequence[str] = (),
    on_planned: Callable[[ServerPlan], None] | None = None,
    workers: int = WORKERS,
) -> FleetPlan:
    """Compare the servers of a fleet with their documents, several at a time. Only questions are sent.

    Args:
        members: The servers, as `Inventory.select` gives them.
        inventory: The name of the inventory file.
        documents: Gives the document of a server; its own, with the variables of the inventory, if None.
        targets: The addresses, with wildcards, of what is planned; a server that has none of it is not concerned.
        excludes: The addresses, with wildcards, of what is not planned.
        on_planned: Called with each row as it comes, in this thread.
        workers: How many servers are asked at once.

    Returns:
        A row for each server; what a user or a server can cause is an error in its row, and not raised.

    Raises:
        ScopeError: No server has anything of a target.
    """
    # Kinds are looked for in modules, which is better done before there are threads.
    all_kinds()
    loaded: dict[str, Document] = {}

    def document(member: Member) -> Document:
        loaded[member.name] = found = documents(member) if documents is not None else member.document()
        return found

    work = partial(_planned, document=document, targets=targets, excludes=excludes)
    rows: dict[str, ServerPlan | ScopeError] = {}
    for member, row in at_once(work, members, workers):
        rows[member.name] = row
        if on_planned is not None and isinstance(row, ServerPlan):
            on_planned(row)
    unknown = [row for row in rows.values() if isinstance(row, ScopeError)]
    if unknown and len(unknown) == len(rows):
        raise unknown[0]
    return FleetPlan(inventory, tuple(_rows(members, rows)), tuple(one_way_peers(members, loaded)))


def _rows(members: Sequence[Member], rows: dict[str, ServerPlan | ScopeError]) -> Iterator[ServerPlan]:
    for member in members:
        row = rows[member.name]
        yield row if isinstance(row, ServerPlan) else ServerPlan(member.name, member.url)


def _planned(
    member: Member,
    *,
    document: Callable[[Member], Document],
    targets: Sequence[str],
    excludes: Sequence[str],
) -> ServerPlan | ScopeError:
    try:
        wanted = document(member)
        with member.connect() as orthanc:
            _check_station(member, orthanc)
            found = plan(orthanc, wanted, targets=targets, excludes=excludes)
    except ScopeError as error:
        return error
    except OrthancStateError as error:
        return ServerPlan(member.name, member.url, error=error)
    return ServerPlan(member.name, member.url, found)


def _check_station(member: Member, orthanc: Orthanc) -> None:
    """Refuse a server that is not the node that the network says: everybody else would be told wrongly of it."""
    if member.station is None:
        return
    if problems := list(member.station.disagreements(orthanc.read_only().system())):
        raise MemberError(f"{member.name} is not the node that the network says", problems)
