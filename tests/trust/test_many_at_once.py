"""Many entries of one kind are sent several at a time, and everything that is promised of one after the other holds."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_state import Document, Orthanc, apply, from_data, plan
from orthanc_state.execution.batches import MANY, WORKERS, at_once, batches
from orthanc_state.execution.history import History
from orthanc_state.execution.journal import Journal
from orthanc_state.execution.report import Outcome
from orthanc_state.execution.rollback import rollback
from orthanc_state.kinds.kind import ResourceKind
from orthanc_state.kinds.operation import Operation
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.planning.change import Action, Change
from tests.faults.fault_proxy import Exchange, FaultProxy, first, forward, on, replace, reset

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state import Report
    from orthanc_state.testing import OrthancServer, OrthancServers

COUNT = 60
NAMES = [f"ct-{number:02}" for number in range(COUNT)]


def _document(*, port: int = 104, state: str = "present") -> Document:
    entry = {"state": "absent"} if state == "absent" else {"aet": "CT", "host": "10.0.0.9", "port": port}
    return from_data({"version": 1, "modalities": dict.fromkeys(NAMES, entry), "metrics": False})


def _outcomes(report: Report) -> list[Outcome]:
    return [result.outcome for result in report.results]


def test_they_are_all_there_and_reported_in_their_order(orthanc: Orthanc, tmp_path: Path) -> None:
    seen: list[str] = []
    found = plan(orthanc, _document())
    with Journal(tmp_path / "journal.jsonl") as journal:
        report = apply(orthanc, found, journal=journal, on_result=lambda result: seen.append(result.change.address))
    assert report.ok
    assert seen == [change.address for change in found.changes]
    assert set(orthanc.modalities.names()) >= set(NAMES)
    assert plan(orthanc, _document()).empty
    run = History.read(tmp_path / "journal.jsonl").runs[-1]
    assert sorted(line["address"] for line in run.sent) == sorted(seen)
    assert {line["outcome"] for line in run.settled.values()} == {"applied"}
    assert apply(orthanc, rollback(orthanc, run), allow_deletes=True).ok
    assert set(orthanc.modalities.names()).isdisjoint(NAMES)


def test_they_go_away_as_they_came(orthanc: Orthanc) -> None:
    assert apply(orthanc, plan(orthanc, _document())).ok
    assert apply(orthanc, plan(orthanc, _document(state="absent")), allow_deletes=True).ok
    assert set(orthanc.modalities.names()).isdisjoint(NAMES)


def test_several_are_under_way_at_once(server: OrthancServer, orthanc: Orthanc) -> None:
    """The first writes are held until as many have come as there are workers, which one after the other never would."""
    met = threading.Barrier(WORKERS, timeout=8)

    def hold(exchange: Exchange) -> None:
        met.wait()
        forward(exchange)

    with FaultProxy(server.url, on("PUT", "", first(WORKERS, hold))) as proxy, Orthanc(proxy.url) as through:
        assert apply(through, plan(through, _document())).ok
    assert not met.broken


def test_one_that_moved_is_not_written_and_stops_no_other(orthanc: Orthanc) -> None:
    found = plan(orthanc, _document())
    orthanc.modalities["ct-30"].put({"AET": "OTHER", "Host": "10.9.9.9", "Port": 104})
    report = apply(orthanc, found)
    moved = [result.change.name for result in report.results if result.outcome is Outcome.MOVED]
    assert moved == ["ct-30"]
    assert _outcomes(report).count(Outcome.APPLIED) == COUNT
    assert orthanc.modalities["ct-30"].configuration()["AET"] == "OTHER"


def test_when_it_is_stopped_what_is_in_hand_is_finished(orthanc: Orthanc) -> None:
    stop = threading.Event()
    done: list[object] = []

    def count(result: object) -> None:
        done.append(result)
        if len(done) == 20:
            stop.set()

    report = apply(orthanc, plan(orthanc, _document()), on_result=count, stop=stop)
    outcomes = _outcomes(report)
    assert report.interrupted
    assert set(outcomes) == {Outcome.APPLIED, Outcome.NOT_TRIED}
    applied = {result.change.name for result in report.results if result.outcome is Outcome.APPLIED}
    assert {name for name in NAMES if name in orthanc.modalities.names()} == applied - {"metrics"}
    assert apply(orthanc, plan(orthanc, _document())).ok
    assert plan(orthanc, _document()).empty


def test_when_the_server_is_lost_the_rest_is_not_tried(server: OrthancServer, orthanc: Orthanc) -> None:
    """Each that was in hand says that it failed, and every one that was not says that it was not tried."""
    gone = threading.Event()

    def fault(exchange: Exchange) -> None:
        if gone.is_set():
            reset(exchange)
        else:
            forward(exchange)

    with FaultProxy(server.url, fault) as proxy, Orthanc(proxy.url, retries=0) as through:
        found = plan(through, _document())
        report = apply(through, found, on_result=lambda result: gone.set() if result.change.name == "ct-20" else None)
    outcomes = _outcomes(report)
    assert 1 <= outcomes.count(Outcome.FAILED) <= 4
    assert outcomes.count(Outcome.NOT_TRIED) >= COUNT - 20 - 8
    assert apply(orthanc, plan(orthanc, _document())).ok
    assert plan(orthanc, _document()).empty


def test_one_that_is_refused_stops_no_other(server: OrthancServer, orthanc: Orthanc) -> None:
    refuse = replace('{"Message": "no"}', 400)
    with FaultProxy(server.url, on("PUT", "/modalities/ct-11", refuse)) as proxy, Orthanc(proxy.url, retries=0) as far:
        report = apply(far, plan(far, _document()))
    failed = [result.change.name for result in report.results if not result.outcome.ok]
    assert failed == ["ct-11"]


OTHERS: dict[str, dict[str, Any]] = {
    "peers": {"url": "http://b.example/", "username": "u", "password": "p", "http_headers": {"X-Api-Key": "k"}},
    "dicomweb_servers": {"url": "http://w.example/", "username": "u", "password": "p"},
}


@pytest.mark.parametrize("kind", OTHERS)
def test_entries_with_secrets_are_all_there_too(orthanc: Orthanc, tmp_path: Path, kind: str) -> None:
    entries = {f"e{number:02}": {**OTHERS[kind], "password": f"p{number}"} for number in range(24)}
    document = from_data({"version": 1, kind: entries})
    with Journal(tmp_path / "journal.jsonl") as journal:
        assert apply(orthanc, plan(orthanc, document), journal=journal).ok
    assert plan(orthanc, document).empty
    back = rollback(orthanc, History.read(tmp_path / "journal.jsonl").runs[-1])
    assert apply(orthanc, back, allow_deletes=True).ok
    assert plan(orthanc, document).count(Action.CREATE) == 24


@pytest.mark.parametrize("suite", ["bookworm", "trixie", "forky"])
@pytest.mark.parametrize("stored", [{}, {"DicomModalitiesInDatabase": True, "OrthancPeersInDatabase": True}])
def test_a_server_loses_nothing_of_what_is_sent_at_once(
    orthanc_servers: OrthancServers, suite: str, stored: dict[str, Any]
) -> None:
    """What a kind that says that it is parallel relies on: also what is read meanwhile is whole."""
    kinds = [kind for kind in all_kinds().values() if isinstance(kind, ResourceKind) and kind.parallel]
    assert {kind.name for kind in kinds} == {"modalities", "peers"}
    server = orthanc_servers.start(suite, stored)
    bodies = {"modalities": {"AET": "CT", "Host": "h", "Port": 104}, "peers": {"Url": "http://h/"}}
    with Orthanc(server.url) as other, ThreadPoolExecutor(8) as pool:
        for kind in kinds:
            kept = kind.request_path("kept")
            other.request("PUT", kept, body=bodies[kind.name])

            def send(name: str, method: str, kind: ResourceKind = kind) -> None:
                body = bodies[kind.name] if method == "PUT" else None
                other.request(method, kind.request_path(name), body=body)
                names = other.get(f"/{kind.name}")
                assert "kept" in names
                assert (name in names) is (method == "PUT")
                assert "kept" in other.get(f"/{kind.name}", params={"expand": ""})
                other.get(f"/{kind.name}/kept/configuration")

            for _ in range(3):
                for method in ("PUT", "PUT", "DELETE"):
                    list(pool.map(send, NAMES, [method] * COUNT))
                    there = set(other.get(f"/{kind.name}"))
                    assert there == ({"kept", *NAMES} if method == "PUT" else {"kept"})
        assert apply(other, plan(other, _document())).ok
        assert plan(other, _document()).empty


def _change(kind: str, number: int, *needs: str) -> Change:
    name = str(number)
    return Change(
        Action.DELETE, kind, name, f"{kind}/{name}", {}, None, Operation("DELETE", f"/{kind}/{name}"), depends_on=needs
    )


@given(
    st.lists(
        st.tuples(st.sampled_from(["modalities", "peers", "dicomweb_servers", "metrics"]), st.booleans()), max_size=80
    )
)
def test_batches_keep_the_order_and_nothing_is_sent_beside_what_it_needs(drawn: list[tuple[str, bool]]) -> None:
    changes: list[Change] = []
    for number, (kind, needs) in enumerate(drawn):
        changes.append(_change(kind, number, *([changes[-1].address] if needs and changes else [])))
    made = list(batches(changes))
    assert [change for batch in made for change in batch] == changes
    for batch in made:
        assert len(batch) == 1 or len(batch) >= MANY
        assert len({change.kind for change in batch}) == 1
        addresses = {change.address for change in batch}
        assert all(addresses.isdisjoint(change.depends_on) for change in batch)
        assert len(batch) == 1 or batch[0].kind in {"modalities", "peers"}


def test_nothing_more_is_begun_when_one_fails() -> None:
    begun: list[int] = []

    def function(number: int) -> int:
        begun.append(number)
        if number == 5:
            raise ValueError("no five")
        # Else all of them would be through before it is noticed that one has failed.
        time.sleep(0.005)
        return number

    given_back = at_once(function, range(200))
    with pytest.raises(ValueError, match="no five"):
        list(given_back)
    assert len(begun) < 50
