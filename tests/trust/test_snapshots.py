"""A snapshot stands for the server: the same plan comes of it, and nothing of it is a secret."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from orthanc_state import Orthanc, OrthancStateError, apply, from_data, loads, plan
from orthanc_state.engine import snapshot
from orthanc_state.execution.report import Outcome
from orthanc_state.kinds.version import parse_version
from orthanc_state.planning.differ import PlanError
from orthanc_state.planning.plan_file import open_plan, save
from orthanc_state.planning.sealed import FileError, write_sealed
from orthanc_state.planning.snapshot import FORMAT, open_snapshot
from orthanc_state.render.data import plan_data
from tests.faults.fault_proxy import FaultProxy
from tests.policies.studies import document as of_policies
from tests.policies.studies import policy, store
from tests.trust.sites import ENVIRONMENT, SITE, addresses, finish, furnish, outcomes, referring, site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state.testing import OrthancServer
    from tests.conftest import Cli

CANARY = "canary-4711"


@pytest.mark.orthanc(plugins=["dicomweb"])
def test_a_plan_of_a_snapshot_is_the_plan_of_the_server(orthanc_server: OrthancServer, tmp_path: Path) -> None:
    documents = referring(parse_version(orthanc_server.version), str(orthanc_server.log_path))
    path = tmp_path / "snapshot.json"

    @settings(max_examples=12)
    @given(before=documents, wanted=documents)
    def law(before: tuple[str, dict[str, str]], wanted: tuple[str, dict[str, str]]) -> None:
        first, last = (
            loads(f'{text[:-1]}, "fingerprints": {{"key": !env KEY}}}}', environment={**secrets, "KEY": "k"})
            for text, secrets in (before, wanted)
        )
        with Orthanc(orthanc_server.url) as orthanc:
            assert apply(orthanc, plan(orthanc, first), allow_deletes=True).ok
            snapshot(orthanc, path)
            there, here = plan(orthanc, last), plan(open_snapshot(path), last)
            assert here == there
            assert json.dumps(plan_data(here)) == json.dumps(plan_data(there))
            # Also in its own spelling, and applied later.
            save(here, tmp_path / "plan.json")
            opened = open_plan(tmp_path / "plan.json", {**wanted[1], "KEY": "k"})
            assert replace(opened, context=here.context) == here
            assert apply(orthanc, opened, allow_deletes=True).ok
            assert plan(orthanc, last).empty

    law()


def test_the_command_line_plans_without_a_route_to_the_server(orthanc: Orthanc, tmp_path: Path, cli: Cli) -> None:
    furnish(orthanc)
    (tmp_path / "site.yaml").write_text(SITE)
    inside = {**ENVIRONMENT, "ORTHANC_URL": orthanc.url}
    taken = cli("snapshot", "--out", "snapshot.json", env=inside)
    assert taken.returncode == 0, taken.stderr
    assert stat.S_IMODE((tmp_path / "snapshot.json").stat().st_mode) == 0o600
    # No URL, and no server: nothing is asked.
    outside = cli("plan", "site.yaml", "--against", "snapshot.json", "--out", "plan.json", "--json", env=ENVIRONMENT)
    assert outside.returncode == 0, outside.stderr
    assert json.loads(outside.stdout) == json.loads(cli("plan", "site.yaml", "--json", env=inside).stdout)
    assert cli("drift", "site.yaml", "--against", "snapshot.json", env=ENVIRONMENT).returncode == 2
    orthanc.modalities["pacs"].put({"AET": "ELSE", "Host": "h", "Port": 1})
    applied = cli("apply", "--yes", "--json", "plan.json", env=ENVIRONMENT)
    assert applied.returncode == 1
    results = {each["address"]: each["outcome"] for each in json.loads(applied.stdout)["results"]}
    assert [address for address, outcome in results.items() if outcome != "applied"] == ["modalities/pacs"]
    assert results["modalities/pacs"] == "moved"
    finish(orthanc)


def test_what_has_moved_since_it_was_taken_is_found_when_it_is_applied(orthanc: Orthanc, tmp_path: Path) -> None:
    furnish(orthanc)
    snapshot(orthanc, tmp_path / "snapshot.json")
    orthanc.tools.default_encoding.set("Greek")
    orthanc.tools.metrics.set(False)
    report = apply(orthanc, plan(open_snapshot(tmp_path / "snapshot.json"), site()))
    assert outcomes(report)["dicom/default_encoding"] is Outcome.MOVED
    assert outcomes(report)["metrics"] is Outcome.ALREADY
    assert len(report.of(Outcome.APPLIED)) == 10


def test_targets_and_protection_hold_for_it_too(orthanc: Orthanc, tmp_path: Path) -> None:
    furnish(orthanc)
    snapshot(orthanc, tmp_path / "snapshot.json")
    taken = open_snapshot(tmp_path / "snapshot.json")
    assert addresses(plan(taken, site(), targets=["modalities/pacs"])) == ["modalities/pacs"]
    with pytest.raises(PlanError, match="modalities/old is protected"):
        plan(taken, loads(f"{SITE}protected: [modalities/*]\n", environment=ENVIRONMENT))


def test_taking_one_asks_and_does_not_write(server: OrthancServer, tmp_path: Path) -> None:
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url) as orthanc:
        snapshot(orthanc, tmp_path / "snapshot.json")
    assert set(proxy.methods) == {"GET"}


def test_it_holds_no_secret_and_nothing_about_patients(orthanc: Orthanc, tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    # With a name and a password in the URL, and with a password and a header that were set by hand.
    orthanc.peers["hand"].put(
        {
            "Url": f"http://user:{CANARY}@h:8042/",
            "Username": "u",
            "Password": CANARY,
            "HttpHeaders": {"X-Key": CANARY},
        }
    )
    [study] = store(orthanc, CANARY, PatientName=f"{CANARY}^ANN", AccessionNumber=CANARY)
    orthanc.studies[study].labels.add("inbox")
    document = of_policies(
        policy("by-patient", match={"PatientID": CANARY}, labels={"add": ["seen"]}),
        policy("by-label", labels={"remove": ["inbox"]}),
        policy("patients", "patient", protected=True),
    )
    try:
        snapshot(orthanc, path, document)
        text = path.read_text()
        assert CANARY not in text
        assert "***@h:8042" in text
        assert study not in text, "identifiers are packed"
        taken = open_snapshot(path)
        # What would tell who a patient is was not kept, and that is said.
        with pytest.raises(FileError, match="does not hold what is needed to plan by-patient"):
            plan(taken, document)
        rest = of_policies(
            policy("by-label", labels={"remove": ["inbox"]}), policy("patients", "patient", protected=True)
        )
        assert plan(taken, rest).by_policies == plan(orthanc, rest).by_policies
        # An entry that is written keeps nothing of such a URL either.
        peer = from_data({"version": 1, "peers": {"hand": {"state": "absent"}}})
        assert plan(taken, peer) == replace(plan(orthanc, peer), context=plan(taken, peer).context)
        save(plan(taken, peer), tmp_path / "plan.json")
        assert CANARY not in (tmp_path / "plan.json").read_text()
    finally:
        orthanc.studies[study].delete()


def test_what_it_does_not_hold_is_said_with_what_to_do(orthanc: Orthanc, tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    snapshot(orthanc, path)
    with pytest.raises(FileError, match="does not hold what is needed to plan policies") as raised:
        plan(open_snapshot(path), of_policies(policy(labels={"add": ["a"]})))
    assert "snapshot DOCUMENT" in raised.value.hint
    data = json.loads(path.read_text())
    del data["kinds"]["peers"]
    write_sealed(path, FORMAT, {key: data[key] for key in ("taken", "server", "kinds")})
    with pytest.raises(FileError, match="does not hold what is needed to plan peers"):
        plan(open_snapshot(path), from_data({"version": 1, "peers": {}}))


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no server": lambda data: data.update(server={}),
    "a server of another sort": lambda data: data.update(server=[]),
    "a URL of another sort": lambda data: data["server"].update(url=1),
    "kinds of another sort": lambda data: data.update(kinds=[1]),
    "modalities of another sort": lambda data: data["kinds"].update(modalities=[]),
    "a modality of another sort": lambda data: data["kinds"].update(modalities={"a": 1}),
    "peers of another sort": lambda data: data["kinds"].update(peers="x"),
    "a peer of another sort": lambda data: data["kinds"].update(peers={"a": {"Url": [], "HttpHeaders": 5}}),
    "levels of another sort": lambda data: data["kinds"].update(logging=[]),
    "syntaxes of another sort": lambda data: data["kinds"].update({"dicom.accepted_transfer_syntaxes": 1}),
}


@pytest.mark.parametrize("name", EDITS)
def test_one_that_somebody_edits_who_knows_how_is_an_error_and_no_crash(
    orthanc: Orthanc, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "snapshot.json"
    snapshot(orthanc, path)
    data = json.loads(path.read_text())
    EDITS[name](data)
    write_sealed(path, FORMAT, {key: data[key] for key in ("taken", "server", "kinds")})
    with pytest.raises(OrthancStateError, match="is not one that this kit wrote"):
        plan(open_snapshot(path), site())


def test_one_that_is_damaged_or_is_something_else_is_refused(orthanc: Orthanc, tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "snapshot.json"
    snapshot(orthanc, path)
    content = path.read_bytes()
    for damaged in (content[:-30], content.replace(b"Latin1", b"Greek", 1), b"", b"[]", SITE.encode()):
        path.write_bytes(damaged)
        with pytest.raises(FileError):
            open_snapshot(path)
    path.write_bytes(content[:100])
    (tmp_path / "site.yaml").write_text("version: 1\nmetrics: false\n")
    result = cli("plan", "site.yaml", "--against", "snapshot.json")
    assert result.returncode == 1
    assert "snapshot.json is not a whole snapshot" in result.stderr
    missing = cli("plan", "site.yaml", "--against", "missing.json")
    assert missing.returncode == 1
    assert "cannot read the snapshot missing.json: No such file or directory" in missing.stderr
    # One is no plan, and the other no snapshot.
    save(plan(orthanc, from_data({"version": 1, "metrics": False})), tmp_path / "plan.json")
    with pytest.raises(FileError, match="is no snapshot"):
        open_snapshot(tmp_path / "plan.json")
