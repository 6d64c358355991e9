"""A hundred servers in one run: ten real ones, and ninety that are recordings of those."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from orthanc_state.fleet.plan import Standing, plan_fleet
from tests.faults.fault_proxy import FaultProxy, stall
from tests.fleet.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Cli
    from tests.fleet.conftest import Hospital

SILENT = "s57"


@pytest.fixture
def hundred(ten: Hospital) -> Iterator[Hospital]:
    """A hundred servers, of which one is stalled."""
    recordings = []
    for number in range(3):
        # One of each version.
        recording = Recording()
        with FaultProxy(ten.servers[number].url, recording.record) as proxy:
            real, ten.urls[f"s{number}"] = ten.urls[f"s{number}"], proxy.url
            assert plan_fleet(ten.inventory.select([f"s{number}"])).pending
        ten.urls[f"s{number}"] = real
        recordings.append(recording)
    with ExitStack() as stack:
        for number in range(10, 100):
            like = number % 3
            fault = stall if f"s{number}" == SILENT else recordings[like].replay
            recorded = stack.enter_context(FaultProxy(ten.servers[like].url, fault))
            ten.urls[f"s{number}"] = recorded.url
        ten.fields[SILENT] = ", timeout: 1"
        yield ten


def test_a_hundred_servers_are_planned_in_one_run(hundred: Hospital, cli: Cli) -> None:
    found = plan_fleet(hundred.inventory.select())
    assert [server.name for server in found.servers] == list(hundred.urls)
    standings = {server.name: server.standing for server in found.servers}
    assert standings.pop(SILENT) is Standing.FAILED
    assert set(standings.values()) == {Standing.CHANGES}
    # Each with its own variables, whoever was planned beside it.
    aets = {
        change.after["aet"]
        for server in found.servers
        if server.plan is not None
        for change in server.plan.changes
        if change.address == "modalities/pacs" and change.after is not None
    }
    assert aets == {f"AET{name[1:]}" for name in standings}

    result = cli("plan", "--inventory", str(hundred.file), "--json")
    assert result.returncode == 1
    rows = {row["name"]: row for row in json.loads(result.stdout)["servers"]}
    assert len(rows) == 100
    assert rows[SILENT]["error"]
