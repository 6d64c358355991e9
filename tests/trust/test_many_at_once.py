"""Many entries of one kind are sent several at a time, and everything that is promised of one after the other holds."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_state import Document, Orthanc, apply, from_data, load, plan
from orthanc_state.execution import batches as execution_batches
from orthanc_state.execution.batches import MANY, TOGETHER, WORKERS, at_once, batches, workers_for
from orthanc_state.execution.history import History
from orthanc_state.execution.journal import Journal
from orthanc_state.execution.report import Outcome, Result
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

COUNT = 80
NAMES = [f"ct-{number:02}" for number in range(COUNT)]


@pytest.fixture
def workers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many are sent at once to the servers of these tests, which are all on this machine."""
    monkeypatch.setattr(execution_batches, "NEARBY", request.param)
    return int(request.param)


near_and_far = pytest.mark.parametrize("workers", [1, WORKERS], ids=["near", "far"], indirect=True)
far = pytest.mark.parametrize("workers", [WORKERS], ids=["far"], indirect=True)


def _document(*, port: int = 104, state: str = "present") -> Document:
    entry = {"state": "absent"} if state == "absent" else {"aet": "CT", "host": "10.0.0.9", "port": port}
    return from_data({"version": 1, "modalities": dict.fromkeys(NAMES, entry), "metrics": False})


def _outcomes(report: Report) -> list[Outcome]:
    return [result.outcome for result in report.results]


@near_and_far
def test_they_are_all_there_and_reported_in_their_order(orthanc: Orthanc, tmp_path: Path, workers: int) -> None:
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


@near_and_far
def test_they_go_away_as_they_came(orthanc: Orthanc, workers: int) -> None:
    assert apply(orthanc, plan(orthanc, _document())).ok
    assert apply(orthanc, plan(orthanc, _document(state="absent")), allow_deletes=True).ok
    assert set(orthanc.modalities.names()).isdisjoint(NAMES)


@far
def test_several_are_under_way_at_once(server: OrthancServer, orthanc: Orthanc, workers: int) -> None:
    """The first writes are held until as many have come as there are workers, which one after the other never would."""
    met = threading.Barrier(WORKERS, timeout=8)

    def hold(exchange: Exchange) -> None:
        met.wait()
        forward(exchange)

    with FaultProxy(server.url, on("PUT", "", first(WORKERS, hold))) as proxy, Orthanc(proxy.url) as through:
        assert apply(through, plan(through, _document())).ok
    assert not met.broken


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "127.1.2.3:8042"])
def test_to_a_server_on_this_machine_they_go_one_after_the_other(host: str) -> None:
    assert workers_for(f"http://{host}/orthanc") == 1


@pytest.mark.parametrize("host", ["orthanc", "10.0.0.1", "localhost.example:8042", "[fd00::1]"])
def test_to_any_other_several_go_at_once(host: str) -> None:
    assert workers_for(f"https://{host}/orthanc") == WORKERS


@near_and_far
def test_one_that_moved_is_not_written_and_stops_no_other(orthanc: Orthanc, workers: int) -> None:
    found = plan(orthanc, _document())
    orthanc.modalities["ct-30"].put({"AET": "OTHER", "Host": "10.9.9.9", "Port": 104})
    report = apply(orthanc, found)
    moved = [result.change.name for result in report.results if result.outcome is Outcome.MOVED]
    assert moved == ["ct-30"]
    assert _outcomes(report).count(Outcome.APPLIED) == COUNT
    assert orthanc.modalities["ct-30"].configuration()["AET"] == "OTHER"


@near_and_far
def test_when_it_is_stopped_what_is_in_hand_is_finished(orthanc: Orthanc, workers: int) -> None:
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


@near_and_far
def test_when_the_server_is_lost_the_rest_is_not_tried(server: OrthancServer, orthanc: Orthanc, workers: int) -> None:
    """Each that was sent says that it is not known what became of it, and every one that was not that it was not."""
    gone = threading.Event()

    def fault(exchange: Exchange) -> None:
        if exchange.request.path == "/modalities/ct-20" and exchange.request.method == "PUT":
            gone.set()
        if gone.is_set():
            reset(exchange)
        else:
            forward(exchange)

    with FaultProxy(server.url, fault) as proxy, Orthanc(proxy.url, retries=0) as through:
        report = apply(through, plan(through, _document()))
        sent = {seen.path.rpartition("/")[2] for seen in proxy.seen if seen.method == "PUT"}
    failed = [result for result in report.results if result.outcome is Outcome.FAILED]
    assert {result.change.name for result in failed} >= sent - {"metrics"}
    assert len(failed) <= 20 + 2 * workers
    assert all("whether it was written is not known" in result.reason for result in failed)
    assert _outcomes(report).count(Outcome.NOT_TRIED) >= COUNT - 20 - 2 * workers
    assert apply(orthanc, plan(orthanc, _document())).ok
    assert plan(orthanc, _document()).empty


@near_and_far
def test_one_that_is_not_answered_stops_no_other(
    server: OrthancServer, orthanc: Orthanc, tmp_path: Path, workers: int
) -> None:
    """What was held back for it is sent then; it is in the journal twice, and undone once."""
    once = on("PUT", "/modalities/ct-05", first(1, reset))
    with FaultProxy(server.url, once) as proxy, Orthanc(proxy.url, retries=0) as through:
        found = plan(through, _document())
        with Journal(tmp_path / "journal.jsonl") as journal:
            report = apply(through, found, journal=journal)
        assert [result.change.name for result in report.results if not result.outcome.ok] == ["ct-05"]
        assert _outcomes(report).count(Outcome.APPLIED) == COUNT
        assert set(NAMES) - set(orthanc.modalities.names()) == {"ct-05"}
        run = History.read(tmp_path / "journal.jsonl").runs[-1]
        assert len(run.sent) > COUNT + 1
        back = rollback(through, run)
        assert len({change.address for change in back.changes}) == len(back.changes)
        assert apply(through, back, allow_deletes=True).ok
    assert set(orthanc.modalities.names()).isdisjoint(NAMES)


@near_and_far
def test_one_that_moves_while_others_are_sent_is_not_written(orthanc: Orthanc, workers: int) -> None:
    def meddle(result: Result) -> None:
        if result.change.name == "ct-00":
            orthanc.modalities["ct-79"].put({"AET": "OTHER", "Host": "10.9.9.9", "Port": 104})

    report = apply(orthanc, plan(orthanc, _document()), on_result=meddle)
    assert [result.change.name for result in report.results if result.outcome is Outcome.MOVED] == ["ct-79"]
    assert _outcomes(report).count(Outcome.APPLIED) == COUNT
    assert orthanc.modalities["ct-79"].configuration()["AET"] == "OTHER"


@near_and_far
def test_one_question_compares_many_and_one_reads_them_back(
    server: OrthancServer, orthanc: Orthanc, workers: int
) -> None:
    assert not orthanc.modalities.names()
    with FaultProxy(server.url, forward) as proxy, Orthanc(proxy.url) as through:
        found = plan(through, _document())
        planned = len(proxy.seen)
        assert apply(through, found).ok
        asked = [seen.path for seen in proxy.seen[planned:] if seen.method == "GET"]
    assert asked.count("/modalities") == 2 * -(-COUNT // TOGETHER)
    assert not [path for path in asked if path.startswith("/modalities/")]


@near_and_far
def test_an_apply_that_is_killed_in_their_middle_can_be_undone_and_finished(
    server: OrthancServer, orthanc: Orthanc, tmp_path: Path, workers: int
) -> None:
    program = f"from orthanc_state.execution import batches; batches.NEARBY = {workers}; "
    program += "from orthanc_state.cli import main; main()"
    entry = {"aet": "CT", "host": "10.0.0.9", "port": 104}
    (tmp_path / "site.json").write_text(json.dumps({"version": 1, "modalities": dict.fromkeys(NAMES, entry)}))
    assert not orthanc.modalities.names()
    reached = threading.Event()

    def hold(exchange: Exchange) -> None:
        reached.set()
        exchange.wait()

    with FaultProxy(server.url, on("PUT", "/modalities/ct-40", hold)) as proxy:
        command = ["apply", "--yes", "site.json", "--journal", "journal.jsonl", "--url", proxy.url]
        with subprocess.Popen(
            [sys.executable, "-c", program, *command],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert reached.wait(30)
            process.kill()
        proxy.fault = forward
        there = set(orthanc.modalities.names())
        assert 0 < len(there) < COUNT
        run = History.read(tmp_path / "journal.jsonl").runs[-1]
        assert run.ended is None
        assert {line["name"] for line in run.sent} >= there
        with Orthanc(proxy.url) as through:
            back = rollback(through, run)
            assert {change.name for change in back.changes} == there
            assert apply(through, back, allow_deletes=True).ok
    assert not orthanc.modalities.names()
    document = load(tmp_path / "site.json")
    assert apply(orthanc, plan(orthanc, document)).ok
    assert plan(orthanc, document).empty


@near_and_far
def test_one_that_is_refused_stops_no_other(server: OrthancServer, orthanc: Orthanc, workers: int) -> None:
    refuse = replace('{"Message": "no"}', 400)
    with FaultProxy(server.url, on("PUT", "/modalities/ct-11", refuse)) as proxy, Orthanc(proxy.url, retries=0) as far:
        report = apply(far, plan(far, _document()))
    failed = [result.change.name for result in report.results if not result.outcome.ok]
    assert failed == ["ct-11"]


OTHERS: dict[str, dict[str, Any]] = {
    "peers": {"url": "http://b.example/", "username": "u", "password": "p", "http_headers": {"X-Api-Key": "k"}},
    "dicomweb_servers": {"url": "http://w.example/", "username": "u", "password": "p"},
}


@near_and_far
@pytest.mark.parametrize("kind", OTHERS)
def test_entries_with_secrets_are_all_there_too(orthanc: Orthanc, tmp_path: Path, kind: str, workers: int) -> None:
    entries = {f"e{number:02}": {**OTHERS[kind], "password": f"p{number % 2}"} for number in range(24)}
    document = from_data({"version": 1, kind: entries})
    with Journal(tmp_path / "journal.jsonl") as journal:
        assert apply(orthanc, plan(orthanc, document), journal=journal).ok
    assert plan(orthanc, document).empty
    back = rollback(orthanc, History.read(tmp_path / "journal.jsonl").runs[-1])
    assert apply(orthanc, back, allow_deletes=True).ok
    assert plan(orthanc, document).count(Action.CREATE) == 24


@far
@pytest.mark.parametrize("suite", ["bookworm", "trixie", "forky"])
@pytest.mark.parametrize("stored", [{}, {"DicomModalitiesInDatabase": True, "OrthancPeersInDatabase": True}])
def test_a_server_loses_nothing_of_what_is_sent_at_once(
    orthanc_servers: OrthancServers, suite: str, stored: dict[str, Any], workers: int
) -> None:
    """What a kind that says that it is parallel relies on: also what is read meanwhile is whole."""
    kinds = [kind for kind in all_kinds().values() if isinstance(kind, ResourceKind) and kind.parallel]
    assert {kind.name for kind in kinds} == {"modalities", "peers"}
    server = orthanc_servers.start(suite, stored)
    some = NAMES[:32]
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

            for method in ("PUT", "PUT", "DELETE", "PUT", "DELETE"):
                list(pool.map(send, some, [method] * len(some)))
                there = set(other.get(f"/{kind.name}"))
                assert there == ({"kept", *some} if method == "PUT" else {"kept"})
        peers = from_data({"version": 1, "peers": {f"e{number:02}": OTHERS["peers"] for number in range(COUNT)}})
        for document in (_document(), peers):
            assert apply(other, plan(other, document)).ok
            assert plan(other, document).empty


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
        assert len(batch) <= TOGETHER
        assert len({change.kind for change in batch}) == 1
        addresses = {change.address for change in batch}
        assert all(addresses.isdisjoint(change.depends_on) for change in batch)
        assert len(batch) == 1 or batch[0].kind in {"modalities", "peers"}


@pytest.mark.parametrize(
    ("count", "sizes"), [(MANY - 1, [1] * (MANY - 1)), (MANY, [MANY]), (TOGETHER + 1, [TOGETHER, 1])]
)
def test_few_go_one_by_one_and_many_by_parts(count: int, sizes: list[int]) -> None:
    assert [len(batch) for batch in batches(_change("peers", number) for number in range(count))] == sizes


@pytest.mark.parametrize("number", [1, WORKERS])
def test_nothing_more_is_begun_when_one_fails(number: int) -> None:
    begun: list[int] = []

    def function(item: int) -> int:
        begun.append(item)
        if item == 5:
            raise ValueError("no five")
        # Else all of them would be through before it is noticed that one has failed.
        time.sleep(0.005)
        return item

    given_back = at_once(function, range(200), number)
    with pytest.raises(ValueError, match="no five"):
        list(given_back)
    assert len(begun) < 50
