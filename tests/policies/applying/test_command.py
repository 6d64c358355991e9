"""Policies on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from tests.faults.fault_proxy import Exchange, FaultProxy, forward, on
from tests.policies.studies import labels, store, writes

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.testing import OrthancServer
    from tests.conftest import Cli

DOCUMENT = """\
version: 1
policies:
  - name: archive
    level: Study
    match: {StudyDate: {older_than: 1y}, PatientID: CANARY*}
    where: {labels: {none: [hold]}}
    labels: {add: [archive], remove: [recent]}
    metadata: {set: {site: "{PatientName} of {InstitutionName}"}}
"""


@pytest.fixture
def site(tmp_path: Path, scripted: OrthancServer) -> list[str]:
    """Two studies that a document is about, and the document."""
    (tmp_path / "site.yaml").write_text(DOCUMENT)
    with Orthanc(scripted.url) as orthanc:
        studies = store(orthanc, "CANARY1", "CANARY2", StudyDate="20200101")
        orthanc.studies[studies[0]].labels.add("recent")
        store(orthanc, "OTHER", StudyDate="20200101")
    return studies


@pytest.mark.parametrize("lua", [[], ["--no-lua"]])
def test_plan_apply_plan(cli: Cli, site: list[str], scripted: OrthancServer, lua: list[str]) -> None:
    with FaultProxy(scripted.url) as proxy:
        env = {"ORTHANC_URL": proxy.url}
        assert cli("plan", "site.yaml", "--detailed-exitcode", env=env).returncode == 2
        planned = cli("plan", "site.yaml", env=env)
        assert planned.returncode == 0, planned.stderr
        assert "2 selected" in planned.stdout
        assert "Plan: 5 changes of resources by 1 policy, 0 unchanged." in planned.stdout
        assert not writes(proxy.seen)

        applied = cli("--debug", "apply", "--yes", "site.yaml", *lua, env=env)
        assert applied.returncode == 0, applied.stderr
        assert "~ policies/archive  5 done" in applied.stdout
        assert "Applied 1 of 1." in applied.stdout
        assert any("execute-script" in each for each in writes(proxy.seen)) is not bool(lua)

        again = cli("plan", "site.yaml", "--detailed-exitcode", env=env)
        assert again.returncode == 0
        assert "In sync: nothing to change (1 unchanged)." in again.stdout
    for run in (planned, applied, again):
        assert "canary" not in (run.stdout + run.stderr).lower()
        assert "Traceback" not in run.stderr
    with Orthanc(scripted.url) as orthanc:
        assert labels(orthanc, *site) == [["archive"]] * 2
        assert orthanc.studies[site[1]].metadata["site"].get() == "Test^CANARY2 of Hospital of Nowhere"


def test_json(cli: Cli, site: list[str], scripted: OrthancServer) -> None:
    env = {"ORTHANC_URL": scripted.url}
    planned = cli("plan", "--json", "site.yaml", env=env)
    data = json.loads(planned.stdout)
    assert data["in_sync"] is False
    assert data["summary"]["by_policies"] == 5
    (change,) = data["changes"]
    assert (change["address"], change["level"], change["selected"]) == ("policies/archive", "study", 2)
    assert change["query"]["PatientID"] == "(as in the document)"
    assert site[0] in planned.stdout

    applied = cli("apply", "--json", "--yes", "site.yaml", env=env)
    assert applied.returncode == 0, applied.stderr
    data = json.loads(applied.stdout)
    assert data["ok"] is True
    (result,) = data["results"]
    assert result["outcome"] == "applied"
    assert result["tally"] == {
        **dict.fromkeys(("already", "gone", "moved", "not_tried", "failed"), 0),
        "done": 5,
        "failures": [],
    }
    assert json.loads(cli("plan", "--json", "site.yaml", env=env).stdout)["in_sync"] is True
    assert "canary" not in (planned.stdout + applied.stdout).lower()


def test_a_plan_that_cannot_be_made_is_exit_code_1(
    cli: Cli, site: list[str], scripted: OrthancServer, tmp_path: Path
) -> None:
    assert site
    (tmp_path / "site.yaml").write_text(DOCUMENT.replace("set: {site:", "set: {nowhere:"))
    for command in (["plan"], ["apply", "--yes"]):
        run = cli(*command, "site.yaml", env={"ORTHANC_URL": scripted.url})
        assert run.returncode == 1
        assert "site.yaml:8:31 policies.0.metadata.set.nowhere" in run.stderr
        assert "the server knows no metadata `nowhere`" in run.stderr
        assert "Traceback" not in run.stderr


@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_what_is_not_selected_any_more_is_exit_code_1(
    cli: Cli, site: list[str], scripted: OrthancServer, json_too: list[str]
) -> None:
    """Somebody holds a study back while the question is asked whether scripts are allowed, which is after the plan."""

    def hold(exchange: Exchange) -> None:
        with Orthanc(scripted.url) as orthanc:
            orthanc.studies[site[0]].labels.add("hold")
        forward(exchange)

    with FaultProxy(scripted.url, on("POST", "/tools/execute-script", hold)) as proxy:
        run = cli("apply", "--yes", "site.yaml", *json_too, env={"ORTHANC_URL": proxy.url})
    assert run.returncode == 1
    if json_too:
        (result,) = json.loads(run.stdout)["results"]
        assert result["outcome"] == "failed"
        assert (result["tally"]["done"], result["tally"]["moved"]) == (2, 3)
    else:
        assert "! policies/archive  2 done, 3 not selected any more" in run.stdout
        assert "A second apply takes up what is left." in run.stdout
    with Orthanc(scripted.url) as orthanc:
        assert labels(orthanc, *site) == [["hold", "recent"], ["archive"]]
