"""The plans of a fleet made so: wave by wave, several servers at once, and no wave after one that failed."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from orthanc_state.engine import apply
from orthanc_state.errors import OrthancStateError, Problem, ProblemsError
from orthanc_state.execution.executor import ExecutionError, check
from orthanc_state.fleet.plan import Standing
from orthanc_state.fleet.pool import WORKERS, at_once
from orthanc_state.fleet.report import BY_SOMEBODY, Done, FleetReport, ServerReport
from orthanc_state.fleet.waves import Waves

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from threading import Event

    from orthanc_state.execution.journal import Journal
    from orthanc_state.fleet.member import Member
    from orthanc_state.fleet.plan import FleetPlan, ServerPlan
    from orthanc_state.planning.plan import Plan


class FleetError(ProblemsError):
    """A fleet is not applied at all: nothing was written on any server."""

    code = "fleet-refused"
    remedy = (
        "Nothing was written on any server. Mend what each line names, choose others with `--server`, go on without "
        "those that failed with `--without-failed`, or allow what is meant with `--allow-deletes`."
    )


def apply_fleet(
    plan: FleetPlan,
    members: Mapping[str, Member],
    *,
    waves: Waves | None = None,
    after_wave: Callable[[int, Sequence[ServerReport]], bool] | None = None,
    journal: Callable[[ServerPlan], AbstractContextManager[Journal | None]] | None = None,
    on_server: Callable[[ServerReport], None] | None = None,
    on_wave: Callable[[int, int, Sequence[str]], None] | None = None,
    stop: Event | None = None,
    scripts: bool = True,
    allow_deletes: bool = False,
    without_failed: bool = False,
    workers: int = WORKERS,
) -> FleetReport:
    """Make the plans of a fleet so.

    Nothing is written anywhere before every server has a plan that its limits allow, and has answered that it is the
    one that was planned for. Then the waves follow each other; the servers of a wave are written at once. A wave of
    which anything failed is the last one.

    Args:
        plan: What `plan_fleet` gave, or a saved plan.
        members: The servers of the inventory, by name.
        waves: How many servers are done after each wave; all at once if None. Servers on which there is nothing to do
            are in no wave.
        after_wave: Called after each wave that went well, with its number and its rows, in this thread; False stops.
        journal: Gives the journal of a server, to be opened.
        on_server: Called with each row as it comes, in this thread.
        on_wave: Called before each wave with its number, how many there are, and the names of its servers.
        stop: When it is set, each server finishes what it has in hand, and the rest is not tried.
        scripts: Whether scripts may be run on servers that allow them.
        allow_deletes: Whether more may be taken away than the limits allow.
        without_failed: Whether servers that have no plan, or do not answer, are left out rather than stop everything.
        workers: How many servers are written at once.

    Raises:
        FleetError: A server has no plan, takes away too much, does not answer or is another one. Nothing was written.
        WavesError: The waves do not come to all servers.
    """
    run = _Run(
        members,
        journal=journal or (lambda server: nullcontext()),
        on_server=on_server or (lambda row: None),
        stop=stop,
        scripts=scripts,
        allow_deletes=allow_deletes,
        workers=workers,
    )
    _refuse_over_limits(plan, allow_deletes=allow_deletes)
    waves = waves or Waves()
    waves.split(plan.pending)
    refused = run.refused(plan.pending)
    errors = {server.name: server.error for server in plan.failed if server.error is not None} | refused
    if errors and not without_failed:
        raise _not_all(plan, errors)
    split = waves.split([server for server in plan.pending if server.name not in errors])
    rows = {server.name: row for server in plan.servers if (row := _settled(server, errors)) is not None}
    for row in rows.values():
        run.on_server(row)
    stopped = ""
    for number, wave in enumerate(split, 1):
        if stopped:
            rest = [ServerReport(each.name, each.url, Done.NOT_TRIED, number, reason=stopped) for each in wave]
            for row in rest:
                run.on_server(row)
        else:
            if on_wave is not None:
                on_wave(number, len(split), [server.name for server in wave])
            rest = run.wave(wave, number)
            stopped = _why_stopped(number, rest, stop, after_wave)
        rows |= {row.name: row for row in rest}
    if stopped == BY_SOMEBODY and all(row.done not in (Done.NOT_TRIED, Done.INTERRUPTED) for row in rows.values()):
        # It came too late to stop anything.
        stopped = ""
    return FleetReport(tuple(rows[server.name] for server in plan.servers), len(split), stopped)


def _why_stopped(
    number: int,
    rows: Sequence[ServerReport],
    stop: Event | None,
    after_wave: Callable[[int, Sequence[ServerReport]], bool] | None,
) -> str:
    if stop is not None and stop.is_set():
        return BY_SOMEBODY
    failed = [row.name for row in rows if row.done is not Done.APPLIED]
    if failed:
        return f"wave {number} failed on {', '.join(failed)}"
    if after_wave is not None and not after_wave(number, rows):
        return f"the check after wave {number} failed"
    return ""


def _settled(server: ServerPlan, errors: Mapping[str, OrthancStateError]) -> ServerReport | None:
    """The row of a server on which nothing is tried; None for one of a wave."""
    if server.name in errors:
        return ServerReport(server.name, server.url, Done.FAILED, error=errors[server.name])
    if server.standing in (Standing.IN_SYNC, Standing.NOT_CONCERNED):
        return ServerReport(server.name, server.url, Done.IN_SYNC)
    return None


def _refuse_over_limits(plan: FleetPlan, *, allow_deletes: bool) -> None:
    if allow_deletes or not plan.over_limits:
        return
    problems = [
        Problem(reason, field=server.name)
        for server in plan.over_limits
        for reason in (server.plan.over_limits if server.plan is not None else ())
    ]
    error = FleetError("more is taken away than the limits allow; nothing was written anywhere", problems)
    error.hint = "If it is meant, give --allow-deletes, or raise `limits` in the documents."
    raise error


def _not_all(plan: FleetPlan, errors: Mapping[str, OrthancStateError]) -> FleetError:
    problems = [
        Problem(error.message, field=server.name, hint=error.hint)
        for server in plan.servers
        if (error := errors.get(server.name)) is not None
    ]
    count = f"{len(errors)} of {len(plan.servers)} servers"
    error = FleetError(f"{count} cannot be applied, so nothing was written anywhere", problems)
    error.hint = "Mend them, choose others with --server, or give --without-failed to go on without them."
    return error


class _Run:
    """One apply of a fleet."""

    def __init__(
        self,
        members: Mapping[str, Member],
        *,
        journal: Callable[[ServerPlan], AbstractContextManager[Journal | None]],
        on_server: Callable[[ServerReport], None],
        stop: Event | None,
        scripts: bool,
        allow_deletes: bool,
        workers: int,
    ) -> None:
        self.on_server = on_server
        self._members = members
        self._journal = journal
        self._stop = stop
        self._scripts = scripts
        self._allow_deletes = allow_deletes
        self._workers = workers

    def refused(self, servers: Sequence[ServerPlan]) -> dict[str, OrthancStateError]:
        """The servers that do not answer, or are not those that were planned for, each with the reason."""
        answers = at_once(self._refusal, servers, self._workers)
        return {server.name: error for server, error in answers if error is not None}

    def _refusal(self, server: ServerPlan) -> OrthancStateError | None:
        try:
            with self._member(server).connect() as orthanc:
                check(orthanc, _plan(server), allow_deletes=self._allow_deletes)
        except OrthancStateError as error:
            return error
        return None

    def wave(self, servers: Sequence[ServerPlan], number: int) -> list[ServerReport]:
        """Apply the plans of one wave, and tell of each server."""
        rows = []
        for _, row in at_once(self._applied, servers, self._workers):
            rows.append(replace(row, wave=number))
            self.on_server(rows[-1])
        return rows

    def _applied(self, server: ServerPlan) -> ServerReport:
        if self._stop is not None and self._stop.is_set():
            return ServerReport(server.name, server.url, Done.NOT_TRIED, reason=BY_SOMEBODY)
        try:
            with self._member(server).connect() as orthanc, self._journal(server) as journal:
                report = apply(
                    orthanc,
                    _plan(server),
                    stop=self._stop,
                    scripts=self._scripts,
                    journal=journal,
                    allow_deletes=self._allow_deletes,
                )
        except OrthancStateError as error:
            return ServerReport(server.name, server.url, Done.FAILED, error=error)
        done = Done.INTERRUPTED if report.interrupted else Done.APPLIED if report.ok else Done.FAILED
        return ServerReport(server.name, server.url, done, report=report)

    def _member(self, server: ServerPlan) -> Member:
        member = self._members.get(server.name)
        if member is None:
            raise ExecutionError(f"the inventory has no server {server.name} any more", hint="Make the plan anew.")
        if member.url != server.url:
            message = f"the inventory has {member.url} for {server.name}, and this plan was made for {server.url}"
            raise ExecutionError(message, hint="Make the plan anew.")
        return member


def _plan(server: ServerPlan) -> Plan:
    if server.plan is None:
        raise ValueError(f"{server.name} has no plan")
    return server.plan
