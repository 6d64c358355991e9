"""Completion as the shells ask for it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Cli

DOCUMENT = """\
version: 1
modalities:
  pacs: [PACS, h, 104]
  ct1: [CT1, h, 104]
peers: {backup: {url: "http://h/", username: u, password: !env NOT_SET}}
policies: [{name: archive, level: study, match: {PatientID: "*"}, metadata: {set: {"1024": x}}}]
"""
INVENTORY = """\
version: 1
groups: {ct: {}, mr: {}}
servers:
  pacs: {url: "http://h:1", groups: [ct], password: !env NOT_SET, username: u, documents: [site.yaml]}
  viewer: {url: "http://h:2", groups: [mr], documents: [site.yaml]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site.yaml").write_text(DOCUMENT)
    (tmp_path / "fleet.yaml").write_text(INVENTORY)
    (tmp_path / "other.yaml").write_text(INVENTORY.replace("viewer", "view"))
    (tmp_path / "broken.yaml").write_text("version: [")
    return tmp_path


def completed(cli: Cli, line: str) -> list[str]:
    """What bash is told for a line of which the last word is not finished."""
    words = line.split(" ")
    environment = {
        "_ORTHANC_STATE_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    ran = cli(env=environment)
    assert ran.stderr == ""
    return ran.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("orthanc-state plan --inventory fleet.yaml --server ", ["pacs", "viewer"]),
        ("orthanc-state plan --inventory fleet.yaml --group m", ["mr"]),
        ("orthanc-state inventory other.yaml --server v", ["view"]),
        ("orthanc-state plan site.yaml --target modalities/", ["modalities/pacs", "modalities/ct1"]),
        ("orthanc-state plan site.yaml --exclude poli", ["policies", "policies/archive"]),
        ("orthanc-state plan site.yaml --prune m", ["modalities"]),
        ("orthanc-state explain server-u", ["server-unreachable", "server-unusable"]),
        ("orthanc-state check --only echo", ["echo", "echo-back"]),
        # What cannot be read offers nothing, and says nothing in the middle of a line.
        ("orthanc-state plan broken.yaml --target modalities/", []),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_is_offered(cli: Cli, line: str, offered: list[str]) -> None:
    assert sorted(completed(cli, line)) == sorted(offered)


def test_bash_completes(folder: Path, cli: Cli) -> None:
    """The script that `--show-completion` prints, in a real bash."""
    script = cli(env={"_ORTHANC_STATE_COMPLETE": "source_bash"}).stdout
    (folder / "orthanc-state").write_text(f'#!/bin/sh\nexec {sys.executable} -m orthanc_state "$@"\n')
    (folder / "orthanc-state").chmod(0o755)
    code = f"""
        {script}
        COMP_WORDS=(orthanc-state plan --inventory fleet.yaml --server vi) COMP_CWORD=5
        _orthanc_state_completion orthanc-state
        echo "${{COMPREPLY[@]}}"
    """
    ran = subprocess.run(
        ["bash", "-c", f"PATH={folder}:$PATH\n{code}"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "viewer"
