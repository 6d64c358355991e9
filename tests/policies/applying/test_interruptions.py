"""An apply that is interrupted, or whose server is lost: what is said of it, and that a second one finishes."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc, apply, plan
from orthanc_state.execution.report import Outcome
from orthanc_state.execution.script import Script
from tests.faults.fault_proxy import Exchange, Fault, FaultProxy, forward, on, replace, reset
from tests.policies.studies import document, finish, labels, many, policy, store, tallies, writes

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServer


def test_an_interrupted_apply_finishes_what_is_in_hand_and_a_second_one_the_rest(
    orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Script, "BATCH", 10)
    studies = store(orthanc, *many(25))
    wanted = document(
        policy("one", labels={"add": ["new"]}, metadata={"set": {"site": "x"}}), policy("two", labels={"add": ["y"]})
    )
    found = plan(orthanc, wanted)
    stop = Event()
    settled: list[int] = []

    def progress(count: int) -> None:
        settled.append(count)
        if sum(settled) >= 3:
            stop.set()

    report = apply(orthanc, found, stop=stop, on_progress=progress, allow_deletes=True)
    one, two = report.results
    assert (one.outcome, two.outcome) == (Outcome.FAILED, Outcome.NOT_TRIED)
    assert two.reason == "interrupted"
    assert report.interrupted
    assert one.tally is not None
    assert one.tally.done == sum(settled) >= 3
    assert one.tally.done < 25
    assert one.tally.done + one.tally.not_tried == 50
    assert one.tally.text == f"{one.tally.done} done, {one.tally.not_tried} not tried"
    assert sum(each == ["new"] for each in labels(orthanc, *studies)) == one.tally.done
    finish(orthanc, wanted)


def test_the_last_policy_can_be_interrupted_too(orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Script, "BATCH", 5)
    store(orthanc, *many(20))
    stop = Event()
    report = apply(
        orthanc,
        plan(orthanc, document(policy(labels={"add": ["a"]}))),
        stop=stop,
        on_progress=lambda _: stop.set(),
        allow_deletes=True,
    )
    assert report.interrupted
    (tally,) = tallies(report)
    assert tally.not_tried > 0


def test_an_interruption_loses_nothing_of_a_policy_that_looks_at_what_it_changes(
    orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Script, "BATCH", 5)
    studies = store(orthanc, *many(12))
    for study in studies:
        orthanc.studies[study].labels.add("todo")
    wanted = document(
        policy(
            where={"labels": {"all": ["todo"]}},
            labels={"remove": ["todo"], "add": ["done"]},
            metadata={"set": {"site": "{PatientID}"}},
        )
    )
    for limit in (1, 8, 15, 25):
        stop = Event()
        settled: list[int] = []

        def progress(count: int, limit: int = limit, stop: Event = stop, settled: list[int] = settled) -> None:
            settled.append(count)
            if sum(settled) >= limit:
                stop.set()

        apply(orthanc, plan(orthanc, wanted), stop=stop, on_progress=progress, allow_deletes=True)
    finish(orthanc, wanted)
    assert labels(orthanc, *studies) == [["done"]] * 12
    assert [orthanc.studies[study].metadata["site"].get() for study in studies] == many(12)


def test_what_failed_is_still_selected_by_the_second_apply(scripted: OrthancServer) -> None:
    with FaultProxy(scripted.url) as proxy, Orthanc(proxy.url) as orthanc:
        studies = store(orthanc, "A", "B", "C")
        for study in studies:
            orthanc.studies[study].labels.add("todo")
        where = {"labels": {"all": ["todo"]}}
        wanted = document(policy(where=where, labels={"remove": ["todo"]}, metadata={"set": {"site": "x"}}))
        found = plan(orthanc, wanted)
        proxy.fault = on("PUT", f"/studies/{studies[1]}/metadata/site", replace("", 507))
        (tally,) = tallies(apply(orthanc, found, scripts=False, allow_deletes=True))
        assert (tally.done, tally.failed, tally.not_tried) == (4, 1, 1)
        assert list(tally.failures.values()) == [(1, [studies[1]])]
        proxy.fault = forward
        assert labels(orthanc, *studies) == [[], ["todo"], []]
        finish(orthanc, wanted)
        assert labels(orthanc, *studies) == [[], [], []]


def lost_after(count: int, fault: Fault = reset) -> Fault:
    """The server is gone after some writes."""
    left = [count]

    def gone(exchange: Exchange) -> None:
        request = exchange.request
        left[0] -= bool(writes([request])) and request.body != b'print("1")'
        (forward if left[0] >= 0 else fault)(exchange)

    return gone


def test_a_server_that_is_gone_in_the_middle_is_reported_and_a_second_apply_finishes(
    server: OrthancServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Script, "BATCH", 10)
    with Orthanc(server.url) as orthanc:
        studies = store(orthanc, *many(25))
    wanted = document(policy("one", labels={"add": ["new"]}), policy("two", labels={"add": ["y"]}))
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url, retries=0) as watched:
        found = plan(watched, wanted)
        proxy.fault = lost_after(1)
        report = apply(watched, found, allow_deletes=True)
    one, two = report.results
    assert (one.outcome, two.outcome) == (Outcome.FAILED, Outcome.NOT_TRIED)
    assert "whether it was written is not known" in one.reason
    assert two.reason == "the server could not be reached any more"
    assert one.tally is not None
    assert one.tally.done == 0, "nothing of it could be verified"
    with Orthanc(server.url) as orthanc:
        done = sum(each == ["new"] for each in labels(orthanc, *studies))
        assert 0 < done < 25
        finish(orthanc, wanted)
