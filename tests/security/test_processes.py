"""What other users of the machine can see of a command that runs, and what is left when it has ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.fault_proxy import FaultProxy, stall

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServer
    from tests.conftest import Cli

CANARY = "canary-of-the-process"
DOCUMENT = """\
version: 1
peers: {backup: {url: "http://h/", username: u, password: !file secrets/peer}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "peer").write_text(CANARY)
    (tmp_path / "secrets" / "orthanc").write_text(CANARY)
    (tmp_path / "site.yaml").write_text(DOCUMENT)
    return tmp_path


@pytest.mark.orthanc(suites=["trixie"])
def test_a_command_that_runs_shows_no_secret_and_dumps_no_core(folder: Path, orthanc_server: OrthancServer) -> None:
    with FaultProxy(orthanc_server.url, stall) as proxy:
        command = ["plan", "site.yaml", "--url", proxy.url, "--username", "a", "--password-file", "secrets/orthanc"]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ORTHANC_")}
        with subprocess.Popen(
            [sys.executable, "-m", "orthanc_state", *command],
            cwd=folder,
            env=inherited,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                deadline = time.monotonic() + 30
                while not proxy.seen and time.monotonic() < deadline:
                    time.sleep(0.05)
                assert proxy.seen, "the command has asked for nothing"
                seen = Path("/proc") / str(process.pid)
                for name in ("cmdline", "environ", "comm"):
                    assert CANARY.encode() not in (seen / name).read_bytes(), name
                (limit,) = [line for line in (seen / "limits").read_text().splitlines() if line.startswith("Max core")]
                assert limit.split()[4] == "0"
                children = (seen / "task" / str(process.pid) / "children").read_text()
                assert children == ""
            finally:
                process.kill()


@pytest.mark.orthanc(suites=["trixie"])
def test_an_apply_leaves_no_secret_in_any_cache_or_file(cli: Cli, folder: Path, orthanc_server: OrthancServer) -> None:
    home = folder / "home"
    home.mkdir()
    environment = {name: str(home / name) for name in ("TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    for path in environment.values():
        Path(path).mkdir()
    ran = cli("apply", "--yes", "site.yaml", env={**environment, "HOME": str(home), "ORTHANC_URL": orthanc_server.url})
    assert ran.returncode == 0, ran.stderr
    assert [path for path in home.rglob("*") if path.is_file()] == []
    left = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "secrets"]
    assert [path for path in left if CANARY.encode() in path.read_bytes()] == []


def test_no_option_takes_a_secret() -> None:
    """Every user of a machine can read the arguments of every process."""
    from tools.command_line import commands

    secret = ("password", "token", "secret", "header")
    for command in commands():
        for option in command.options:
            if any(word in option.name for word in secret):
                assert option.name in ("--password-file", "--secrets"), f"{command.name} {option.name}"
