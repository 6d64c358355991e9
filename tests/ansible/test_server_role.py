"""The role `server`: what it renders starts a server that is as the document says. No test may install packages."""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orthanc_state import Orthanc
from orthanc_state.testing.probe import free_port
from tests.ansible.playbooks import CANARY, Playbooks

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServers

SITE = """\
version: 1
modalities: {pacs: {aet: PACS, host: 10.0.0.5, port: 104}}
peers: {backup: {url: "https://backup.example/", username: user, password: !env SECRET}}
"""
DEBIAN = """\
{
  // Something else, which is to stay
  "OverwriteInstances" : true,

  "DicomModalities" : {
    /**
     * Examples { that are comments
     **/
    // "sample" : [ "STORESCP", "127.0.0.1", 2000 ]
  },
  "DicomModalitiesInDatabase" : false,
  "OrthancPeers" : {},
  // The last one, after which there is no comma
  "OrthancPeersInDatabase" : false
}
"""
LEFT = """\
{
  // Something else, which is to stay
  "OverwriteInstances" : true,

  // The last one, after which there is no comma
}
"""
HARD = f"{CANARY} with \\ and \" and $HOME and # and '"


def test_a_server_from_nothing(orthanc_servers: OrthancServers, playbooks: Callable[..., Playbooks]) -> None:
    port = free_port()
    playbook = playbooks(server=f"http://127.0.0.1:{port}")
    (playbook.folder / "site.yaml").write_text(SITE)
    (playbook.folder / "etc").mkdir()
    mine: dict[str, Any] = {
        "owner": pwd.getpwuid(os.getuid()).pw_name,
        "group": grp.getgrgid(os.getgid()).gr_name,
    }

    rendered = playbook.folder / "etc" / "orthanc-state.json"
    others = playbook.folder / "etc" / "orthanc.json"
    others.write_text(DEBIAN)
    refused = playbook.run("server.yml", variables={**mine, "apply": False, "take_over": False}, SECRET=HARD)
    assert refused.code != 0
    message = refused.of("orthanc.state.server : See that none does").message
    assert message.startswith(
        "DicomModalities, DicomModalitiesInDatabase, OrthancPeers, OrthancPeersInDatabase stand in"
    )
    checked = playbook.run("server.yml", "--check", "--diff", variables={**mine, "apply": False}, SECRET=HARD)
    assert checked.code == 0, checked.output
    assert not rendered.exists()
    assert others.read_text() == DEBIAN
    assert checked.of("orthanc.state.server : Write the configuration").changed

    done = playbook.run("server.yml", variables={**mine, "apply": False}, SECRET=HARD)
    assert done.code == 0, done.output
    assert CANARY not in rendered.read_text()
    assert others.read_text() == LEFT
    (copy,) = others.parent.glob("orthanc.json.*")
    assert copy.read_text() == DEBIAN
    secrets = playbook.folder / "environment"
    assert secrets.stat().st_mode & 0o777 == 0o600
    environment = dict(line.split("=", 1) for line in as_systemd(secrets.read_text()).splitlines())
    files = {rendered.name: rendered.read_text(), "debian.json": LEFT}
    server = orthanc_servers.start("trixie", {"HttpPort": port}, files=files, environment=environment)
    try:
        with Orthanc(server.url) as orthanc:
            assert orthanc.get("/system")["OverwriteInstances"] is True
            assert orthanc.modalities["pacs"].configuration()["AET"] == "PACS"
        applied = playbook.run("server.yml", variables={**mine, "apply": True}, SECRET=HARD)
        assert applied.code == 0, applied.output
        assert [task.name for task in applied if task.changed] == ["orthanc.state.server : Apply"]
        changes = applied.of("orthanc.state.server : Apply").result["plan"]["changes"]
        assert [change["address"] for change in changes] == ["logging/dicom"]
    finally:
        orthanc_servers.stop(server)


def as_systemd(text: str) -> str:
    """What systemd takes of an environment file without quotes: a backslash makes the next character itself."""
    import re

    return re.sub(r"\\(.)", r"\1", text)


def test_roles_are_documented(playbooks: Callable[..., Playbooks]) -> None:
    playbook = playbooks()
    for role in ("server", "reconcile"):
        done = subprocess.run(
            [sys.executable, "-m", "ansible", "doc", "-t", "role", f"orthanc.state.{role}"],
            env=playbook.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert f"{role}_files" in done.stdout
