"""The command line as a user runs it: output, exit codes, JSON, questions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

import orthanc_state
from orthanc_state import Orthanc
from tests.cli.conftest import DOCUMENT, SECRET
from tools.command_line import commands

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state.testing import OrthancServer
    from tests.conftest import Cli

pytestmark = pytest.mark.orthanc(suites=["trixie"])


def test_plan_apply_plan(cli: Cli, site: dict[str, str], orthanc: Orthanc) -> None:
    first = cli("plan", "site.yaml", env=site)
    assert first.returncode == 0, first.stderr
    assert "+ modalities/pacs" in first.stdout
    assert "password  (secret)" in first.stdout
    assert "~ metrics: true → false" in first.stdout
    assert "Plan: 2 to create, 1 to update, 0 unchanged." in first.stdout
    assert orthanc.modalities.names() == []

    applied = cli("apply", "--yes", "site.yaml", env=site)
    assert applied.returncode == 0, applied.stderr
    assert "Applied 3 of 3." in applied.stdout
    assert orthanc.modalities.names() == ["pacs"]

    second = cli("plan", "site.yaml", env=site)
    assert second.returncode == 0
    assert "In sync: nothing to change (3 unchanged)." in second.stdout
    for run in (first, applied, second):
        assert SECRET not in run.stdout + run.stderr


def test_exit_codes_tell_the_truth(cli: Cli, site: dict[str, str]) -> None:
    assert cli("plan", "--detailed-exitcode", "site.yaml", env=site).returncode == 2
    assert cli("drift", "site.yaml", env=site).returncode == 2
    assert cli("plan", "site.yaml", "--detailed-exitcode", "--json", env=site).returncode == 2
    assert cli("apply", "-y", "site.yaml", env=site).returncode == 0
    assert cli("plan", "--detailed-exitcode", "site.yaml", env=site).returncode == 0
    assert cli("drift", "site.yaml", "--json", env=site).returncode == 0
    assert cli("apply", "-y", "site.yaml", env=site).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan"],
        ["plan", "--nonsense", "site.yaml"],
        ["nonsense"],
        ["plan", "site.yaml", "--timeout", "soon"],
        ["plan", "missing.yaml"],
        ["apply", "site.yaml"],
        ["apply", "--json", "site.yaml"],
        ["plan", "site.yaml", "--url", "localhost:8042"],
        ["plan", "site.yaml", "--url", ""],
        ["plan", "site.yaml", "--username", "admin"],
        ["plan", "site.yaml", "--password-file", "missing", "--username", "admin"],
        ["plan", "site.yaml", "--ca-file", "missing"],
        ["plan", "site.yaml", "--client-certificate", "missing"],
        ["plan", "site.yaml", "--client-key", "missing"],
        ["demo", "--suite", "sarge"],
    ],
    ids=" ".join,
)
def test_what_a_user_does_wrong_is_one_block_and_exit_code_1(
    cli: Cli, site: dict[str, str], arguments: list[str]
) -> None:
    run = cli(*arguments, env=site)
    assert run.returncode == 1
    assert run.stderr.startswith("Error: ")
    assert "Traceback" not in run.stderr
    assert len(run.stderr.splitlines()) <= 6


def test_a_bare_command_shows_the_help(cli: Cli) -> None:
    for arguments in ([], ["--help"], ["plan", "--help"]):
        run = cli(*arguments)
        assert "Usage" in run.stdout + run.stderr


def test_every_option_says_what_it_takes_and_what_it_is() -> None:
    for command in commands():
        assert command.summary.endswith("."), command.name
        for each in (*command.arguments, *command.options):
            if each.name not in ("--help", "--install-completion", "--show-completion"):
                assert "None" not in each.spelling, f"{command.name} {each.spelling}: give a metavar"
                assert each.help.endswith(".") or each.name == "--explain", f"{command.name} {each.name}: {each.help}"


def test_json_is_valid_and_holds_no_secret(cli: Cli, site: dict[str, str], orthanc_server: OrthancServer) -> None:
    plan = json.loads(cli("plan", "site.yaml", "--json", env=site).stdout)
    assert plan["summary"] == {"create": 2, "update": 1, "delete": 0, "unchanged": 0, "unmanaged": 0, "by_policies": 0}
    assert plan["server"] == {"url": orthanc_server.url, "name": "orthanc-state", "version": orthanc_server.version}
    [peer] = [change for change in plan["changes"] if change["address"] == "peers/backup"]
    assert {"path": "password", "before": None, "after": "(secret)"} in peer["fields"]
    report = json.loads(cli("apply", "-y", "site.yaml", "--json", env=site).stdout)
    assert report["ok"]
    assert [result["outcome"] for result in report["results"]] == ["applied"] * 3
    dump = json.loads(cli("dump", "--json", env=site).stdout)
    assert dump["peers"]["backup"]["password"] == "!env ORTHANC_PEERS_BACKUP_PASSWORD"
    valid = json.loads(cli("validate", "site.yaml", "--json", env=site).stdout)
    assert valid == {"valid": True, "sections": ["modalities", "peers", "metrics"], "warnings": []}
    assert SECRET not in json.dumps([plan, report, dump, valid])


def test_an_error_is_json_too_when_that_was_asked_for(cli: Cli, site: dict[str, str]) -> None:
    run = cli("validate", "site.yaml", "--json")
    assert run.returncode == 1
    error = json.loads(run.stdout)
    assert error["error"] == "DocumentError"
    assert error["problems"][0]["message"] == "the environment variable BACKUP_PASSWORD is not set"
    assert (error["problems"][0]["line"], error["problems"][0]["column"]) == (5, 69)


def test_a_document_can_be_checked_without_its_secrets(cli: Cli, site: dict[str, str], tmp_path: Path) -> None:
    assert cli("validate", "--no-secrets", "site.yaml").returncode == 0
    (tmp_path / "site.yaml").write_text(DOCUMENT.replace("username", "user_name"))
    run = cli("validate", "--no-secrets", "site.yaml")
    assert run.returncode == 1
    assert "site.yaml:5" in run.stderr


def test_a_dump_is_a_document_of_which_a_plan_is_empty(cli: Cli, site: dict[str, str], tmp_path: Path) -> None:
    cli("apply", "-y", "site.yaml", env=site)
    dump = cli("dump", env=site)
    (tmp_path / "dump.yaml").write_text(dump.stdout)
    environment = {**site, "ORTHANC_PEERS_BACKUP_PASSWORD": SECRET}
    assert cli("drift", "dump.yaml", env=environment).returncode == 0


def test_several_files_are_one_document(cli: Cli, site: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("modalities:\n  pacs: {port: 104}\n  ct1: [CT1, h, 104]\npeers: null\n")
    run = cli("plan", "site.yaml", "more.yaml", env=site)
    assert run.returncode == 0, run.stderr
    assert "+ modalities/ct1" in run.stdout
    assert "104" in run.stdout
    assert "peers/backup" not in run.stdout


def test_debug_logs_requests_and_no_secret(cli: Cli, site: dict[str, str]) -> None:
    run = cli("--debug", "apply", "-y", "site.yaml", env=site)
    assert run.returncode == 0
    assert "PUT /peers/backup: 200" in run.stderr
    assert SECRET not in run.stderr


def test_escape_sequences_of_a_server_do_not_reach_the_terminal(
    cli: Cli, site: dict[str, str], start_orthanc: Callable[..., OrthancServer]
) -> None:
    server = start_orthanc({"Name": "\x1b[31mred\x07"})
    run = cli("plan", "site.yaml", env={**site, "ORTHANC_URL": server.url})
    assert run.returncode == 0
    assert "\x1b" not in run.stdout
    assert "\\x1b[31mred\\x07" in run.stdout


def test_the_version_is_printed_without_importing_what_it_does_not_need(cli: Cli) -> None:
    assert cli("--version").stdout == f"orthanc-state {orthanc_state.__version__}\n"
    code = (
        "import sys, orthanc_state.cli.app; "
        "heavy = {'httpx', 'pydantic', 'rich', 'ruamel.yaml', 'deepdiff', 'pydicom'} & sys.modules.keys(); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_an_in_sync_plan_imports_neither_deepdiff_nor_pydicom_nor_rich(
    cli: Cli, site: dict[str, str], tmp_path: Path
) -> None:
    cli("apply", "-y", "site.yaml", env=site)
    code = """\
import sys
from orthanc_state.cli import main
sys.argv = ["orthanc-state", "drift", "site.yaml"]
try:
    main()
except SystemExit as end:
    heavy = {"rich", "deepdiff", "pydicom"} & sys.modules.keys()
    sys.exit(str(heavy) if heavy else end.code)
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, **site},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_a_closed_pipe_is_no_error_message(site: dict[str, str], tmp_path: Path) -> None:
    command = f"{sys.executable} -m orthanc_state dump | true"
    run = subprocess.run(
        ["bash", "-c", command], env={**os.environ, **site}, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.stderr == ""


def test_ctrl_c_finishes_the_change_in_hand_and_a_second_apply_the_rest(
    cli: Cli, site: dict[str, str], tmp_path: Path, orthanc: Orthanc
) -> None:
    entries = "".join(f"  m{number}: [M{number}, h, 104]\n" for number in range(400))
    (tmp_path / "many.yaml").write_text(f"version: 1\nmodalities:\n{entries}")
    process = subprocess.Popen(
        [sys.executable, "-m", "orthanc_state", "apply", "--yes", "many.yaml"],
        env={**os.environ, **site},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not orthanc.modalities.names() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    written = len(orthanc.modalities.names())
    assert process.returncode == 1
    assert "Traceback" not in err
    assert 0 < written < 400
    assert f"Applied {written} of 400; {400 - written} not tried." in out
    assert cli("apply", "-y", "many.yaml", env=site).returncode == 0
    assert len(orthanc.modalities.names()) == 400
