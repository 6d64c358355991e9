"""What a plan says of restarts is what a restart does, on every version, for every kind, with every switch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, apply, loads, plan
from orthanc_state.checks.result import Status
from orthanc_state.engine import render_configuration, start
from orthanc_state.execution.history import History
from orthanc_state.execution.journal import Journal
from orthanc_state.execution.rollback import rollback
from orthanc_state.kinds.registry import resource_kinds
from orthanc_state.planning.durability import Fate
from orthanc_state.planning.plan_file import open_plan, save
from orthanc_state.render.data import plan_data
from orthanc_state.render.html import plan_page
from orthanc_state.render.markdown import plan_markdown
from orthanc_state.render.planned import plan_view
from orthanc_state.render.restart import restart_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state.testing import OrthancServer
    from tests.checks.conftest import Checked
    from tests.conftest import Cli

SECTIONS = """\
modalities: {pacs: [PACS, 10.0.0.5, 104], ct: [CT, 10.0.0.6, 104]}
peers: {backup: {url: "http://backup.example/"}}
dicomweb_servers: {cloud: {url: "http://cloud.example/dicom-web/"}}
dicom: {accepted_transfer_syntaxes: [ExplicitVRLittleEndian], unknown_sop_class_accepted: true, default_encoding: Greek}
logging: {dicom: verbose}
metrics: false
"""
SECRET = """\
peers: {backup: {url: "http://backup.example/", username: u, password: !env BACKUP, http_headers: {X-Key: !env KEY}}}
"""
ENVIRONMENT = {"BACKUP": "first", "KEY": "second"}
DOCUMENT = loads("version: 1\n" + SECTIONS)
ASSUMED = "assume: {modalities_in_database: true, peers_in_database: false}\n"
SWITCHED = {"modalities", "peers", "dicomweb_servers"}


def configuration(on: bool) -> dict[str, Any]:
    """Each switch that decides, on or off."""
    database = dict.fromkeys(("DicomModalitiesInDatabase", "OrthancPeersInDatabase"), on)
    return {"ExecuteLuaEnabled": True, **database, "DicomWeb": {"ServersInDatabase": on}}


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize("suite", ["bookworm", "trixie", "forky"])
def test_what_is_said_to_be_lost_is_lost_and_what_is_said_to_be_kept_is_kept(
    suite: str, on: bool, start_orthanc: Callable[..., OrthancServer], checked: Checked
) -> None:
    server = start_orthanc(configuration(on), suite, ["dicomweb"])
    with Orthanc(server.url) as orthanc:
        found = plan(orthanc, DOCUMENT)
        assert {change.kind for change in found.changes} == {kind.name for kind in resource_kinds()}
        said = found.after_restart
        assert not said[Fate.UNKNOWN]
        assert set(said[Fate.KEPT]) == (SWITCHED if on else set())
        assert apply(orthanc, found).ok
        assert plan(orthanc, DOCUMENT).empty
    promised = {target: result.status for target, result in checked(server.url, SECTIONS, "restart").items()}
    server.restart()
    with Orthanc(server.url) as orthanc:
        lost = {change.kind for change in plan(orthanc, DOCUMENT).changes}
    assert set(said[Fate.LOST]) == lost
    assert {target.replace("/", ".") for target, status in promised.items() if status is Status.FAILED} == lost
    assert {target for target, status in promised.items() if status is Status.OK} == set(said[Fate.KEPT])


@pytest.mark.parametrize("suite", ["bookworm", "trixie", "forky"])
def test_what_is_deleted_comes_back_or_does_not_as_it_was_said(
    suite: str, start_orthanc: Callable[..., OrthancServer]
) -> None:
    absent = loads("version: 1\nmodalities: {old: {state: absent}}\npeers: {old: {state: absent}}\n")
    named = {"DicomModalities": {"old": ["OLD", "h", 104]}, "OrthancPeers": {"old": ["http://h/"]}}
    server = start_orthanc({**configuration(False), "OrthancPeersInDatabase": True, **named}, suite)
    with Orthanc(server.url) as orthanc:
        orthanc.peers["old"].put({"Url": "http://h/"})
        found = plan(orthanc, absent)
        assert found.after_restart[Fate.LOST] == {"modalities": 1}
        assert found.after_restart[Fate.KEPT] == {"peers": 1}
        assert apply(orthanc, found).ok
    server.restart()
    with Orthanc(server.url) as orthanc:
        assert orthanc.modalities.names() == ["old"]
        assert orthanc.peers.names() == []


def test_a_server_that_allows_no_scripts_is_believed_what_the_document_assumes(orthanc: Orthanc) -> None:
    document = loads("version: 1\nmodalities: {ct: [CT, h, 104]}\npeers: {p: {url: 'http://h/'}}\nmetrics: false\n")
    said = plan(orthanc, document).after_restart
    assert said == {Fate.LOST: {"metrics": 1}, Fate.KEPT: {}, Fate.UNKNOWN: {"modalities": 1, "peers": 1}}
    assert restart_text(said) == (
        "Lost at the next restart, unless the configuration file says the same: metrics; not known: modalities, peers "
        "(say `assume: {modalities_in_database: true, peers_in_database: true}` if it is so)."
    )
    assumed = loads(
        "version: 1\nmodalities: {a: [A, h, 104], b: [B, h, 104]}\npeers: {p: {url: 'http://h/'}}\n" + ASSUMED
    )
    assert restart_text(plan(orthanc, assumed).after_restart) == (
        "Lost at the next restart, unless the configuration file says the same: peers; kept: modalities (2)."
    )
    assert restart_text(plan(orthanc, loads("version: 1\n" + ASSUMED)).after_restart) == ""


@pytest.mark.orthanc(suites=["trixie"], configuration={"ExecuteLuaEnabled": True, "DicomModalitiesInDatabase": True})
def test_what_the_server_tells_is_believed_more_than_what_is_assumed(orthanc: Orthanc, tmp_path: Path) -> None:
    document = loads(
        "version: 1\nmodalities: {ct: [CT, h, 104]}\nmetrics: false\nassume: {modalities_in_database: false}\n"
    )
    found = plan(orthanc, document)
    assert found.after_restart[Fate.KEPT] == {"modalities": 1}
    # A saved plan says the same, and so does every form; and so does what undoes it.
    save(found, tmp_path / "plan.json")
    saved = open_plan(tmp_path / "plan.json")
    assert saved.after_restart == found.after_restart
    text = restart_text(found.after_restart)
    assert text.endswith("metrics; kept: modalities.")
    assert text in plan_markdown(plan_view(saved))
    assert text in plan_page(plan_view(saved))
    data = plan_data(saved)["restart"]
    assert json.loads(json.dumps(data)) == {"lost": {"metrics": 1}, "kept": {"modalities": 1}, "unknown": {}}
    with Journal(tmp_path / "j.jsonl") as journal:
        assert apply(orthanc, saved, journal=journal).ok
    undone = rollback(orthanc, History.read(tmp_path / "j.jsonl").runs[-1])
    assert undone.after_restart == found.after_restart


def test_restart_safe_is_not_promised_where_it_is_not_known(
    orthanc: Orthanc, orthanc_server: OrthancServer, checked: Checked
) -> None:
    text = "modalities: {ct: [CT, h, 104]}\nlogging: {dicom: verbose}\n"
    found = checked(orthanc.url, text, "restart")
    assert found["modalities"].status is Status.FAILED
    assert "assume: {modalities_in_database: true}" in found["modalities"].hint
    assert str(found["modalities"].place) == "site.yaml:2:1"
    assert found["logging"].status is Status.FAILED
    assert "render-config" in found["logging"].hint
    kept = checked(orthanc.url, text + "assume: {modalities_in_database: true}\n", "restart")
    assert kept["modalities"].status is Status.OK
    assert orthanc_server.running


@pytest.mark.parametrize("suite", ["bookworm", "trixie", "forky"])
def test_what_the_configuration_says_too_survives_and_nothing_else_is_promised(
    suite: str, start_orthanc: Callable[..., OrthancServer], checked: Checked, tmp_path: Path
) -> None:
    text = SECTIONS.replace('peers: {backup: {url: "http://backup.example/"}}\n', SECRET)
    text = text.replace("ct: [CT, 10.0.0.6, 104]", "ct: [CT, 10.0.0.6, 104], old: {state: absent}")
    document = loads("version: 1\n" + text, environment=ENVIRONMENT)
    fragment = render_configuration(document, with_environment=True)
    (tmp_path / "orthanc.json").write_text(fragment.text)
    (tmp_path / "environment").write_text(fragment.environment)
    begun = start([tmp_path / "orthanc.json"], env_files=[tmp_path / "environment"])
    assert not any(secret in repr(begun) for secret in ENVIRONMENT.values())
    server = start_orthanc(dict(fragment.data), suite, ["dicomweb"], environment=ENVIRONMENT)
    with Orthanc(server.url) as orthanc:
        left = {change.kind for change in plan(orthanc, document).changes}
        said = checked(server.url, text, "restart", environment=ENVIRONMENT, start=begun)
        assert {name.replace("/", ".") for name, result in said.items() if result.status is Status.FAILED} == left
        assert left == {"logging"}

        more = text.replace("10.0.0.6", "10.0.0.7").replace("metrics: false", "metrics: true")
        more = more.replace("Greek", "Latin1").replace("[ExplicitVRLittleEndian]", '["1.2.840.10008.1.2.4.*"]')
        more = more.replace("username: u", "username: v").replace("cloud.example", "other.example")
        changed = loads("version: 1\n" + more, environment=ENVIRONMENT)
        assert apply(orthanc, plan(orthanc, changed)).ok
        said = checked(server.url, more, "restart", environment=ENVIRONMENT, start=begun)
        server.restart()
        lost = {change.kind for change in plan(orthanc, changed).changes}
    assert {name.replace("/", ".") for name, result in said.items() if result.status is Status.FAILED} == lost
    assert said["modalities"].message.endswith("does not say the same of ct")
    assert str(said["modalities"].place) == "site.yaml:2:43"


def test_the_configuration_is_asked_for_by_command(orthanc: Orthanc, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("version: 1\nmetrics: true\nmodalities: {ct: [CT, h, 104]}\n")
    (tmp_path / "orthanc.json").write_text(
        '{"MetricsEnabled": true, // As it is wanted.\n "DicomModalities": {"ct": ["CT", "${HOST}", 104]}}'
    )
    (tmp_path / "env").write_text("HOST=h\n")
    command = ("check", "site.yaml", "--url", orthanc.url, "--only", "restart", "--restart-safe")
    without = cli(*command)
    assert (without.returncode, "--configuration FILE" in without.stdout) == (1, True)
    told = cli(*command, "--configuration", "orthanc.json", "--env-file", "env")
    assert told.returncode == 0, told.stdout + told.stderr
    (tmp_path / "env").write_text("HOST=other\n")
    assert "does not say the same of ct" in cli(*command, "--configuration", ".", "--env-file", "env").stdout
    refused = cli(*command, "--configuration", "orthanc.json")
    assert (refused.returncode, refused.stderr.count("`HOST`")) == (1, 1)
    for wrong, message in (
        (("--env-file", "env"), "none is given"),
        (("--configuration", "missing.json"), "cannot be read"),
        (("--configuration", "orthanc.json", "--inventory", "fleet.yaml"), "is of one server"),
    ):
        result = cli(*command, *wrong)
        assert (result.returncode, message in result.stderr) == (1, True)
    careless = cli("check", "site.yaml", "--url", orthanc.url, "--configuration", "orthanc.json")
    assert (careless.returncode, "--restart-safe" in careless.stderr) == (1, True)
