"""An apply of every kind that is disturbed at each of its requests in turn: a second one finishes the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc, Report, apply, plan
from orthanc_state.client import ClientError
from orthanc_state.execution.history import History
from orthanc_state.execution.journal import Journal
from tests.faults.fault_proxy import (
    Fault,
    FaultProxy,
    Seen,
    cut,
    delay,
    duplicate,
    forward,
    lose_answer,
    nth,
    reset,
)
from tests.trust.sites import addresses, furnish, site

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state import Plan
    from orthanc_state.testing import OrthancServer

TIMEOUT = 0.3


FAULTS: dict[str, Fault] = {
    "never arrives": reset,
    "arrives, and its answer is lost": lose_answer,
    "arrives, and its answer is cut": cut(),
    "arrives after the time is over": delay(TIMEOUT + 0.2),
    "arrives twice": duplicate,
}

REQUESTS = 40
"""Which server it is, and of each of eleven changes: compared, written, read back; and of one that a
plugin brings, whose place has to be asked for each time."""


def _disturbed(proxy: FaultProxy, found: Plan, journal: Path, *, retries: int) -> Report | ClientError:
    with Journal(journal) as opened, Orthanc(proxy.url, timeout=TIMEOUT, retries=retries) as orthanc:
        try:
            return apply(orthanc, found, journal=opened)
        except ClientError as error:
            return error


def _writes(seen: list[Seen]) -> set[tuple[str, str]]:
    return {(each.method, each.path) for each in seen if each.method != "GET"}


@pytest.mark.parametrize("half", [0, 1], ids=["even", "odd"])
@pytest.mark.parametrize("name", FAULTS)
def test_a_second_apply_finishes_whatever_happens_to_whichever_request(
    server: OrthancServer, tmp_path: Path, name: str, half: int
) -> None:
    document = site()
    for number in range(1 + half, REQUESTS + 1, 2):
        with FaultProxy(server.url) as proxy:
            with Orthanc(proxy.url) as orthanc:
                found = furnish(orthanc)
            proxy.seen.clear()
            proxy.fault = nth(number, FAULTS[name])
            journal = tmp_path / f"{number}.jsonl"
            report = _disturbed(proxy, found, journal, retries=0)
            assert len(proxy.seen) >= number
        # Whatever was still on its way has arrived.
        assert _writes(proxy.seen) <= {(each.operation.method, each.operation.path) for each in found.changes}
        with Orthanc(server.url) as orthanc:
            left = plan(orthanc, document)
            _is_honest(report, History.read(journal), addresses(left))
            assert apply(orthanc, left).ok
            assert plan(orthanc, document).empty


def _is_honest(report: Report | ClientError, history: History, left: list[str]) -> None:
    """What is said of an apply is what there is of it, and its journal says the same."""
    if isinstance(report, ClientError):
        # It was not even found out which server it is: nothing was written, nor noted.
        assert history.lines == 0
        assert len(left) == 12
        return
    [run] = history.runs
    assert history.torn == 0
    assert run.ended is not None
    assert run.ended["ok"] is report.ok
    said = {result.change.address: result.outcome.value for result in report.results}
    assert {address: line["outcome"] for address, line in run.settled.items()} == said
    applied = {address for address, outcome in said.items() if outcome == "applied"}
    assert applied.isdisjoint(left)
    assert not (report.ok and left)
    assert all(result.reason for result in report.results if not result.outcome.ok)
    assert {line["address"] for line in run.sent} >= applied


def test_an_apply_without_a_fault_asks_as_often_as_is_counted_here(server: OrthancServer) -> None:
    with FaultProxy(server.url, forward) as proxy, Orthanc(proxy.url) as orthanc:
        found = furnish(orthanc)
        proxy.seen.clear()
        assert apply(orthanc, found).ok
    assert len(proxy.seen) == REQUESTS
