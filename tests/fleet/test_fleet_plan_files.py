"""The plans of a fleet saved, shown without secrets, and applied as they were approved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from orthanc_state.errors import ProblemsError
from orthanc_state.fleet.apply import FleetError, apply_fleet
from orthanc_state.fleet.plan import Standing, plan_fleet
from orthanc_state.fleet.plan_file import is_fleet_plan, open_fleet_plan, save_fleet_plan
from orthanc_state.fleet.report import Done
from orthanc_state.planning.plan_file import is_plan
from orthanc_state.planning.sealed import FileError

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.fleet.plan import FleetPlan
    from tests.fleet.conftest import Hospital

PEER = 'peers: {backup: {url: "http://backup/", username: u, password: "${word}"}}\n'


def planned(ten: Hospital) -> FleetPlan:
    inventory = ten.inventory
    return plan_fleet(inventory.select(["s0", "s1", "s2"]), inventory=str(inventory.path))


def saved(ten: Hospital) -> Path:
    path = ten.folder / "plan.json"
    save_fleet_plan(planned(ten), path)
    return path


def with_a_secret(ten: Hospital) -> None:
    ten.write("word", "canary-word\n")
    ten.write("peer.yaml", 'peers: {backup: {url: "http://backup/", username: u, password: !file word}}\n')
    ten.fields["s1"] = ", documents: [peer.yaml]"


def test_a_round_trip(ten: Hospital) -> None:
    with_a_secret(ten)
    found = planned(ten)
    path = ten.folder / "plan.json"
    save_fleet_plan(found, path)
    assert is_fleet_plan(path)
    assert not is_plan(path)
    assert "canary" not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    again = open_fleet_plan(path)
    assert again.inventory == str(ten.folder / "fleet.yaml")
    for before, after in zip(found.servers, again.servers, strict=True):
        assert (before.name, before.url, before.standing) == (after.name, after.url, after.standing)
        assert before.plan is not None
        assert after.plan is not None
        assert before.plan.changes == after.plan.changes
    assert apply_fleet(again, ten.inventory.members).ok
    assert planned(ten).in_sync


def test_the_inventory_is_found_from_another_folder(ten: Hospital) -> None:
    folder = ten.folder / "plans"
    folder.mkdir()
    save_fleet_plan(planned(ten), folder / "plan.json")
    assert json.loads((folder / "plan.json").read_text())["inventory"] == "../fleet.yaml"


def test_it_is_shown_without_secrets_and_not_applied_without(ten: Hospital) -> None:
    with_a_secret(ten)
    path = saved(ten)
    ten.write("word", "canary-rotated\n")
    assert not open_fleet_plan(path, secrets=False).failed
    again = open_fleet_plan(path)
    (row,) = again.failed
    assert row.name == "s1"
    assert "is another secret than the one that was planned with" in str(row.error)
    with pytest.raises(FleetError):
        apply_fleet(again, ten.inventory.members)
    report = apply_fleet(again, ten.inventory.members, without_failed=True)
    assert [server.done for server in report.servers] == [Done.APPLIED, Done.FAILED, Done.APPLIED]


def test_what_has_no_plan_is_in_the_file_with_its_reason(ten: Hospital) -> None:
    ten.server("s1").kill()
    again = open_fleet_plan(saved(ten))
    assert [server.standing for server in again.servers] == [Standing.CHANGES, Standing.FAILED, Standing.CHANGES]
    assert again.failed[0].error is not None
    assert ten.urls["s1"] in again.failed[0].error.message
    assert again.failed[0].error.code == "server-unreachable"


def test_values_that_have_moved_are_left_alone(ten: Hospital) -> None:
    path = saved(ten)
    with Orthanc(ten.urls["s2"]) as orthanc:
        orthanc.modalities["ct"].put({"AET": "SOMEBODY", "Host": "h", "Port": 104})
    report = apply_fleet(open_fleet_plan(path), ten.inventory.members)
    assert [server.done for server in report.servers] == [Done.APPLIED, Done.APPLIED, Done.FAILED]


def test_a_secret_in_clear_is_not_saved(ten: Hospital) -> None:
    ten.write("peer.yaml", 'peers: {backup: {url: "http://backup/", username: u, password: canary}}\n')
    ten.fields["s1"] = ", documents: [peer.yaml]"
    with pytest.raises(ProblemsError) as caught:
        saved(ten)
    assert [problem.field for problem in caught.value.problems] == ["s1: peers.backup.password"]
    assert not (ten.folder / "plan.json").exists()


@pytest.mark.parametrize("change", ["edited", "cut", "mixed"])
def test_a_file_that_is_not_as_it_was_written(ten: Hospital, change: str) -> None:
    path = saved(ten)
    text = path.read_text()
    changed = {
        "edited": text.replace("AET1", "AETX"),
        "cut": text[: len(text) // 2],
        "mixed": text.replace("orthanc-state/fleet-plan", "orthanc-state/plan"),
    }[change]
    path.write_text(changed)
    with pytest.raises(FileError):
        open_fleet_plan(path)
