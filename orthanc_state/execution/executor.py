"""Sends what a plan holds, in its order, and reads each write back."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from orthanc_state.client import ClientError, ConnectionFailedError
from orthanc_state.errors import OrthancStateError
from orthanc_state.execution.policy import PolicyRun
from orthanc_state.execution.report import Outcome, Report, Result
from orthanc_state.execution.script import Script
from orthanc_state.kinds.registry import resource_kinds
from orthanc_state.planning.change import PolicyChange
from orthanc_state.planning.fields import field_changes

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from orthanc_state.client import Orthanc
    from orthanc_state.execution.tally import Tally
    from orthanc_state.kinds.kind import Context
    from orthanc_state.planning.change import Change
    from orthanc_state.planning.plan import Plan


class ExecutionError(OrthancStateError):
    """A plan cannot be applied at all; nothing was written."""


def execute(
    orthanc: Orthanc,
    plan: Plan,
    *,
    on_result: Callable[[Result], None] | None = None,
    stop: Event | None = None,
    on_progress: Callable[[int], None] | None = None,
    scripts: bool = True,
) -> Report:
    """Apply a plan. Nothing is decided here: what is sent stands in the plan.

    A change that fails stops only those that depend on it. When the server is gone, the rest is not tried.

    Args:
        orthanc: The server, over a connection that can write.
        plan: The plan.
        on_result: Called after each change, in the order of the plan.
        stop: When it is set, the change in hand is finished and the rest is not tried.
        on_progress: Called with the number of single changes of policies that are settled since it was called last.
        scripts: Whether scripts may be run on a server that allows them.

    Raises:
        ExecutionError: The plan was made for another server.
    """
    if orthanc.url != plan.server.url:
        raise ExecutionError(f"this plan was made for {plan.server.url}, and this server is {orthanc.url}")
    results: list[Result] = []
    unusable: set[str] = set()
    policies = _Policies(orthanc, plan, stop, on_progress or (lambda count: None), scripts=scripts)
    lost = ""
    interrupted = False
    changes: list[Change | PolicyChange] = [*plan.changes, *plan.by_policies]
    for change in changes:
        interrupted = interrupted or (stop is not None and stop.is_set())
        blocked = next((address for address in change.depends_on if address in unusable), None)
        if interrupted:
            result = Result(change, Outcome.NOT_TRIED, "interrupted")
        elif lost:
            result = Result(change, Outcome.NOT_TRIED, lost)
        elif blocked is not None:
            result = Result(change, Outcome.NOT_TRIED, f"it needs {blocked}, which failed")
        else:
            try:
                if isinstance(change, PolicyChange):
                    result = policies.apply(change)
                else:
                    result = _write(orthanc, change, plan.context)
            except ConnectionFailedError as error:
                tally = policies.tally if isinstance(change, PolicyChange) else None
                result = Result(change, Outcome.FAILED, f"{error}; whether it was written is not known", tally=tally)
                lost = "the server could not be reached any more"
        if result.outcome is not Outcome.APPLIED:
            unusable.add(change.address)
        results.append(result)
        if on_result is not None:
            on_result(result)
    # Also a policy that was the last change can have been stopped in its middle.
    cut = stop is not None and stop.is_set() and any(result.tally and result.tally.not_tried for result in results)
    return Report(plan.server, tuple(results), interrupted or cut)


class _Policies:
    """Applies the policies of one plan; whether the server allows scripts is found out once, when it matters."""

    def __init__(
        self, orthanc: Orthanc, plan: Plan, stop: Event | None, on_progress: Callable[[int], None], *, scripts: bool
    ) -> None:
        self._orthanc = orthanc
        self._policies = {policy.name: policy for policy in plan.policies}
        self._stop = stop
        self._on_progress = on_progress
        self._scripts = scripts
        self.tally: Tally | None = None
        """What became of the policy in hand, also when the server is lost meanwhile."""

    @cached_property
    def _script(self) -> Script | None:
        return Script.allowed(self._orthanc) if self._scripts else None

    def apply(self, change: PolicyChange) -> Result:
        """Apply one policy.

        Raises:
            ConnectionFailedError: The server is gone.
        """
        run = PolicyRun(
            self._orthanc,
            change,
            self._policies[change.name],
            script=self._script,
            stop=self._stop,
            on_progress=self._on_progress,
        )
        self.tally = tally = run.tally
        try:
            run.run()
        except ConnectionFailedError:
            raise
        except ClientError as error:
            return Result(change, Outcome.FAILED, str(error), tally=tally)
        if tally.failed or tally.moved or tally.not_tried:
            return Result(change, Outcome.FAILED, tally.text, tally=tally)
        return Result(change, Outcome.APPLIED, tally=tally)


def _write(orthanc: Orthanc, change: Change, context: Context | None) -> Result:
    """Send one change and read it back.

    Raises:
        ConnectionFailedError: The server is gone, and what became of the change is not known.
    """
    if context is None:
        raise ValueError("this plan does not say how it is read back")
    operation = change.operation
    try:
        orthanc.request(operation.method, operation.path, body=operation.body, text=operation.text)
    except ConnectionFailedError:
        # The request may have arrived all the same: what the server has now decides.
        pass
    except ClientError as error:
        return Result(change, Outcome.FAILED, str(error))
    return _verify(orthanc, change, context)


def _verify(orthanc: Orthanc, change: Change, context: Context) -> Result:
    kind = next(kind for kind in resource_kinds() if kind.name == change.kind)
    try:
        found = kind.read_back(orthanc, change.name, context)
    except ConnectionFailedError:
        raise
    except ClientError as error:
        return Result(change, Outcome.FAILED, f"it was sent, but cannot be read back: {error}")
    if found is None or change.after is None:
        if found is None and change.after is None:
            return Result(change, Outcome.APPLIED)
        reason = "it was sent, but is not on the server" if found is None else "it was deleted, but is still there"
        return Result(change, Outcome.FAILED, reason)
    if kind.fulfils(found, change.after, change.operation):
        return Result(change, Outcome.APPLIED)
    differences = field_changes(found, change.after)
    return Result(change, Outcome.FAILED, "the server did not take all of what was sent", differences)
