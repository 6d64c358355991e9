"""How checks are made: several at once, each for so long, and one that crashes is one failure."""

from __future__ import annotations

import threading
import time
from threading import Event, Lock
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from orthanc_state.checks.check import Check
from orthanc_state.checks.registry import all_checks, chosen_checks, reaching_checks
from orthanc_state.checks.result import Finding, Status, ok
from orthanc_state.checks.run import run_checks
from orthanc_state.checks.subject import Subject
from orthanc_state.errors import OrthancStateError

if TYPE_CHECKING:
    from collections.abc import Callable

    Look = Callable[[Subject, str], Finding]

pytestmark = pytest.mark.orthanc(suites=["trixie"])


def check(look: Look, targets: int = 1, name: str = "mine") -> Check:
    return Check(name, "A check of these tests.", look, lambda subject: [f"t{number}" for number in range(targets)])


def test_one_that_crashes_is_one_failure(orthanc: Orthanc) -> None:
    def look(subject: Subject, target: str) -> Finding:
        if target == "t1":
            raise ZeroDivisionError("hunter2")
        return ok("well")

    def crash(subject: Subject) -> list[str]:
        raise KeyError("hunter2")

    checks = [check(look, 3), Check("worse", "It cannot say what there is to look at.", look, crash)]
    results = run_checks([Subject("s", orthanc)], checks)
    assert [(result.target, result.status) for result in results] == [
        ("t0", Status.OK),
        ("t1", Status.FAILED),
        ("t2", Status.OK),
        ("server", Status.FAILED),
    ]
    assert "ZeroDivisionError" in results[1].message
    assert "hunter2" not in str(results)


def test_one_that_does_not_end_is_one_failure(orthanc: Orthanc) -> None:
    over = Event()

    def look(subject: Subject, target: str) -> Finding:
        if target == "t0":
            over.wait(60)
        return ok("well")

    began = time.monotonic()
    results = run_checks([Subject("s", orthanc)], [check(look, 2)], limit=0.5)
    assert time.monotonic() - began < 20
    over.set()
    assert [result.status for result in results] == [Status.FAILED, Status.OK]
    assert results[0].message == "not done within 0.5 s"
    assert results[0].seconds >= 0.5


def test_no_more_are_made_at_once_than_are_allowed(orthanc: Orthanc) -> None:
    lock, running, most = Lock(), 0, 0

    def look(subject: Subject, target: str) -> Finding:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return ok("well")

    results = run_checks([Subject("s", orthanc)], [check(look, 20)], workers=3)
    assert len(results) == 20
    assert 1 < most <= 3


def test_no_thread_is_left_of_checks_that_have_ended(orthanc: Orthanc) -> None:
    checks = [check(lambda subject, target: ok("well"), 8)]
    for _ in range(200):
        run_checks([Subject("s", orthanc)], checks)
        assert [thread.name for thread in threading.enumerate() if thread.name.startswith("check")] == []


def test_checks_are_chosen_by_name() -> None:
    names = {each.name for each in chosen_checks()}
    assert "echo" in names
    assert "restart" not in names
    assert {each.name for each in chosen_checks(["echo"], more=["restart"])} == {"echo", "restart"}
    assert {each.name for each in chosen_checks(skip=["echo"])} == names - {"echo"}
    assert {each.name for each in reaching_checks()} == {"echo", "echo-back", "peers"}
    assert all(each.summary.endswith(".") for each in all_checks().values())
    with pytest.raises(OrthancStateError) as error:
        chosen_checks(["ecko"])
    assert error.value.hint == "Did you mean `echo`?"
