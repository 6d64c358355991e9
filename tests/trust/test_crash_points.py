"""An apply of every kind that is disturbed at each of its requests in turn: a second one finishes the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from orthanc_state import Orthanc, Report, apply, plan
from orthanc_state.client import ClientError
from orthanc_state.execution.history import History
from orthanc_state.execution.journal import Journal
from tests.faults.disturbances import DISTURBANCES, timeouts
from tests.faults.fault_proxy import FaultProxy, Seen, forward, nth
from tests.trust.honesty import assert_honest
from tests.trust.sites import ADDRESSES, addresses, furnish, site

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state import Plan
    from orthanc_state.testing import OrthancServer

REQUESTS = 40
"""Which server it is, and of each of eleven changes: compared, written, read back; and of one that a
plugin brings, whose place has to be asked for each time."""


class Disturbed(NamedTuple):
    """An apply of which one request went wrong."""

    found: Plan
    report: Report | ClientError
    seen: list[Seen]
    journal: Path


def _disturbed(server: OrthancServer, name: str, number: int, folder: Path) -> Disturbed:
    for timeout in timeouts(name):
        journal = folder / f"{number}-{timeout}.jsonl"
        with FaultProxy(server.url) as proxy:
            with Orthanc(proxy.url) as orthanc:
                found = furnish(orthanc)
            proxy.seen.clear()
            proxy.fault = nth(number, DISTURBANCES[name])
            with Journal(journal) as opened, Orthanc(proxy.url, timeout=timeout, retries=0) as orthanc:
                try:
                    report: Report | ClientError = apply(orthanc, found, journal=opened)
                except ClientError as error:
                    report = error
        # Whatever was still on its way has arrived.
        if len(proxy.seen) >= number:
            return Disturbed(found, report, proxy.seen, journal)
    pytest.fail(f"request {number} was never sent")


def _writes(seen: list[Seen]) -> set[tuple[str, str]]:
    return {(each.method, each.path) for each in seen if each.method != "GET"}


@pytest.mark.parametrize("half", [0, 1], ids=["even", "odd"])
@pytest.mark.parametrize("name", DISTURBANCES)
def test_a_second_apply_finishes_whatever_happens_to_whichever_request(
    server: OrthancServer, tmp_path: Path, name: str, half: int
) -> None:
    document = site()
    for number in range(1 + half, REQUESTS + 1, 2):
        found, report, seen, journal = _disturbed(server, name, number, tmp_path)
        assert _writes(seen) <= {(each.operation.method, each.operation.path) for each in found.changes}
        with Orthanc(server.url) as orthanc:
            left = plan(orthanc, document)
            assert_honest(report, History.read(journal), addresses(left), len(ADDRESSES))
            assert apply(orthanc, left).ok
            assert plan(orthanc, document).empty


def test_an_apply_without_a_fault_asks_as_often_as_is_counted_here(server: OrthancServer) -> None:
    with FaultProxy(server.url, forward) as proxy, Orthanc(proxy.url) as orthanc:
        found = furnish(orthanc)
        proxy.seen.clear()
        assert apply(orthanc, found).ok
    assert len(proxy.seen) == REQUESTS
