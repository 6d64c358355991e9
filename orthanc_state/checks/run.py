"""Makes checks: several at once, each for so long and no longer. One that crashes has failed, and is not the end."""

from __future__ import annotations

import logging
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from orthanc_state.checks.result import Finding, Result, Results, Status, failed, skipped
from orthanc_state.checks.subject import SERVER, reason_of
from orthanc_state.client import ClientError
from orthanc_state.errors import OrthancStateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from orthanc_state.checks.check import Check
    from orthanc_state.checks.subject import Subject

    Among = Callable[[str, str, str], bool]

WORKERS = 16
"""How many checks are made at once."""

LIMIT = 30.0
"""Seconds after which a check that has not ended has failed."""

ANSWERS = "answers"
"""The check without which no other one can ask the server."""


def _everything(server: str, check: str, target: str) -> bool:
    return True


@dataclass(slots=True, eq=False)
class _Unit:
    """One thing to do for a server, with when it began."""

    subject: Subject
    work: Callable[[], Any]
    check: str
    target: str = SERVER
    began: float | None = None
    value: Any = None
    seconds: float = 0.0

    def __call__(self) -> None:
        self.began = time.monotonic()
        try:
            self.value = self.work()
        finally:
            self.seconds = time.monotonic() - self.began


def run_checks(
    subjects: Sequence[Subject],
    checks: Sequence[Check],
    *,
    limit: float = LIMIT,
    workers: int = WORKERS,
    among: Among = _everything,
    on_result: Callable[[Result], None] | None = None,
) -> Results:
    """Make some checks of some servers.

    A server that does not answer is one failed result, and the checks that would ask it are skipped.

    Args:
        subjects: The servers.
        checks: The checks.
        limit: Seconds for each check at each target.
        workers: How many are made at once.
        among: Whether a target is looked at, given the names of the server, the check and the target.
        on_result: Called with each result as it comes, in this thread.

    Returns:
        The results in the order of the servers, the checks and their targets.
    """
    run = _Run(limit, workers, on_result or (lambda result: None))
    down = run.silent(subjects)
    units: list[_Unit] = []
    for subject in subjects:
        for check in checks:
            if subject in down and check.asks and check.name != ANSWERS:
                run.tell(subject, check.name, SERVER, skipped("the server does not answer"))
            else:
                units.append(_listing(subject, check, among))
    looks: list[_Unit] = []
    for unit, finding in run.done(units):
        if finding is not None:
            run.tell(unit.subject, unit.check, unit.target, finding, unit.seconds)
        else:
            looks += unit.value
    for unit, finding in run.done(looks):
        found = finding if finding is not None else unit.value
        run.tell(unit.subject, unit.check, unit.target, found, unit.seconds)
    order = {subject.name: index for index, subject in enumerate(subjects)}
    return Results(sorted(run.results, key=lambda result: (order[result.server], result.check, result.target)))


def _listing(subject: Subject, check: Check, among: Among) -> _Unit:
    def work() -> list[_Unit]:
        return [_look(subject, check, each) for each in check.targets(subject) if among(subject.name, check.name, each)]

    return _Unit(subject, work, check.name)


def _look(subject: Subject, check: Check, target: str) -> _Unit:
    return _Unit(subject, lambda: check.look(subject, target), check.name, target)


class _Run:
    def __init__(self, limit: float, workers: int, on_result: Callable[[Result], None]) -> None:
        self.results: list[Result] = []
        self._limit = limit
        self._workers = workers
        self._on_result = on_result

    def silent(self, subjects: Sequence[Subject]) -> set[Subject]:
        """The servers that do not answer."""
        units = [_Unit(subject, partial(getattr, subject, "system"), ANSWERS) for subject in subjects]
        return {unit.subject for unit, finding in self.done(units) if finding is not None}

    def tell(self, subject: Subject, check: str, target: str, finding: Finding, seconds: float = 0.0) -> None:
        """Note a result."""
        place = subject.place_of(finding)
        result = Result(
            check, subject.name, target, finding.status, finding.message, finding.hint, place, round(seconds, 3)
        )
        self.results.append(result)
        self._on_result(result)

    def done(self, units: Sequence[_Unit]) -> Iterator[tuple[_Unit, Finding | None]]:
        """Do some things, several at once; each as it ends, with why it failed if it did."""
        if not units:
            return
        pool = ThreadPoolExecutor(max_workers=min(self._workers, len(units)), thread_name_prefix="check")
        submitted: dict[Future[None], _Unit] = {}
        try:
            for unit in units:
                submitted[pool.submit(unit)] = unit
            pending = dict(submitted)
            while pending:
                ended, _ = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in ended:
                    yield pending.pop(future), _crash(future)
                now = time.monotonic()
                late = [
                    future
                    for future, unit in pending.items()
                    if unit.began is not None and now - unit.began > self._limit
                ]
                for future in late:
                    unit = pending.pop(future)
                    unit.seconds = now - (unit.began or now)
                    yield unit, failed(f"not done within {self._limit:g} s", "give it longer with --within SECONDS")
        finally:
            # The thread of what is over its time is left behind; whatever it waits for has an end of its own.
            pool.shutdown(wait=all(future.done() for future in submitted), cancel_futures=True)


def _crash(future: Future[None]) -> Finding | None:
    error = future.exception()
    if error is None:
        return None
    if isinstance(error, ClientError):
        return Finding(Status.FAILED, reason_of(error), error.hint)
    if isinstance(error, OrthancStateError):
        return Finding(Status.FAILED, error.message, error.hint)
    logging.getLogger(__name__).debug("a check crashed", exc_info=error)
    return failed(f"this check crashed: {type(error).__name__}", "this is a defect of the check: --debug tells more")
