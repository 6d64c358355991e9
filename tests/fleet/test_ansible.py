"""The inventory as the real Ansible reads it: from a script, and from a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

INVENTORY = """\
version: 1
variables: {site: Lausanne, odd: "{{ lookup('env', 'HOME') }} '\\\\ ${site}"}
defaults: {username: admin, password: !env ADMIN_PASSWORD, ca_file: certs/ca.pem}
documents: [base.yaml]
groups:
  ct: {variables: {port: 104}}
  archive: {timeout: 60}
  spare:
servers:
  pacs: {url: "https://pacs:8042", groups: [archive, ct], password: !file "secret's", variables: {word: !env WORD}}
  viewer-1: {url: "https://viewer/orthanc", groups: [ct], token: !env TOKEN}
  lab: {url: "http://lab:8042", username: null, password: null}
"""
CANARY = "canary-hunter2"
TOOLS = Path(sys.executable).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fleet.yaml").write_text(INVENTORY)
    (tmp_path / "base.yaml").write_text("version: 1\n")
    (tmp_path / "secret's").write_text(f"{CANARY}-file\n")
    return tmp_path


def run(folder: Path, *command: str, **environment: str) -> str:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "ORTHANC_"))}
    result = subprocess.run(
        command,
        cwd=folder,
        env={**inherited, "ANSIBLE_HOME": str(folder / "ansible"), "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr + result.stdout
    assert "WARNING" not in result.stderr, result.stderr
    return result.stdout


def kit(folder: Path, *arguments: str) -> str:
    # The secrets are there, and must not be taken.
    secrets = {"ADMIN_PASSWORD": CANARY, "TOKEN": CANARY, "WORD": CANARY}
    out = run(folder, sys.executable, "-m", "orthanc_state", "inventory", "fleet.yaml", *arguments, **secrets)
    assert CANARY not in out
    return out


def script(folder: Path) -> str:
    path = folder / "inventory.sh"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -m orthanc_state inventory fleet.yaml --ansible "$@"\n')
    path.chmod(0o755)
    return path.name


def file(folder: Path) -> str:
    (folder / "hosts.yaml").write_text(kit(folder, "--ansible", "--static"))
    return "hosts.yaml"


@pytest.mark.parametrize("form", [script, file])
def test_ansible_inventory_takes_it(folder: Path, form: Any) -> None:
    listed = json.loads(run(folder, str(TOOLS / "ansible-inventory"), "-i", form(folder), "--list"))
    hosts = listed["_meta"]["hostvars"]
    assert set(hosts) == {"pacs", "viewer-1", "lab"}
    assert set(listed["ct"]["hosts"]) == {"pacs", "viewer-1"}
    assert listed["archive"]["hosts"] == ["pacs"]
    assert "spare" not in listed
    assert hosts["pacs"]["orthanc_url"] == "https://pacs:8042"
    assert hosts["pacs"]["orthanc_timeout"] == 60
    assert hosts["pacs"]["orthanc_ca_file"] == str(folder / "certs" / "ca.pem")
    assert hosts["pacs"]["orthanc_documents"] == [str(folder / "base.yaml")]
    assert "orthanc_username" not in hosts["lab"]
    assert CANARY not in json.dumps(listed)


@pytest.mark.parametrize("form", [script, file])
def test_ansible_looks_the_secrets_up(folder: Path, form: Any) -> None:
    (folder / "play.yaml").write_text("""\
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.copy:
        content: "{{ [orthanc_password | default(''), orthanc_token | default(''), orthanc_variables] | to_json }}"
        dest: "seen-{{ inventory_hostname }}"
        mode: "0600"
""")
    secrets = {"ADMIN_PASSWORD": "admin's", "TOKEN": "token", "WORD": "word"}
    run(folder, str(TOOLS / "ansible-playbook"), "-i", form(folder), "play.yaml", **secrets)
    seen = {name: json.loads((folder / f"seen-{name}").read_text()) for name in ("pacs", "viewer-1", "lab")}
    odd = "{{ lookup('env', 'HOME') }} '\\ ${site}"
    assert seen["pacs"] == [f"{CANARY}-file", "", {"site": "Lausanne", "odd": odd, "port": 104, "word": "word"}]
    assert seen["viewer-1"][:2] == ["", "token"]
    assert seen["lab"][:2] == ["", ""]


def test_the_host_that_an_old_ansible_asks_for(folder: Path) -> None:
    data = json.loads(kit(folder, "--ansible", "--host", "viewer-1"))
    assert data["orthanc_url"] == "https://viewer/orthanc"
    assert data["orthanc_token"] == "{{ lookup('ansible.builtin.env', 'TOKEN') }}"


def test_some_servers_of_it(folder: Path) -> None:
    data = json.loads(kit(folder, "--ansible", "--list", "--server", "lab"))
    assert data["all"]["hosts"] == ["lab"]
    assert set(data) == {"_meta", "all"}
