"""The examples run as they are."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from orthanc_state import Orthanc
from tests.ansible.playbooks import BIN, CANARY, ROOT, Playbooks
from tests.api.dicom_files import ct
from tests.api.stored import store

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServer, OrthancServers

EXAMPLES = ROOT / "examples" / "ansible"


def test_one_server(versions: dict[str, OrthancServer], playbooks: Callable[..., Playbooks]) -> None:
    server = versions["forky"]
    playbook = playbooks(localhost=server.url)
    with Orthanc(server.url) as orthanc:
        store(orthanc, ct("AGED", StudyDate="20100101"))
        for name in ("site.yml", "archive.yml"):
            there = {"orthanc_url": server.url, "archive_file": str(playbook.folder / "studies.zip")}
            done = playbook.run(EXAMPLES / name, variables=there, BACKUP_PASSWORD=CANARY)
            assert done.code == 0, done.output
            again = playbook.run(EXAMPLES / name, variables=there, BACKUP_PASSWORD=CANARY)
            assert again.code == 0, again.output
            assert not [task for task in again if task.changed]
        assert set(orthanc.modalities.names()) == {"pacs", "ct1"}
    assert (playbook.folder / "studies.zip").exists()


def test_the_fleet(orthanc_servers: OrthancServers, playbooks: Callable[..., Playbooks]) -> None:
    playbook = playbooks()
    for folder in ("ansible", "fleet"):
        shutil.copytree(ROOT / "examples" / folder, playbook.folder / "examples" / folder)
    fleet = playbook.folder / "examples" / "fleet" / "fleet.yaml"
    user = {"RegisteredUsers": {"admin": CANARY}}
    servers = [orthanc_servers.start("trixie", {"Name": name, **user}) for name in ("pacs", "ward7", "ward8")]
    text = fleet.read_text()
    for number, server in enumerate(servers):
        text = text.replace(f"http://127.0.0.1:{8042 + number}", server.url)
    fleet.write_text(text)
    examples = playbook.folder / "examples" / "ansible"
    try:
        for changed in (True, False):
            inventory = str(examples / "inventory" / "orthanc.yml")
            done = playbook.run(
                examples / "fleet.yml", inventory=inventory, ORTHANC_PASSWORD=CANARY, BACKUP_PASSWORD=CANARY
            )
            assert done.code == 0, done.output
            assert any(task.changed for task in done) is changed
    finally:
        for server in servers:
            orthanc_servers.stop(server)


def test_all_playbooks_can_be_read(playbooks: Callable[..., Playbooks]) -> None:
    playbook = playbooks()
    names = sorted(path.name for path in EXAMPLES.glob("*.yml"))
    assert names == ["archive.yml", "fleet.yml", "requirements.yml", "rulebook.yml", "server.yml", "site.yml"]
    plays = [EXAMPLES / name for name in ("archive.yml", "fleet.yml", "server.yml", "site.yml")]
    done = subprocess.run(
        [str(BIN / "ansible-playbook"), "--syntax-check", "-i", "localhost,", *map(str, plays)],
        cwd=playbook.folder,
        env=playbook.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (rules,) = yaml.safe_load((EXAMPLES / "rulebook.yml").read_text())
    collection = ROOT / "ansible/ansible_collections/orthanc/state"
    for source in rules["sources"]:
        name = next(key for key in source if key != "name").rpartition(".")[2]
        assert Path(collection / f"extensions/eda/plugins/event_source/{name}.py").exists()
