"""Ten servers planned together: what is wrong with one is its row, and the others are right."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from time import perf_counter, sleep
from typing import TYPE_CHECKING

import pytest

from orthanc_state.fleet.plan import FleetPlan, Standing, plan_fleet
from orthanc_state.planning.scope import ScopeError
from tests.faults.fault_proxy import Exchange, FaultProxy, forward

if TYPE_CHECKING:
    from orthanc_state.document.document import Document
    from orthanc_state.fleet.member import Member
    from orthanc_state.testing import OrthancServers
    from tests.conftest import Cli
    from tests.fleet.conftest import Hospital


def standings(plan: FleetPlan) -> dict[str, Standing]:
    return {server.name: server.standing for server in plan.servers}


def test_ten_servers_are_planned_each_with_its_own_variables(ten: Hospital) -> None:
    found = plan_fleet(ten.inventory.select())
    assert [server.name for server in found.servers] == [f"s{number}" for number in range(10)]
    for number, server in enumerate(found.servers):
        assert server.plan is not None
        assert server.plan.server.name == f"s{number}"
        created = {change.address: change.after for change in server.plan.changes}
        assert (created["modalities/pacs"] or {})["aet"] == f"AET{number}"
    assert len({server.plan.server.version for server in found.servers if server.plan}) == 3
    assert not found.in_sync
    assert len(found.pending) == 10


def test_one_killed_one_with_a_wrong_password_and_one_too_old(ten: Hospital, orthanc_servers: OrthancServers) -> None:
    guarded = orthanc_servers.start("trixie", {"RegisteredUsers": {"admin": "right"}})
    ten.urls["s10"] = guarded.url
    ten.write("wrong", "canary-wrong")
    ten.fields["s10"] = ", username: admin, password: !file wrong"
    # 1.10.1 has no labels: it is too old for this document.
    ten.write("labels.yaml", "policies: [{name: all, level: study, labels: {add: [seen]}}]\n")
    ten.fields["s3"] = ", documents: [labels.yaml]"

    def document(member: Member) -> Document:
        if member.name == "s5":
            # It dies while the fleet is being planned.
            ten.server("s5").kill()
        return member.document()

    try:
        found = plan_fleet(ten.inventory.select(), documents=document)
    finally:
        orthanc_servers.stop(guarded)
    errors = {server.name: str(server.error) for server in found.failed}
    assert set(errors) == {"s3", "s5", "s10"}
    assert "1.12.0" in errors["s3"]
    assert "cannot connect" in errors["s5"] or "refused" in errors["s5"]
    assert "401" in errors["s10"]
    assert "canary" not in str(errors)
    others = [server for server in found.servers if server.name not in errors]
    assert [server.standing for server in others] == [Standing.CHANGES] * 8
    assert all(server.plan is not None and len(server.plan.changes) == 2 for server in others)


def test_a_document_that_is_wrong_is_a_row_too(ten: Hospital) -> None:
    ten.fields["s1"] = ", documents: [one.yaml]"
    ten.write("one.yaml", 'modalities: {pacs: {port: "${port}"}}\n')
    (row,) = plan_fleet(ten.inventory.select()).failed
    assert row.name == "s1"
    assert "one.yaml:1:27: there is no variable `port`" in str(row.error)


def test_together_takes_not_much_longer_than_the_slowest_alone(ten: Hospital) -> None:
    """Over a network: each answer comes 20 ms later, which is what a server across a town takes."""

    def slow(exchange: Exchange) -> None:
        sleep(0.02)
        forward(exchange)

    with ExitStack() as stack:
        for number, server in enumerate(ten.servers):
            ten.urls[f"s{number}"] = stack.enter_context(FaultProxy(server.url, slow)).url
        members = ten.inventory.select()
        plan_fleet(members[:1])
        alone = 0.0
        for member in members:
            began = perf_counter()
            assert plan_fleet([member]).pending
            alone = max(alone, perf_counter() - began)
        began = perf_counter()
        assert len(plan_fleet(members).pending) == 10
        together = perf_counter() - began
    assert together <= 3 * alone


def test_the_command_takes_not_much_longer_for_all_than_for_the_slowest_alone(ten: Hospital, cli: Cli) -> None:
    def seconds(*chosen: str) -> float:
        began = perf_counter()
        result = cli("plan", "--inventory", str(ten.file), "--detailed-exitcode", *chosen)
        assert result.returncode == 2, result.stderr
        return perf_counter() - began

    # One of each version.
    alone = max(seconds("--server", name) for name in ("s0", "s1", "s2"))
    assert seconds() <= 3 * alone


def test_targets_concern_those_that_have_them(ten: Hospital) -> None:
    ten.fields["s2"] = ", documents: [peer.yaml]"
    ten.write("peer.yaml", "peers: {backup: {url: 'http://backup'}}\n")
    found = plan_fleet(ten.inventory.select(), targets=["peers/backup"])
    assert standings(found) == {
        f"s{number}": Standing.CHANGES if number == 2 else Standing.NOT_CONCERNED for number in range(10)
    }
    with pytest.raises(ScopeError, match="neither the document nor the server has anything called peers/bakcup"):
        plan_fleet(ten.inventory.select(), targets=["peers/bakcup"])


def test_rows_are_told_as_they_come(ten: Hospital) -> None:
    told: list[str] = []
    found = plan_fleet(ten.inventory.select(), on_planned=lambda row: told.append(row.name), workers=3)
    assert sorted(told) == sorted(server.name for server in found.servers)


def test_a_server_without_documents_is_a_mistake_of_the_inventory(ten: Hospital) -> None:
    members = [replace(member, documents=()) for member in ten.inventory.select(["s0"])]
    (row,) = plan_fleet(members).failed
    assert "nothing says what s0 should be" in str(row.error)
