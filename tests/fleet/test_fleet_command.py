"""A fleet on the command line, as a user sees it: one table, one saved plan, exit codes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state.document.load import load

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Cli
    from tests.fleet.conftest import Hospital

CANARY = "canary-hunter2"


@pytest.fixture
def run(ten: Hospital, cli: Cli) -> Any:
    """Runs the command in the folder of the hospital, with the inventory as it is."""

    def command(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        assert ten.file.exists()
        result = cli(*arguments, **options)
        assert CANARY not in result.stdout + result.stderr
        assert "Traceback" not in result.stderr
        return result

    return command


def test_plan_apply_drift(run: Any, ten: Hospital) -> None:
    first = run("plan", "--inventory", "fleet.yaml")
    assert first.returncode == 0, first.stderr
    assert "s4:\nOrthanc s4  1.12.7 at" in first.stdout
    assert "+ modalities/pacs" in first.stdout
    assert "server  version  create  update  delete  state" in first.stdout
    assert re.search(r"^s4 +1\.12\.7 +2 +0 +0  to change$", first.stdout, re.MULTILINE)
    assert first.stdout.endswith("Plan for 10 servers: 10 to change.\n")
    assert run("plan", "--inventory", "fleet.yaml", "--detailed-exitcode").returncode == 2
    assert run("drift", "--inventory", "fleet.yaml").returncode == 2

    applied = run("apply", "--yes", "--inventory", "fleet.yaml", "--waves", "1,25%,100%")
    assert applied.returncode == 0, applied.stderr
    assert "Wave 1 of 3: s0\n  s0  applied: 2 of 2" in applied.stdout
    assert "Wave 3 of 3: s3, s4, s5, s6, s7, s8, s9" in applied.stdout
    assert applied.stdout.endswith("Report of 10 servers: 10 applied.\n")
    journals = list((ten.folder / "state" / "orthanc-state" / "journals").iterdir())
    assert {path.name.split("-")[1] for path in journals} == set(ten.urls)

    assert run("drift", "--inventory", "fleet.yaml").returncode == 0
    last = run("apply", "--yes", "--inventory", "fleet.yaml")
    assert last.returncode == 0
    assert "Report of 10 servers: 10 in sync." in last.stdout


def test_servers_and_groups_are_chosen(run: Any, ten: Hospital) -> None:
    planned = run("plan", "--inventory", "fleet.yaml", "--server", "s1", "--server", "s3", "--group", "even", "--json")
    assert planned.returncode == 0, planned.stderr
    data = json.loads(planned.stdout)
    assert [server["name"] for server in data["servers"]] == ["s0", "s1", "s2", "s3", "s4", "s6", "s8"]
    assert data["summary"]["to_change"] == 7
    assert data["servers"][1]["plan"]["server"]["name"] == "s1"
    for arguments, message in (
        (("--server", "s11"), "has no server s11"),
        (("--group", "evn"), "has no group evn [selection-unknown]\n  Did you mean `even`?"),
    ):
        refused = run("plan", "--inventory", "fleet.yaml", *arguments)
        assert refused.returncode == 1
        assert message in refused.stderr


def test_one_that_is_down_is_a_row_and_the_exit_code(run: Any, ten: Hospital) -> None:
    ten.server("s2").kill()
    planned = run("drift", "--inventory", "fleet.yaml")
    assert planned.returncode == 1
    assert "s2: " in planned.stdout
    assert "Plan for 10 servers: 9 to change, 1 failed." in planned.stdout
    applied = run("apply", "--yes", "--inventory", "fleet.yaml")
    assert applied.returncode == 1
    assert "1 of 10 servers cannot be applied, so nothing was written anywhere" in applied.stderr
    assert set(ten.aets().values()) == {None}
    applied = run("apply", "--yes", "--inventory", "fleet.yaml", "--without-failed", "--json")
    assert applied.returncode == 1
    data = json.loads(applied.stdout)
    assert not data["ok"]
    assert [server["name"] for server in data["servers"] if server["state"] != "applied"] == ["s2"]


def test_a_saved_plan_is_shown_and_applied(run: Any, ten: Hospital) -> None:
    ten.write("peer.yaml", 'peers: {backup: {url: "http://b/", username: u, password: !env WORD}}\n')
    ten.fields["s5"] = ", documents: [peer.yaml]"
    secret = {"WORD": CANARY}
    assert run("plan", "--inventory", "fleet.yaml", "--out", "plan.json", env=secret).returncode == 0
    shown = run("show", "plan.json")
    assert shown.returncode == 0, shown.stderr
    assert "Plan for 10 servers: 10 to change." in shown.stdout
    assert "+ peers/backup" in shown.stdout
    refused = run("apply", "--yes", "plan.json")
    assert refused.returncode == 1
    assert "the environment variable WORD is not set" in refused.stdout
    assert set(ten.aets().values()) == {None}
    refused = run("apply", "--yes", "plan.json", "--server", "s1", env=secret)
    assert refused.returncode == 1
    assert "is a saved plan, which is applied alone and as it is" in refused.stderr
    applied = run("apply", "--yes", "plan.json", "--waves", "2,100%", env=secret)
    assert applied.returncode == 0, applied.stderr
    assert run("drift", "--inventory", "fleet.yaml", env=secret).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("plan",), "no document was given"),
        (("plan", "--server", "s1", "base.yaml"), "--server and --group choose of an inventory"),
        (("plan", "--inventory", "fleet.yaml", "base.yaml"), "both an inventory and base.yaml were given"),
        (("plan", "--inventory", "nothing.yaml"), "nothing.yaml\n    cannot be read: No such file"),
        (("plan", "--inventory", "fleet.yaml", "--against", "x"), "--against is for one server"),
        (("apply", "--waves", "1", "base.yaml"), "--waves and --without-failed are for a fleet"),
        (("apply", "--yes", "--inventory", "fleet.yaml", "--waves", "2,1"), "the waves 2,1 do not grow"),
        (("apply", "--yes", "--inventory", "fleet.yaml", "--waves", "1"), "leave out 9 of 10 servers"),
        (("apply", "--inventory", "fleet.yaml"), "nobody can be asked"),
        (("apply", "--inventory", "fleet.yaml", "--json"), "--format json cannot ask"),
        (("dump", "--inventory", "fleet.yaml"), "there is no folder to write to"),
        (("dump", "--out", "x"), "no inventory was given"),
        (("validate", "--var", "x", "base.yaml"), "--var: expected NAME=VALUE"),
        (
            ("validate", "--var", "aet=X", "--var", "site=x", "base.yaml"),
            "--var: no document takes the variable site [usage]\n  The variables of the documents are aet",
        ),
        (
            ("validate", "--inventory", "fleet.yaml", "--var", "aeet=X"),
            "--var: no document takes the variable aeet [usage]\n  Did you mean `aet`?",
        ),
        (("inventory", "--static"), "--static is a form of --ansible"),
    ],
)
def test_what_cannot_be_done(run: Any, arguments: tuple[str, ...], message: str) -> None:
    refused = run(*arguments)
    assert refused.returncode == 1
    assert message in refused.stderr


def test_dump_writes_a_file_a_server(run: Any, ten: Hospital) -> None:
    assert run("apply", "--yes", "--inventory", "fleet.yaml").returncode == 0
    ten.server("s9").kill()
    dumped = run("dump", "--inventory", "fleet.yaml", "--out", "state-of-today")
    assert dumped.returncode == 1
    assert "s9: " in dumped.stderr
    folder = ten.folder / "state-of-today"
    assert sorted(path.name for path in folder.iterdir()) == [f"s{number}.yaml" for number in range(9)]
    assert load(folder / "s4.yaml").sections["modalities"]["pacs"].aet == "AET4"
    data = json.loads(run("dump", "--inventory", "fleet.yaml", "--out", "x", "--server", "s1", "--json").stdout)
    assert data["servers"] == [{"name": "s1", "file": "x/s1.yaml", "error": None}]


def test_validate_and_explain(run: Any, ten: Hospital) -> None:
    # Nothing answers there.
    ten.urls = {name: f"http://127.0.0.1:9/{name}" for name in ten.urls}
    valid = run("validate", "--inventory", "fleet.yaml", "--group", "odd", "--explain", "modalities.pacs.aet")
    assert valid.returncode == 0, valid.stderr
    origin = r"modalities\.pacs\.aet: AET3\n  base\.yaml:3:15, from the variable aet \(fleet\.yaml:8:\d+\)\n"
    assert re.search(r"Valid: s3 \(modalities, metrics\)\n" + origin, valid.stdout)
    explained = ("--explain", "modalities.pacs.aet")
    over = run("validate", "--inventory", "fleet.yaml", "--server", "s3", "--var", "aet=X", *explained)
    assert "modalities.pacs.aet: X\n  base.yaml:3:15, from the variable aet (--var)\n" in over.stdout
    ten.fields["s2"] = ", documents: [wrong.yaml]"
    ten.write("wrong.yaml", "modalities: {pacs: {port: x}}\n")
    wrong = run("validate", "--inventory", "fleet.yaml", "--json")
    assert wrong.returncode == 1
    data = json.loads(wrong.stdout)
    assert [server["name"] for server in data["servers"] if not server["valid"]] == ["s2"]
    single = run("validate", "base.yaml", "--var", "aet=X", "--explain", "modalities.ct", "--json")
    assert json.loads(single.stdout)["explained"]["value"] == "{aet, host, port}"
    assert "there is no variable `aet`" in run("validate", "base.yaml").stderr


def test_inventory_lists_servers_groups_documents(run: Any, ten: Hospital) -> None:
    ten.fields["s1"] = ", username: u, password: !env NOT_SET"
    listed = run("inventory", "--group", "odd")
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.splitlines()[0].split() == ["server", "url", "groups", "documents"]
    assert listed.stdout.splitlines()[1].split() == ["s1", ten.urls["s1"], "odd", "base.yaml"]
    data = json.loads(run("inventory", "fleet.yaml", "--json").stdout)
    assert data["groups"] == ["even", "odd"]
    assert data["servers"][4] == {
        "name": "s4",
        "url": ten.urls["s4"],
        "groups": ["even"],
        "documents": ["base.yaml"],
        "variables": ["aet"],
    }


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_other_forms(run: Any, ten: Hospital, form: str) -> None:
    ten.server("s2").kill()
    planned = run("plan", "--inventory", "fleet.yaml", "--format", form)
    assert planned.returncode == 1
    applied = run("apply", "--yes", "--inventory", "fleet.yaml", "--format", form, "--without-failed")
    assert applied.returncode == 1
    for text, headline in ((planned.stdout, "9 to change, 1 failed"), (applied.stdout, "9 applied, 1 failed")):
        assert headline in text
        assert ten.urls["s2"] in text
        assert text.startswith("<!-- orthanc-state" if form == "markdown" else "<!DOCTYPE html>")
    assert len(planned.stdout) < 65_536 or form == "html"


def test_ctrl_c_finishes_what_is_in_hand(ten: Hospital, tmp_path: Path) -> None:
    """The signal comes when the second wave begins."""
    command = [sys.executable, "-m", "orthanc_state", "apply", "--yes", "--inventory", str(ten.file), "--no-journal"]
    waves = ",".join(str(number) for number in range(1, 11))
    process = subprocess.Popen(
        [*command, "--waves", waves], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Wave 2 of 10"):
            os.kill(process.pid, signal.SIGINT)
            break
    out, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Stopping after what is in hand" in error
    assert "Stopped: interrupted." in out
    written = [aet is not None for aet in ten.aets().values()]
    # Whole servers, from the beginning, and not all of them.
    assert written == sorted(written, reverse=True)
    assert 0 < sum(written) < 10
