"""What the plan, the report and the inventory of a fleet show: a row for each server, and what stands below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orthanc_state.execution.report import Outcome
from orthanc_state.fleet.plan import Standing
from orthanc_state.fleet.report import Done
from orthanc_state.planning.change import Action
from orthanc_state.render.planned import plan_view
from orthanc_state.render.reported import report_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthanc_state.errors import OrthancStateError, Problem
    from orthanc_state.fleet.inventory import Inventory
    from orthanc_state.fleet.member import Member
    from orthanc_state.fleet.plan import FleetPlan, ServerPlan
    from orthanc_state.fleet.report import FleetReport, ServerReport
    from orthanc_state.render.model import PlanView, ReportView

_ROLES = {
    Standing.CHANGES: "update",
    Standing.OVER_LIMITS: "warning",
    Standing.FAILED: "error",
    Done.APPLIED: "create",
    Done.FAILED: "error",
    Done.INTERRUPTED: "warning",
    Done.NOT_TRIED: "warning",
}


@dataclass(frozen=True, slots=True)
class RowView:
    """One server in a table.

    Attributes:
        role: How its last cell is coloured; empty where there is nothing to say.
        cells: One for each column.
    """

    role: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ErrorView:
    """Why one server has no plan, or was not applied.

    Attributes:
        server: Its name.
        message: What is wrong.
        problems: All that is, where it is more than the message.
        hint: What to do about it; empty where the message says it.
        code: What sort of error it is.
    """

    server: str
    message: str
    problems: tuple[str, ...]
    hint: str
    code: str


@dataclass(frozen=True, slots=True)
class FleetView:
    """The plan or the report of a fleet.

    Attributes:
        title: What it is.
        command: The command that it is of: `plan`, `apply`.
        inventory: The file that names the servers.
        headline: What it comes to, without a capital.
        columns: The heads of the columns.
        rows: The servers.
        stopped: Why it stopped before its end; empty where it did not.
        errors: What went wrong.
        plans: The plans that are not empty, each with the name of its server.
        reports: The reports, each with the name of its server.
    """

    title: str
    command: str
    inventory: str
    headline: str
    columns: tuple[str, ...]
    rows: tuple[RowView, ...]
    stopped: str = ""
    errors: tuple[ErrorView, ...] = ()
    plans: tuple[tuple[str, PlanView], ...] = ()
    reports: tuple[tuple[str, ReportView], ...] = ()


def fleet_plan_view(plan: FleetPlan) -> FleetView:
    """What the plans of a fleet show."""
    by_policies = any(server.plan is not None and server.plan.by_policies for server in plan.servers)
    return FleetView(
        title=f"Plan for {_servers(len(plan.servers))}",
        command="plan",
        inventory=plan.inventory,
        headline=_counts([server.standing.value for server in plan.servers]),
        columns=("server", "version", *(action.value for action in Action), *["stored"] * by_policies, "state"),
        rows=tuple(_plan_row(server, by_policies=by_policies) for server in plan.servers),
        errors=tuple(error_view(server.name, server.error) for server in plan.servers if server.error is not None),
        plans=tuple((server.name, plan_view(server.plan)) for server in plan.pending if server.plan is not None),
    )


def _plan_row(server: ServerPlan, *, by_policies: bool) -> RowView:
    plan = server.plan
    cells = [server.name, plan.server.version if plan is not None else ""]
    cells += ["" if plan is None else str(plan.count(action)) for action in Action]
    if by_policies:
        cells.append("" if plan is None else f"{sum(change.count for change in plan.by_policies):,}")
    why = "" if server.error is None else f": {short(server.error)}"
    return RowView(_ROLES.get(server.standing, ""), (*cells, server.standing.value + why))


def fleet_report_view(report: FleetReport) -> FleetView:
    """What an apply did to a fleet, as it is shown."""
    waves = report.waves > 1
    return FleetView(
        title=f"Report of {_servers(len(report.servers))}",
        command="apply",
        inventory="",
        headline=_counts([server.done.value for server in report.servers]),
        columns=("server", *["wave"] * waves, "applied", "not applied", "state"),
        rows=tuple(_report_row(server, waves=waves) for server in report.servers),
        stopped=report.stopped,
        errors=tuple(error_view(server.name, server.error) for server in report.servers if server.error is not None),
        reports=tuple((server.name, report_view(server.report)) for server in report.servers if server.report),
    )


def _report_row(server: ServerReport, *, waves: bool) -> RowView:
    results = server.report.results if server.report is not None else ()
    applied = sum(result.outcome.ok for result in results)
    cells = [server.name, *[str(server.wave or "")] * waves]
    cells += [str(applied), str(len(results) - applied)] if server.report is not None else ["", ""]
    why = short(server.error) if server.error is not None else server.reason
    return RowView(_ROLES.get(server.done, ""), (*cells, f"{server.done.value}{f': {why}' if why else ''}"))


def server_row(server: ServerReport) -> RowView:
    """What became of one server, as it is told as soon as it is known."""
    results = server.report.results if server.report is not None else ()
    count = f": {sum(result.outcome is Outcome.APPLIED for result in results)} of {len(results)}" if results else ""
    why = server.reason or (short(server.error) if server.error is not None else "")
    return RowView(_ROLES.get(server.done, ""), (server.name, server.done.value + count, why))


def inventory_view(inventory: Inventory, members: Sequence[Member]) -> FleetView:
    """Servers of an inventory with their groups and documents."""
    rows = [
        (member.name, member.url, ", ".join(member.groups), ", ".join(map(inventory.shown, member.documents)))
        for member in members
    ]
    return FleetView(
        title=f"Inventory of {_servers(len(members))}",
        command="inventory",
        inventory=str(inventory.path),
        headline=_servers(len(members)),
        columns=("server", "url", "groups", "documents"),
        rows=tuple(RowView("", row) for row in rows),
    )


def error_view(name: str, error: OrthancStateError) -> ErrorView:
    """Why one server has no plan, or was not applied, as it is shown."""
    return ErrorView(name, error.message, tuple(map(str, getattr(error, "problems", ()))), error.hint, error.code)


def short(error: OrthancStateError) -> str:
    """An error in so many words as a table has room for: its only problem says more than that there is one."""
    problems: Sequence[Problem] = getattr(error, "problems", ())
    return str(problems[0].message) if len(problems) == 1 else error.message


def _counts(states: Sequence[str]) -> str:
    return ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))


def _servers(count: int) -> str:
    return f"{count} server{'' if count == 1 else 's'}"
