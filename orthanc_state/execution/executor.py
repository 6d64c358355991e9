"""Sends what a plan holds, in its order, and reads each write back."""

from __future__ import annotations

from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING

from orthanc_state.client import ClientError, ConnectionFailedError
from orthanc_state.errors import OrthancStateError
from orthanc_state.execution.batches import batches
from orthanc_state.execution.history import JournalError
from orthanc_state.execution.journal import NoRecord
from orthanc_state.execution.policy import PolicyRun
from orthanc_state.execution.report import Outcome, Report, Result
from orthanc_state.execution.script import Script
from orthanc_state.execution.tally import Tally
from orthanc_state.execution.write import ServerLostError, write
from orthanc_state.kinds.live import identify
from orthanc_state.planning.change import Change, PolicyChange

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orthanc_state.client import Orthanc
    from orthanc_state.execution.journal import Journal, Record
    from orthanc_state.planning.plan import Plan


class ExecutionError(OrthancStateError):
    """A plan cannot be applied at all; nothing was written."""

    code = "apply-refused"
    remedy = (
        "Nothing was written. The plan is not for this server as it is now, or takes away more than its limits allow: "
        "make it anew, or give `--allow-deletes` if it is meant."
    )


def execute(
    orthanc: Orthanc,
    plan: Plan,
    *,
    on_result: Callable[[Result], None] | None = None,
    stop: Event | None = None,
    on_progress: Callable[[int], None] | None = None,
    scripts: bool = True,
    journal: Journal | None = None,
    allow_deletes: bool = False,
) -> Report:
    """Apply a plan. Nothing is decided here: what is sent stands in the plan.

    A change that fails stops only those that depend on it. When the server is gone, the rest is not tried. Many entries
    of one kind are sent several at a time, to a server on another machine.

    Args:
        orthanc: The server, over a connection that can write.
        plan: The plan.
        on_result: Called after each change, in the order of the plan.
        stop: When it is set, what is in hand is finished and the rest is not tried.
        on_progress: Called with the number of single changes of policies that are settled since it was called last.
        scripts: Whether scripts may be run on a server that allows them.
        journal: Where everything that is sent is noted before it is sent.
        allow_deletes: Whether it may take away more than its limits allow.

    Raises:
        ExecutionError: The plan was made for another server, or takes away more than its limits allow.
        JournalError: The journal cannot be written; what was in hand then is done, and nothing after it.
    """
    check(orthanc, plan, allow_deletes=allow_deletes)
    done: list[Result] = []
    try:
        return _execute(
            orthanc,
            plan,
            done,
            on_result=on_result or (lambda result: None),
            stop=stop,
            on_progress=on_progress or (lambda count: None),
            scripts=scripts,
            journal=journal,
        )
    except JournalError as error:
        count = f"{len(done)} of {len(plan.changes) + len(plan.by_policies)} changes were dealt with before"
        raise JournalError(f"{error.message}; {count}, and nothing more is sent", hint=error.hint) from None


def _execute(
    orthanc: Orthanc,
    plan: Plan,
    done: list[Result],
    *,
    on_result: Callable[[Result], None],
    stop: Event | None,
    on_progress: Callable[[int], None],
    scripts: bool,
    journal: Journal | None,
) -> Report:
    record = journal or NoRecord()
    record.begin(plan)
    policies = _Policies(orthanc, plan, stop, on_progress, record, scripts=scripts)
    unusable: set[str] = set()
    lost, interrupted = Event(), Event()

    def stopped() -> bool:
        if stop is not None and stop.is_set():
            interrupted.set()
        return interrupted.is_set()

    def idle(change: Change | PolicyChange) -> str:
        """Why a change is not tried; empty where it is."""
        if stopped():
            return "interrupted"
        if lost.is_set():
            return "the server could not be reached any more"
        blocked = next((address for address in change.depends_on if address in unusable), None)
        return f"it needs {blocked}, which was not written" if blocked is not None else ""

    def tried(changes: Sequence[Change | PolicyChange]) -> Sequence[Result]:
        try:
            if isinstance(changes[0], PolicyChange):
                return [policies.apply(changes[0])]
            resources = [change for change in changes if isinstance(change, Change)]
            return write(orthanc, resources, plan.read_with, record, stopped)
        except ServerLostError as error:
            lost.set()
            return error.results

    def settle(batch: Sequence[Change | PolicyChange]) -> list[Result]:
        results: dict[str, Result] = {}
        # What was held back since a request beside it was not answered is tried again, while the server is there.
        while left := [change for change in batch if change.address not in results]:
            reasons = {change.address: idle(change) for change in left}
            results |= {
                change.address: Result(change, Outcome.NOT_TRIED, reasons[change.address])
                for change in left
                if reasons[change.address]
            }
            if ready := [change for change in left if not reasons[change.address]]:
                results |= {result.change.address: result for result in tried(ready)}
        return [results[change.address] for change in batch]

    for batch in batches([*plan.changes, *plan.by_policies]):
        results = settle(batch)
        done += results
        for result in results:
            if not result.outcome.ok:
                unusable.add(result.change.address)
            record.settled(result)
            on_result(result)
    # Also a policy that was the last change can have been stopped in its middle.
    cut = stop is not None and stop.is_set() and any(result.tally and result.tally.not_tried for result in done)
    report = Report(plan.server, tuple(done), interrupted.is_set() or cut, str(journal.path) if journal else "")
    record.end(report)
    return report


def check(orthanc: Orthanc, plan: Plan, *, allow_deletes: bool) -> None:
    """Refuse a plan before anything of it is written.

    Raises:
        ExecutionError: It is for another server, or takes away more than its limits allow.
        ClientError: The server cannot be asked which one it is.
    """
    if orthanc.url != plan.server.url:
        raise ExecutionError(f"this plan was made for {plan.server.url}, and this server is {orthanc.url}")
    if plan.over_limits and not allow_deletes:
        raise ExecutionError(
            f"this plan takes away more than its limits allow: {'; '.join(plan.over_limits)}; nothing was written",
            hint="If it is meant, give --allow-deletes, or raise `limits` in the document.",
        )
    if plan.empty:
        return
    server = identify(orthanc)
    for what in ("version", "name", "aet"):
        planned, found = (getattr(each, what) for each in (plan.server, server))
        if planned != found:
            words = {"version": "version", "name": "name", "aet": "AE title"}[what]
            message = f"this plan was made for another server: its {words} was {planned!r}, and this one's is {found!r}"
            raise ExecutionError(message, hint="Make the plan anew.")


class _Policies:
    """Applies the policies of one plan; whether the server allows scripts is found out once, when it matters."""

    def __init__(
        self,
        orthanc: Orthanc,
        plan: Plan,
        stop: Event | None,
        on_progress: Callable[[int], None],
        record: Record,
        *,
        scripts: bool,
    ) -> None:
        self._orthanc = orthanc
        self._policies = {policy.name: policy for policy in plan.policies}
        self._stop = stop
        self._on_progress = on_progress
        self._record = record
        self._scripts = scripts

    @cached_property
    def _script(self) -> Script | None:
        return Script.allowed(self._orthanc) if self._scripts else None

    def apply(self, change: PolicyChange) -> Result:
        """Apply one policy.

        Raises:
            ServerLostError: The server is gone.
        """
        tally = Tally()
        try:
            # Also what it asks before it writes anything may fail, and is then what became of this policy.
            PolicyRun(
                self._orthanc,
                change,
                self._policies.get(change.name),
                tally,
                record=self._record,
                script=self._script,
                stop=self._stop,
                on_progress=self._on_progress,
            ).run()
        except ConnectionFailedError as error:
            reason = f"{error}; whether it was written is not known"
            raise ServerLostError(Result(change, Outcome.FAILED, reason, tally=tally)) from None
        except ClientError as error:
            return Result(change, Outcome.FAILED, str(error), tally=tally)
        if tally.failed or tally.moved or tally.not_tried:
            return Result(change, Outcome.FAILED, tally.text, tally=tally)
        return Result(change, Outcome.APPLIED, tally=tally)
