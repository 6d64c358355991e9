"""Policies that are disturbed at each request of their apply in turn: a second apply finishes the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from orthanc_state import Orthanc, apply, plan
from orthanc_state.client import ClientError
from orthanc_state.execution.history import History
from orthanc_state.execution.journal import Journal
from tests.faults.disturbances import DISTURBANCES, timeouts
from tests.faults.fault_proxy import FaultProxy, nth
from tests.policies.studies import document, labels, many, policy, store

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state import Plan, Report
    from orthanc_state.testing import OrthancServer

WANTED = document(
    policy("studies", labels={"add": ["archive"], "remove": ["inbox"]}, metadata={"set": {"note": "seen"}}),
    policy("patients", "patient", protected=True),
)


STUDIES = 3


@pytest.fixture
def studies(orthanc: Orthanc) -> list[str]:
    """Three studies; `orthanc` is once a server that allows scripts, and once one that does not."""
    return store(orthanc, *many(STUDIES))


def _furnish(orthanc: Orthanc, studies: list[str]) -> Plan:
    """The plan that every try begins with, of which nothing is done yet."""
    for study in studies:
        orthanc.studies[study].labels.remove("archive")
        orthanc.studies[study].labels.add("inbox")
        if "note" in orthanc.studies[study].metadata.names():
            orthanc.studies[study].metadata["note"].delete()
    for patient in orthanc.patients.ids():
        orthanc.patients[patient].protected.set(False)
    found = plan(orthanc, WANTED)
    assert sum(change.count for change in found.by_policies) == 4 * STUDIES
    return found


def _requests(server: OrthancServer, studies: list[str]) -> int:
    """How many requests an apply without a fault takes."""
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url) as orthanc:
        found = _furnish(orthanc, studies)
        proxy.seen.clear()
        assert apply(orthanc, found, allow_deletes=True).ok
        return len(proxy.seen)


class Disturbed(NamedTuple):
    """An apply of which one request went wrong."""

    found: Plan
    report: Report | None
    journal: Path


def _disturbed(server: OrthancServer, studies: list[str], name: str, number: int, folder: Path) -> Disturbed:
    for timeout in timeouts(name):
        path = folder / f"{number}-{timeout}.jsonl"
        with FaultProxy(server.url) as proxy:
            with Orthanc(proxy.url) as through:
                found = _furnish(through, studies)
            proxy.seen.clear()
            proxy.fault = nth(number, DISTURBANCES[name])
            with Journal(path) as journal, Orthanc(proxy.url, timeout=timeout, retries=0) as through:
                try:
                    report = apply(through, found, journal=journal, allow_deletes=True)
                except ClientError:
                    report = None
        # Whatever was still on its way has arrived.
        if len(proxy.seen) >= number:
            return Disturbed(found, report, path)
    pytest.fail(f"request {number} was never sent")


@pytest.mark.parametrize("server", ["trixie-scripts", "trixie-http"], indirect=True)
@pytest.mark.parametrize("name", DISTURBANCES)
def test_a_second_apply_finishes_whatever_happens_to_whichever_request(
    server: OrthancServer, orthanc: Orthanc, studies: list[str], tmp_path: Path, name: str
) -> None:
    for number in range(1, _requests(server, studies) + 1):
        found, report, path = _disturbed(server, studies, name, number, tmp_path)
        history = History.read(path)
        left = plan(orthanc, WANTED)
        assert history.torn == 0
        if report is None:
            # It was not even found out which server it is: nothing was written, nor noted.
            assert (history.lines, left.by_policies) == (0, found.by_policies)
        else:
            [run] = history.runs
            assert run.ended is not None
            said = {result.change.address: result.outcome for result in report.results}
            assert {address: line["outcome"] for address, line in run.settled.items()} == said
            undone = {change.address for change in left.by_policies}
            assert undone.isdisjoint(address for address, outcome in said.items() if outcome.ok)
        assert apply(orthanc, left, allow_deletes=True).ok
        assert plan(orthanc, WANTED).empty
        assert labels(orthanc, *studies) == [["archive"]] * STUDIES
