"""The pipelines of GitHub and GitLab: their shell is run against a real Orthanc."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from orthanc_state import apply, loads, plan
from orthanc_state.execution.history import History
from tests.gitops.forge import GITHUB, GITLAB, Text
from tests.gitops.pipeline import git

if TYPE_CHECKING:
    from orthanc_state import Orthanc
    from tests.gitops.forge import Forge
    from tests.gitops.pipeline import Site

pytestmark = pytest.mark.orthanc(suites=["trixie"])

BEFORE = "version: 1\nmodalities: {pacs: [PACS, 10.0.0.5, 104]}\n"
DOCUMENT = """\
version: 1
modalities:
  pacs: [PACS, 10.0.0.5, 11112]
peers:
  backup: {url: "http://backup.example/", username: sync, password: !env BACKUP_PASSWORD}
"""


def test_a_request_shows_its_plan_and_what_it_showed_is_what_its_merge_applies(
    site: Site, forge: Forge, orthanc: Orthanc
) -> None:
    marker = f"<!-- orthanc-state plan: {site.variables['ORTHANC_URL']} -->\n"
    somebody = Text(4, "somebody", f"{marker}as they wish")
    forge.comments.append(somebody)
    opened = site.request(BEFORE)
    assert list(opened) == ["plan"]
    assert opened["plan"].code == 0, opened["plan"].log
    [shown] = forge.own_comments
    assert shown.body.startswith(marker)
    assert "1 to create" in shown.body
    assert "peers/backup" not in shown.body

    changed = site.request(DOCUMENT)["plan"]
    assert changed.code == 0, changed.log
    assert forge.own_comments == [shown]
    assert "2 to create" in shown.body
    assert shown.body == changed.files["plan.md"]
    assert shown.body in changed.log
    assert json.loads(changed.files["plan.json"])["changes"]
    assert orthanc.modalities.names() == []

    merged = site.merge(DOCUMENT)
    assert list(merged) == ["apply"]
    assert merged["apply"].code == 0, merged["apply"].log
    assert (orthanc.modalities.names(), orthanc.peers.names()) == (["pacs"], ["backup"])
    [kept, report] = forge.own_comments
    assert kept is shown
    assert report.body.startswith("<!-- orthanc-state apply: ")
    assert "applied 2 of 2" in report.body
    [run] = History.read(merged["apply"].folder / "out" / "journal.jsonl").runs
    assert run.head["server"]["url"] == site.variables["ORTHANC_URL"]

    again = site.again()["apply"]
    assert again.code == 0, again.log
    assert "nothing to change" in again.log
    assert "2 to create" in shown.body
    assert somebody.body.endswith("as they wish")


@pytest.mark.parametrize("forge", [GITHUB], indirect=True, ids=["github"])
def test_a_plan_that_has_become_another_one_is_shown_and_applied_only_when_somebody_starts_it_anew(
    site: Site, forge: Forge, orthanc: Orthanc
) -> None:
    site.request(BEFORE)
    orthanc.modalities["pacs"].put({"AET": "OTHER", "Host": "10.0.0.5", "Port": 104})
    stopped = site.merge(BEFORE)["apply"]
    assert stopped.code == 1
    assert "the plan is not the one that the request showed" in stopped.log
    assert "journal.jsonl" not in stopped.files
    [comment] = forge.own_comments
    assert "OTHER → PACS" in comment.body

    started = site.again()["apply"]
    assert started.code == 0, started.log
    assert orthanc.modalities["pacs"].configuration()["AET"] == "PACS"


def test_neither_what_no_request_brought_is_applied_nor_what_is_not_the_last_document(
    site: Site, forge: Forge, orthanc: Orthanc
) -> None:
    ran = site.merge(BEFORE, requested=False)["apply"]
    assert ran.code == 1
    assert "no merged request brought this commit" in ran.log
    assert "Traceback" not in ran.log
    old = forge.head
    forge.merged.add(old)
    site.commit(DOCUMENT)
    late = site.again(old)["apply"]
    assert late.code == 1
    assert "the branch has moved on" in late.log
    assert orthanc.modalities.names() == []
    assert forge.own_comments == []


@pytest.mark.parametrize("forge", [GITLAB], indirect=True, ids=["gitlab"])
def test_an_apply_that_is_refused_fails_the_job(site: Site, orthanc: Orthanc) -> None:
    for name in ("old", "older"):
        orthanc.modalities[name].put({"AET": "OLD", "Host": "10.0.0.1", "Port": 104})
    document = f"{BEFORE}prune: {{modalities: true}}\n"
    site.request(document)
    ran = site.merge(document)["apply"]
    assert ran.code == 1
    assert "--allow-deletes" in ran.log
    assert sorted(orthanc.modalities.names()) == ["old", "older"]


def test_drift_fails_the_job_and_keeps_one_issue_open_for_as_long_as_it_lasts(
    site: Site, forge: Forge, orthanc: Orthanc
) -> None:
    site.commit(BEFORE)
    assert apply(orthanc, plan(orthanc, loads(BEFORE))).ok
    for host in ("10.0.0.66", "10.0.0.77"):
        orthanc.modalities["pacs"].put({"AET": "PACS", "Host": host, "Port": 104})
        drifted = site.scheduled()
        assert list(drifted) == ["drift"]
        assert drifted["drift"].code == 2
        assert f"{host} → 10.0.0.5" in drifted["drift"].log
        [issue] = forge.own_issues
        assert issue.is_open
        assert f"{host} → 10.0.0.5" in issue.body

    assert apply(orthanc, plan(orthanc, loads(BEFORE))).ok
    calm = site.scheduled()["drift"]
    assert calm.code == 0, calm.log
    assert not issue.is_open
    assert all(text.is_open for text in forge.issues if text is not issue)


def test_without_a_route_the_plan_is_made_against_the_snapshot_and_applied_inside(
    site: Site, forge: Forge, orthanc: Orthanc
) -> None:
    site.variables["SNAPSHOT_BRANCH"] = "state"
    inside, outside = site.variables, site.variables | {"ORTHANC_URL": "http://127.0.0.1:9", "ORTHANC_PASSWORD": ""}
    orthanc.modalities["pacs"].put({"AET": "PACS", "Host": "10.0.0.5", "Port": 104})
    site.commit(BEFORE)
    taken = site.scheduled()
    assert list(taken) == ["drift", "snapshot"]
    assert [job.code for job in taken.values()] == [0, 0], taken["snapshot"].log

    site.variables = outside
    planned = site.request(DOCUMENT)["plan"]
    assert planned.code == 0, planned.log
    assert "104 → 11112" in forge.own_comments[0].body

    site.variables = inside
    ran = site.merge(DOCUMENT)
    assert list(ran) == ["apply", "snapshot"]
    assert [job.code for job in ran.values()] == [0, 0], ran["apply"].log + ran["snapshot"].log
    assert orthanc.peers.names() == ["backup"]
    assert "backup" in git(site.origin, "show", "state:snapshot.json")
    assert git(site.origin, "rev-list", "--count", "state") == "1"


@pytest.mark.parametrize("forge", [GITHUB], indirect=True, ids=["github"])
def test_what_is_set_up_wrongly_is_said_and_fails_the_job(site: Site, forge: Forge) -> None:
    right = site.variables
    for wrong, said in (
        ({"BACKUP_PASSWORD": ""}, "the environment variable BACKUP_PASSWORD is empty"),
        ({"ORTHANC_PASSWORD": "another"}, "401"),
        ({}, "the forge could not be asked: Client error '403 Forbidden'"),
    ):
        forge.refuses = not wrong
        site.variables = right | wrong
        ran = site.request(DOCUMENT)["plan"]
        assert ran.code == 1
        assert said in ran.log
        assert "Traceback" not in ran.log
    assert forge.own_comments == []
