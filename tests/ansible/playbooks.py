"""Runs playbooks as a user does, and tells what each task gave on each host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PLAYS = HERE / "plays"
BIN = Path(sys.executable).parent
_NUMBERS = count()

CANARY = "canary-hunter2"
"""What every secret of these tests holds, and no output may."""


@dataclass(frozen=True)
class Task:
    """What one task gave on one host."""

    host: str
    name: str
    result: dict[str, Any]

    @property
    def changed(self) -> bool:
        """Whether it says that it has changed something."""
        return bool(self.result.get("changed"))

    @property
    def failed(self) -> bool:
        """Whether it has failed."""
        return bool(self.result.get("failed"))

    @property
    def message(self) -> str:
        """What it said of a failure."""
        return str(self.result.get("msg", ""))

    def __str__(self) -> str:
        return f"{self.host}: {self.name}: {json.dumps(self.result, indent=1)[:3000]}"


@dataclass(frozen=True)
class Run:
    """One run of a playbook."""

    code: int
    output: str
    tasks: tuple[Task, ...]

    def __iter__(self) -> Iterator[Task]:
        return iter(self.tasks)

    def of(self, name: str, host: str | None = None) -> Task:
        """What one task gave; of several hosts, the first."""
        return next(task for task in self if task.name == name and host in (None, task.host))


class Playbooks:
    """Runs playbooks against some servers.

    Args:
        folder: Where files go.
        urls: The servers by the names of their hosts.
        interpreter: The Python that the modules run in.
    """

    def __init__(self, folder: Path, urls: Mapping[str, str], interpreter: Path) -> None:
        self.folder = folder
        self.urls = urls
        variables = {"ansible_python_interpreter": str(interpreter), "ansible_connection": "local"}
        hosts = {name: {"orthanc_url": url} for name, url in urls.items()}
        inventory = {"all": {"hosts": hosts, "vars": variables}}
        (folder / "hosts.json").write_text(json.dumps(inventory))

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of Ansible, with nothing of the one that runs the tests."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "ORTHANC_"))}
        return {
            **inherited,
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "ansible"),
            "ANSIBLE_DEPRECATION_WARNINGS": "true",
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_RETRY_FILES_ENABLED": "false",
            "ANSIBLE_ROLES_PATH": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "SECRET": CANARY,
            "XDG_STATE_HOME": str(self.folder / "state"),
            **more,
        }

    def run(
        self,
        play: str | Path,
        *arguments: str,
        variables: Mapping[str, Any] | None = None,
        inventory: str = "hosts.json",
        warnings: bool = False,
        **environment: str,
    ) -> Run:
        """Run a playbook.

        Args:
            play: The name of a file in `plays/`, or its path.
            arguments: Options of `ansible-playbook`.
            variables: Further variables.
            inventory: The file with the hosts.
            warnings: Whether there may be any.
            environment: Further variables of the environment.
        """
        path = PLAYS / play if isinstance(play, str) else play
        given = {"folder": str(self.folder), "canary": CANARY, **(variables or {})}
        results = self.folder / f"results-{next(_NUMBERS)}"
        command = [str(BIN / "ansible-playbook"), "-i", inventory, "-e", json.dumps(given), *arguments, str(path)]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(RESULTS=str(results), **environment),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        output = done.stdout + done.stderr
        lines = results.read_text().splitlines() if results.exists() else []
        read = [json.loads(line) for line in lines]
        tasks = tuple(Task(line["host"], line["task"], line["result"]) for line in read)
        assert tasks, output
        assert "Traceback" not in output, output
        assert CANARY not in output.replace(json.dumps(given), ""), output
        assert not any(CANARY in line for line in lines), [line for line in lines if CANARY in line]
        if not warnings:
            assert "WARNING" not in output, output
            assert "DEPRECAT" not in output, output
            noisy = [task for task in tasks if task.result.get("warnings") or task.result.get("deprecations")]
            assert not noisy, "\n".join(map(str, noisy))
        return Run(done.returncode, output, tasks)
