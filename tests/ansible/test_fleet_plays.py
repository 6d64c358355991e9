"""A fleet of three servers: the inventory plugin, and the role that makes each what its documents say."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orthanc_state import Inventory, Orthanc, plan
from tests.ansible.playbooks import BIN, CANARY, Playbooks

if TYPE_CHECKING:
    import pytest

    from orthanc_state.testing import OrthancServers

FLEET = """\
version: 1
variables: {{site: Lausanne, odd: "{{{{ lookup('env', 'HOME') }}}}", key: !env SECRET}}
documents: [base.yaml]
groups:
  old: {{variables: {{port: 104}}}}
  new: {{variables: {{port: 11112}}}}
servers:
  one: {{url: "{one}", groups: [old]}}
  two: {{url: "{two}", groups: [new]}}
  three: {{url: "{three}", groups: [new], username: user, password: !env SECRET}}
network:
  nodes:
    one: [ONE, 10.0.0.1, 4242]
    two: [TWO, 10.0.0.2, 4242]
  links:
    one -> two: store, echo
"""

BASE = """\
version: 1
modalities:
  pacs: {aet: PACS, host: "${site}.example", port: "${port}"}
peers:
  backup: {url: "https://backup.example/", username: user, password: "${key}", properties: {odd: "${odd}"}}
"""

PLAY = """\
- name: Every server is what its documents say
  hosts: all
  gather_facts: false
  roles:
    - role: orthanc.state.reconcile
"""


def test_three_servers_at_once(
    orthanc_servers: OrthancServers, playbooks: Callable[..., Playbooks], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", CANARY)
    started = [
        orthanc_servers.start("bookworm", {"Name": "one"}),
        orthanc_servers.start("trixie", {"Name": "two"}),
        orthanc_servers.start("forky", {"Name": "three", "RegisteredUsers": {"user": CANARY}}),
    ]
    urls = {name: server.url for name, server in zip(("one", "two", "three"), started, strict=True)}
    playbook = playbooks()
    (playbook.folder / "fleet.yaml").write_text(FLEET.format(**urls))
    (playbook.folder / "base.yaml").write_text(BASE)
    (playbook.folder / "orthanc.yml").write_text("plugin: orthanc.state.fleet\nfile: fleet.yaml\n")
    play = playbook.folder / "play.yml"
    play.write_text(PLAY)

    listed = hosts_of(playbook)
    assert set(listed["_meta"]["hostvars"]) == set(urls)
    assert set(listed["new"]["hosts"]) == {"two", "three"}
    assert listed["_meta"]["hostvars"]["one"]["orthanc_variables"]["port"] == 104
    assert set(listed["_meta"]["hostvars"]["one"]["orthanc_secret_variables"]) == {"key"}

    def run(*arguments: str) -> dict[str, list[str]]:
        done = playbook.run(play, "--forks", "3", *arguments, inventory="orthanc.yml")
        assert done.code == 0, done.output
        return {host: [task.name.rpartition(" : ")[2] for task in done if task.host == host] for host in urls}

    try:
        whole = ["Plan", "Show the plan", "Apply"]
        assert all([name for name in names if name in whole] == whole for names in run("--check", "--diff").values())
        with Orthanc(urls["one"]) as orthanc:
            assert orthanc.modalities.names() == []
        assert all("Apply" in names for names in run().values())
        fleet = Inventory.load(playbook.folder / "fleet.yaml")
        for member in fleet.members.values():
            with member.connect() as orthanc:
                assert plan(orthanc, member.document()).empty
                assert orthanc.peers["backup"].configuration()["odd"] == "{{ lookup('env', 'HOME') }}"
        assert not any("Apply" in names for names in run().values())
    finally:
        for server in started:
            orthanc_servers.stop(server)


def hosts_of(playbook: Playbooks) -> dict[str, Any]:
    done = subprocess.run(
        [str(BIN / "ansible-inventory"), "-i", "orthanc.yml", "--list"],
        cwd=playbook.folder,
        env=playbook.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr, done.stderr
    assert CANARY not in done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_fleet_file_that_cannot_be_used(playbooks: Callable[..., Playbooks]) -> None:
    playbook = playbooks()
    (playbook.folder / "fleet.yaml").write_text("version: 1\nservers: {a: {uri: http://a}}\n")
    (playbook.folder / "orthanc.yml").write_text("plugin: orthanc.state.fleet\nfile: fleet.yaml\n")
    done = subprocess.run(
        [str(BIN / "ansible-inventory"), "-i", "orthanc.yml", "--list"],
        cwd=playbook.folder,
        env=playbook.environment(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    said = " ".join((done.stderr + done.stdout).split())
    assert "fleet.yaml:2" in said, said
    assert "did you mean `url`?" in said, said
    assert "Traceback" not in said
