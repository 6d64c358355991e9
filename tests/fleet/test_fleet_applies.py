"""Plans of a fleet applied: all or nothing, wave by wave, interrupted, with a server that dies in the middle."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from orthanc_state.execution.history import History
from orthanc_state.execution.journal import Journal
from orthanc_state.fleet.apply import FleetError, apply_fleet
from orthanc_state.fleet.plan import plan_fleet
from orthanc_state.fleet.report import Done
from orthanc_state.fleet.waves import Waves, WavesError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthanc_state.fleet.plan import FleetPlan, ServerPlan
    from orthanc_state.fleet.report import FleetReport, ServerReport
    from tests.fleet.conftest import Hospital

NAMES = tuple(f"s{number}" for number in range(10))
WRITTEN: dict[str, str | None] = {name: f"AET{name[1:]}" for name in NAMES}
NOTHING: dict[str, str | None] = dict.fromkeys(NAMES)


def planned(ten: Hospital) -> FleetPlan:
    return plan_fleet(ten.inventory.select())


def done(report: FleetReport) -> dict[str, Done]:
    return {server.name: server.done for server in report.servers}


def test_all_servers_are_applied_and_a_second_plan_is_empty(ten: Hospital) -> None:
    report = apply_fleet(planned(ten), ten.inventory.members)
    assert report.ok
    assert set(done(report).values()) == {Done.APPLIED}
    assert ten.aets() == WRITTEN
    again = planned(ten)
    assert again.in_sync
    report = apply_fleet(again, ten.inventory.members, waves=Waves.parse("1,100%"))
    assert report.ok
    assert set(done(report).values()) == {Done.IN_SYNC}
    assert report.waves == 0


def test_waves_follow_each_other(ten: Hospital) -> None:
    begun: list[tuple[int, int, list[str]]] = []
    written: list[int] = []

    def check(number: int, rows: Sequence[ServerReport]) -> bool:
        assert all(row.done is Done.APPLIED and row.wave == number for row in rows)
        written.append(sum(aet is not None for aet in ten.aets().values()))
        return True

    report = apply_fleet(
        planned(ten),
        ten.inventory.members,
        waves=Waves.parse("1,25%,100%"),
        on_wave=lambda number, count, names: begun.append((number, count, list(names))),
        after_wave=check,
    )
    assert report.ok
    assert begun == [(1, 3, ["s0"]), (2, 3, ["s1", "s2"]), (3, 3, list(NAMES[3:]))]
    assert written == [1, 3, 10]


def test_a_check_that_fails_stops(ten: Hospital) -> None:
    told: list[str] = []
    report = apply_fleet(
        planned(ten),
        ten.inventory.members,
        waves=Waves.parse("2,100%"),
        after_wave=lambda number, rows: False,
        on_server=lambda row: told.append(row.name),
    )
    assert not report.ok
    assert report.stopped == "the check after wave 1 failed"
    assert [server.name for server in report.of(Done.APPLIED)] == ["s0", "s1"]
    assert all(server.reason == report.stopped for server in report.of(Done.NOT_TRIED))
    assert ten.aets() == {**NOTHING, "s0": "AET0", "s1": "AET1"}
    assert sorted(told) == list(NAMES)


def test_the_check_after_the_last_wave_counts_too(ten: Hospital) -> None:
    report = apply_fleet(planned(ten), ten.inventory.members, after_wave=lambda number, rows: False)
    assert set(done(report).values()) == {Done.APPLIED}
    assert not report.ok


def test_nothing_is_written_anywhere_while_one_has_no_plan(ten: Hospital) -> None:
    ten.server("s7").kill()
    found = planned(ten)
    with pytest.raises(FleetError) as caught:
        apply_fleet(found, ten.inventory.members)
    assert caught.value.message == "1 of 10 servers cannot be applied, so nothing was written anywhere"
    assert [problem.field for problem in caught.value.problems] == ["s7"]
    assert "--without-failed" in caught.value.hint
    assert set(ten.aets().values()) == {None}
    report = apply_fleet(found, ten.inventory.members, without_failed=True)
    assert not report.ok
    assert done(report) == {name: Done.FAILED if name == "s7" else Done.APPLIED for name in NAMES}


def test_nothing_is_written_anywhere_while_one_does_not_answer_any_more(ten: Hospital) -> None:
    found = planned(ten)
    ten.server("s9").kill()
    with pytest.raises(FleetError) as caught:
        apply_fleet(found, ten.inventory.members, waves=Waves.parse("1,100%"))
    assert [problem.field for problem in caught.value.problems] == ["s9"]
    assert set(ten.aets().values()) == {None}


def test_nothing_is_written_anywhere_while_one_takes_too_much_away(ten: Hospital) -> None:
    assert apply_fleet(planned(ten), ten.inventory.members).ok
    ten.write("base.yaml", "version: 1\nmodalities: {new: [NEW, h, 104]}\n")
    ten.write("prune.yaml", "prune: {modalities: true}\n")
    ten.fields["s4"] = ", documents: [prune.yaml]"
    found = planned(ten)
    with pytest.raises(FleetError) as caught:
        apply_fleet(found, ten.inventory.members, without_failed=True)
    assert [str(problem) for problem in caught.value.problems] == ["s4: 2 of 2 modalities would be deleted"]
    assert "--allow-deletes" in caught.value.hint
    assert ten.aets() == WRITTEN
    assert apply_fleet(found, ten.inventory.members, allow_deletes=True).ok
    assert ten.aets() == {**WRITTEN, "s4": None}


def test_waves_that_leave_servers_out_write_nothing(ten: Hospital) -> None:
    with pytest.raises(WavesError):
        apply_fleet(planned(ten), ten.inventory.members, waves=Waves.parse("1,50%"))
    assert set(ten.aets().values()) == {None}


def test_one_that_dies_in_its_wave_stops_the_next_one(ten: Hospital) -> None:
    @contextmanager
    def journal(server: ServerPlan) -> Iterator[Journal | None]:
        if server.name == "s2":
            ten.server("s2").kill()
        yield None

    report = apply_fleet(planned(ten), ten.inventory.members, waves=Waves.parse("2,5,100%"), journal=journal)
    rows = {server.name: server for server in report.servers}
    assert report.stopped == "wave 2 failed on s2"
    assert rows["s2"].done is Done.FAILED
    # Its neighbours of the same wave are finished.
    assert [name for name in NAMES if rows[name].done is Done.APPLIED] == ["s0", "s1", "s3", "s4"]
    assert [name for name in NAMES if rows[name].done is Done.NOT_TRIED] == list(NAMES[5:])
    # A second apply finishes the work.
    ten.revive("s2")
    assert apply_fleet(planned(ten), ten.inventory.members).ok
    assert ten.aets() == WRITTEN


def test_interrupted_it_finishes_what_is_in_hand(ten: Hospital) -> None:
    stop = Event()

    def on_server(row: ServerReport) -> None:
        if row.name == "s1":
            stop.set()

    report = apply_fleet(
        planned(ten), ten.inventory.members, waves=Waves.parse("1,2,100%"), stop=stop, on_server=on_server
    )
    assert report.interrupted
    assert not report.ok
    assert done(report) == {name: Done.APPLIED if name in ("s0", "s1") else Done.NOT_TRIED for name in NAMES}
    assert all(server.reason == "interrupted" for server in report.of(Done.NOT_TRIED))
    assert ten.aets() == {**NOTHING, "s0": "AET0", "s1": "AET1"}


def test_interrupted_within_a_server_the_rest_of_it_is_not_tried(ten: Hospital) -> None:
    stop = Event()

    @contextmanager
    def journal(server: ServerPlan) -> Iterator[Journal | None]:
        with Journal(ten.folder / f"{server.name}.jsonl") as opened:
            stop.set()
            yield opened

    members = ten.inventory.select(["s0"])
    report = apply_fleet(plan_fleet(members), ten.inventory.members, stop=stop, journal=journal)
    assert done(report) == {"s0": Done.INTERRUPTED}
    assert report.interrupted
    assert ten.aets()["s0"] is None


def test_stopped_when_all_is_done_it_is_done(ten: Hospital) -> None:
    stop = Event()
    members = ten.inventory.select(["s0"])
    report = apply_fleet(plan_fleet(members), ten.inventory.members, stop=stop, on_server=lambda row: stop.set())
    assert report.ok
    assert not report.interrupted


def test_what_has_moved_is_left_alone(ten: Hospital) -> None:
    found = planned(ten)
    with Orthanc(ten.urls["s6"]) as orthanc:
        orthanc.modalities["pacs"].put({"AET": "SOMEBODY", "Host": "h", "Port": 104})
    report = apply_fleet(found, ten.inventory.members)
    assert done(report) == {name: Done.FAILED if name == "s6" else Done.APPLIED for name in NAMES}
    assert ten.aets() == {**WRITTEN, "s6": "SOMEBODY"}


def test_each_server_has_a_journal_of_its_own(ten: Hospital) -> None:
    report = apply_fleet(
        planned(ten), ten.inventory.members, journal=lambda server: Journal(ten.folder / f"{server.name}.jsonl")
    )
    assert report.ok
    for name in NAMES:
        (run,) = History.read(ten.folder / f"{name}.jsonl").runs
        assert run.head["server"]["url"] == ten.urls[name]
        assert len(run.settled) == 2


def test_a_server_that_is_not_the_one_that_was_planned(ten: Hospital) -> None:
    found = planned(ten)
    inventory = ten.inventory
    members = {**inventory.members, "s0": inventory.members["s1"]}
    del members["s2"]
    with pytest.raises(FleetError) as caught:
        apply_fleet(found, members)
    assert [problem.field for problem in caught.value.problems] == ["s0", "s2"]
    assert "and this plan was made for" in caught.value.problems[0].message
    assert "has no server s2 any more" in caught.value.problems[1].message
    assert set(ten.aets().values()) == {None}
