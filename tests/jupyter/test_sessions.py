"""Ways to a server, and that no password stays on any of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state.errors import OrthancStateError
from orthanc_state.jupyter import connect
from orthanc_state.jupyter.controllers.session import Session
from orthanc_state.jupyter.panels.connect import ConnectPanel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from orthanc_state.testing import OrthancServer, OrthancServers

PASSWORD = "hunter2-of-the-form"


@pytest.fixture(scope="module")
def server(orthanc_servers: OrthancServers) -> Iterator[OrthancServer]:
    started = orthanc_servers.start("trixie", {"RegisteredUsers": {"admin": PASSWORD}})
    yield started
    orthanc_servers.stop(started)


def traits(panel: ConnectPanel) -> str:
    """All that a saved notebook could hold of a widget."""
    state: dict[str, Any] = panel.get_state()
    return json.dumps(state, default=str) + json.dumps(panel._repr_mimebundle_(), default=str)


def test_the_form_keeps_no_password(server: OrthancServer) -> None:
    panel = connect(environment={})
    seen: list[Any] = []
    panel.observe(lambda change: seen.append(change.new))
    for password in ("wrong-" + PASSWORD, PASSWORD):
        content = {
            "action": "connect",
            "value": "",
            "values": {"url": server.url, "username": "admin", "password": password, "ca_file": ""},
        }
        panel._received(panel, content, [])
        assert content == {}
        assert PASSWORD not in traits(panel)
    assert panel.orthanc.system()["Version"] == server.version
    assert PASSWORD not in json.dumps(seen, default=str)
    assert "Connected" in panel.html
    panel.dispatch("disconnect")
    assert not panel.session.connected
    assert 'type="password"' in panel.html


def test_what_went_wrong_is_shown_with_what_to_do(server: OrthancServer) -> None:
    panel = connect(environment={})
    panel.dispatch("connect", "", {"url": "", "username": "", "password": ""})
    assert "Write its URL" in panel.html
    panel.dispatch("connect", "", {"url": server.url, "username": "admin", "password": "wrong"})
    assert panel.error is not None
    assert "401" in panel.html
    panel.dispatch("connect", "", {"url": "http://127.0.0.1:9", "username": "", "password": ""})
    assert panel.error is not None
    assert not panel.session.connected


def test_the_environment_comes_first(server: OrthancServer) -> None:
    environment = {"ORTHANC_URL": server.url, "ORTHANC_USERNAME": "admin", "ORTHANC_PASSWORD": PASSWORD}
    panel = connect(environment=environment)
    assert panel.session.connected
    assert PASSWORD not in traits(panel)
    wrong = connect(environment={**environment, "ORTHANC_PASSWORD": "wrong"})
    assert "401" in wrong.html
    assert not wrong.session.connected
    with pytest.raises(OrthancStateError, match="names no server"):
        Session(environment={}).connect_environment()


def test_a_server_of_an_inventory(server: OrthancServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARD_PASSWORD", PASSWORD)
    file = tmp_path / "fleet.yaml"
    access = "username: admin, password: !env WARD_PASSWORD"
    file.write_text(f"version: 1\nservers:\n  ward: {{url: '{server.url}', {access}}}\n")
    panel = connect(environment={}, inventory=file)
    assert "ward (" in panel.html
    panel.dispatch("member", "", {"member": "nobody"})
    assert panel.error is not None
    panel.dispatch("member", "", {"member": "ward"})
    assert panel.session.name == "ward"
    assert PASSWORD not in traits(panel)
    other = connect(environment={})
    other.dispatch("inventory", "", {"inventory": str(tmp_path / "missing.yaml")})
    assert other.error is not None
    with pytest.raises(OrthancStateError, match="no inventory"):
        Session(environment={}).connect_member("ward")


def test_without_a_server_every_panel_says_so() -> None:
    with pytest.raises(OrthancStateError, match="no server is connected"):
        connect(environment={}).orthanc.system()
