"""A clock that jumps far back or far ahead between any two requests: nothing waits for it, nothing relies on it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine

from orthanc_state import Orthanc, apply, loads, plan
from orthanc_state.execution.history import History
from orthanc_state.execution.journal import Journal
from orthanc_state.execution.rollback import rollback
from orthanc_state.planning.plan_file import open_plan, save
from tests.faults.fault_proxy import FaultProxy, forward, replace
from tests.faults.world import DOCUMENT, ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.testing import OrthancServer
    from tests.faults.fault_proxy import Exchange, Fault

JUMPS = [timedelta(days=-8000), timedelta(hours=-1), timedelta(hours=1), timedelta(days=8000)]
"""How far it jumps: from a dead battery to a wrong century, and what a change of summer time done wrong is."""

BLANK = """\
version: 1
modalities: {pacs: {state: absent}}
peers: {backup: {state: absent}}
dicom: {default_encoding: Latin1, unknown_sop_class_accepted: true}
logging: {all: default}
metrics: false
"""


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_an_apply_during_which_the_clock_jumps(own: OrthancServer, tmp_path: Path, jump: timedelta) -> None:
    wanted = loads(DOCUMENT, environment=ENVIRONMENT)
    with Orthanc(own.url) as orthanc:
        assert apply(orthanc, plan(orthanc, loads(BLANK))).ok
    path = tmp_path / "journal.jsonl"
    began = time.monotonic()
    with (
        time_machine.travel(datetime.now(UTC), tick=True) as clock,
        FaultProxy(own.url, _each_time(clock, jump)) as proxy,
        Orthanc(proxy.url) as orthanc,
        Journal(path) as journal,
    ):
        found = plan(orthanc, wanted)
        report = apply(orthanc, found, journal=journal)
        assert report.ok
        assert len(report.results) == len(found.changes) > 4
        assert plan(orthanc, wanted).empty
        history = History.read(path)
        [run] = history.runs
        times = {datetime.fromisoformat(line["time"]) for line in (run.head, *run.sent, run.ended or {})}
        assert max(times) - min(times) >= abs(jump)
        assert len(rollback(orthanc, run, ENVIRONMENT).changes) > 4
    # Whatever the clock says, nobody has waited for it.
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_plan_is_applied_by_a_machine_with_another_time(own: OrthancServer, tmp_path: Path, jump: timedelta) -> None:
    path = tmp_path / "plan.json"
    wanted = loads(DOCUMENT, environment=ENVIRONMENT)
    with Orthanc(own.url) as orthanc:
        assert apply(orthanc, plan(orthanc, loads(BLANK))).ok
        save(plan(orthanc, wanted), path)
        with time_machine.travel(datetime.now(UTC) + jump, tick=True):
            assert apply(orthanc, open_plan(path, environment=ENVIRONMENT)).ok
        assert plan(orthanc, wanted).empty


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_server_that_asks_to_wait_until_a_time_is_not_waited_for_for_years(
    own: OrthancServer, jump: timedelta
) -> None:
    until = (datetime.now(UTC) + timedelta(seconds=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    busy = replace("", 503, Retry_After=until)
    began = time.monotonic()
    with (
        time_machine.travel(datetime.now(UTC), tick=True) as clock,
        FaultProxy(own.url, _each_time(clock, jump, busy)) as proxy,
        Orthanc(proxy.url, retries=1) as orthanc,
    ):
        assert orthanc.system()["Version"] == own.version
    assert time.monotonic() - began < 30


def _each_time(clock: time_machine.Traveller, jump: timedelta, once: Fault = forward) -> Fault:
    """The clock jumps at every second request, and back at the others; the first of them is answered as is said."""
    steps = 0

    def fault(exchange: Exchange) -> None:
        nonlocal steps
        clock.shift(jump if steps % 2 == 0 else -jump)
        steps += 1
        (once if steps == 1 else forward)(exchange)

    return fault
