"""`check` and `apply --verify`, as a user runs them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc, apply, loads, plan
from orthanc_state.testing.probe import free_port
from tests.checks.test_check_formats import check_log, suites_of
from tests.cli.test_terminal import on_terminal

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state.testing import OrthancServer
    from tests.api.foreign import Foreign

    Cli = Callable[..., subprocess.CompletedProcess[str]]


def document(foreign: Foreign, port: int) -> str:
    """Two modalities, of which the first answers."""
    return (
        "version: 1\nmodalities:\n"
        f"  ct: [FOREIGN, 127.0.0.1, {foreign.port}]\n  off: [OFF, 127.0.0.1, {port}]\n"
        "assume: {modalities_in_database: true}\n"
    )


def test_a_check_that_fails_is_exit_code_1(
    orthanc: Orthanc, orthanc_server: OrthancServer, foreign: Foreign, tmp_path: Path, cli: Cli
) -> None:
    text = document(foreign, free_port())
    (tmp_path / "site.yaml").write_text(text)
    assert apply(orthanc, plan(orthanc, loads(text))).ok
    env = {"ORTHANC_URL": orthanc_server.url}
    done = cli("check", "site.yaml", env=env)
    assert done.returncode == 1, done.stderr
    assert "failed   echo         modalities/off" in done.stdout
    assert "site.yaml:4:3" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Checks: ")
    for arguments in (
        ["--skip", "echo"],
        ["--only", "version"],
        ["--only", "echo", "--only", "storage", "--skip", "echo"],
    ):
        assert cli("check", "site.yaml", *arguments, env=env).returncode == 0
    data = json.loads(cli("check", "site.yaml", "--only", "echo", "--json", env=env).stdout)
    assert data["summary"]["failed"] == 1
    junit = cli("check", "site.yaml", "--format", "junit", "--only", "echo", env=env)
    assert junit.returncode == 1
    assert suites_of(junit.stdout)[0].get("failures") == "1"
    log = json.loads(cli("check", "site.yaml", "--format", "sarif", env=env).stdout)
    assert [each["ruleId"] for each in check_log(log) if each["level"] == "error"] == ["echo"]


@pytest.mark.orthanc(suites=["trixie"])
def test_restart_safe(orthanc_server: OrthancServer, foreign: Foreign, tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "site.yaml").write_text(document(foreign, 104))
    env = {"ORTHANC_URL": orthanc_server.url}
    assert cli("check", "site.yaml", "--only", "restart", env=env).returncode == 0
    assert cli("check", "site.yaml", "--restart-safe", "--only", "answers", env=env).returncode == 0
    (tmp_path / "over.yaml").write_text("metrics: true\n")
    done = cli("check", "site.yaml", "over.yaml", "--restart-safe", "--only", "answers", env=env)
    assert done.returncode == 1
    assert "lost at a restart" in done.stdout
    nothing = cli("check", "--restart-safe", env=env)
    assert nothing.returncode == 1
    assert "no document was given" in nothing.stderr
    wrong = cli("check", "--only", "ecko", env=env)
    assert "there is no check ecko" in wrong.stderr
    assert "Did you mean `echo`?" in wrong.stderr
    assert cli("check", "--json", "--format", "junit", env=env).returncode == 1


@pytest.fixture
def broken(orthanc: Orthanc, orthanc_server: OrthancServer, foreign: Foreign, tmp_path: Path) -> Path:
    """A document that breaks the link to the first modality, and does nothing to the second, which never worked."""
    dead = free_port()
    before = f"version: 1\nmodalities:\n  ct: [FOREIGN, 127.0.0.1, {foreign.port}]\n  off: [OFF, 127.0.0.1, {dead}]\n"
    before += f"  old: [OLD, 127.0.0.1, {foreign.port}]\n"
    assert apply(orthanc, plan(orthanc, loads(before))).ok
    path = tmp_path / "broken.yaml"
    path.write_text(
        f"version: 1\nmodalities:\n  ct: [FOREIGN, 127.0.0.1, {dead}]\n  old: {{state: absent}}\n"
        f"  off: [OFF, 127.0.0.1, {dead}, GE]\n"
    )
    return path


def test_an_apply_that_breaks_a_link_is_told_with_what_undoes_it(
    orthanc: Orthanc, broken: Path, cli: Cli, foreign: Foreign
) -> None:
    journal = broken.with_name("a journal.jsonl")
    env = {"ORTHANC_URL": orthanc.url}
    arguments = ["apply", str(broken), "--yes", "--verify", "--journal", str(journal)]
    done = cli(*arguments, env=env)
    assert done.returncode == 1, done.stderr
    assert "No longer works: " in done.stdout
    assert "modalities/ct (echo)" in done.stdout
    # It never worked, or was deleted on purpose.
    assert "modalities/off (echo)" not in done.stdout
    assert "modalities/old (echo)" not in done.stdout
    assert f"orthanc-state rollback '{journal}'" in done.stderr
    undone = cli("rollback", str(journal), "--yes", "--verify", "--json", env=env)
    assert undone.returncode == 0, undone.stderr
    assert json.loads(undone.stdout)["ok"]
    assert "all that worked before still do" in undone.stderr
    assert orthanc.modalities["ct"].configuration()["Port"] == foreign.port


@pytest.mark.orthanc(suites=["trixie"])
@pytest.mark.parametrize("answer", ["yes", "no"])
def test_on_a_terminal_it_asks_whether_to_roll_back(
    orthanc: Orthanc, broken: Path, foreign: Foreign, answer: str
) -> None:
    code, shown = on_terminal(
        ["yes", answer],
        "apply",
        str(broken),
        "--verify",
        "--journal",
        str(broken.with_name("j.jsonl")),
        "--url",
        orthanc.url,
    )
    assert code == 1
    assert "Roll back now?" in shown
    assert (orthanc.modalities["ct"].configuration()["Port"] == foreign.port) == (answer == "yes")


@pytest.mark.orthanc(suites=["trixie"])
def test_without_a_journal_it_says_that_it_cannot_be_undone(
    orthanc_server: OrthancServer, broken: Path, cli: Cli
) -> None:
    done = cli("apply", str(broken), "--yes", "--verify", "--no-journal", env={"ORTHANC_URL": orthanc_server.url})
    assert done.returncode == 1
    assert "No journal was kept" in done.stderr


@pytest.mark.orthanc(suites=["trixie"])
def test_a_fleet_stops_after_the_wave_that_broke_a_link(
    orthanc: Orthanc, start_orthanc: Callable[..., OrthancServer], broken: Path, cli: Cli
) -> None:
    other = start_orthanc({"DicomAet": "OTHER"})
    (broken.parent / "other.yaml").write_text("version: 1\nmetrics: false\n")
    (broken.parent / "fleet.yaml").write_text(
        "version: 1\nservers:\n"
        f"  one: {{url: '{orthanc.url}', documents: [broken.yaml]}}\n"
        f"  two: {{url: '{other.url}', documents: [other.yaml]}}\n"
    )
    checked = cli("check", "--inventory", "fleet.yaml", "--only", "echo", "--json")
    assert {result["server"] for result in json.loads(checked.stdout)["results"]} == {"one"}
    journals = broken.parent / "journals"
    arguments = ["--yes", "--verify", "--waves", "1,100%", "--journal", str(journals)]
    done = cli("apply", "--inventory", "fleet.yaml", *arguments)
    assert done.returncode == 1, done.stderr
    assert "No longer works: one modalities/ct (echo)" in done.stdout
    assert "the check after wave 1 failed" in done.stdout
    assert f"orthanc-state rollback {journals / 'one.jsonl'}" in done.stderr
    with Orthanc(other.url) as untouched:
        assert untouched.tools.metrics.get() is True
    assert cli("rollback", str(journals / "one.jsonl"), "--yes").returncode == 0
    assert orthanc.modalities["old"].configuration()["AET"] == "OLD"
