"""A running Orthanc: started, stopped, restarted, crashed and orphaned."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orthanc_state.testing import (
    Installation,
    OrthancDied,
    OrthancServer,
    OrthancServers,
    OrthancUnavailable,
    find,
    probe,
)

# Starts a server and stays: what a test run does before somebody kills it.
_PARENT = """
import sys, time
from orthanc_state.testing import OrthancServer, find
server = OrthancServer(find(sys.argv[1])).start()
print(server.pid, server.directory, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def installation() -> Installation:
    try:
        return find("local" if os.environ.get("ORTHANC_BIN") else "trixie")
    except OrthancUnavailable as error:
        pytest.skip(error.reason)


def _system(server: OrthancServer) -> dict[str, Any]:
    with urllib.request.urlopen(f"{server.url}/system", timeout=5) as answer:
        return dict(json.load(answer))


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() != b""


def _wait(condition: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_it_answers_once_started_and_is_gone_once_stopped(installation: Installation) -> None:
    with OrthancServer(installation, {"Name": "one"}) as server:
        pid = server.pid
        system = _system(server)
        assert (system["Name"], system["DicomPort"]) == ("one", server.dicom_port)
        assert system["Version"] == server.version
        assert system["DicomAet"] == server.aet
        assert _alive(pid)
        assert server.running
        assert "Orthanc has started" in server.read_log()
    assert not _alive(pid)
    assert not server.running
    assert not server.directory.exists()
    server.stop()  # twice is no error


def test_stopping_gracefully_lets_it_finish(installation: Installation, tmp_path: Path) -> None:
    server = OrthancServer(installation, directory=tmp_path / "mine").start()
    server.stop(graceful=True)
    assert server.read_log().rstrip().endswith("Orthanc has stopped")


def test_two_at_once_share_nothing(installation: Installation) -> None:
    with OrthancServer(installation) as one, OrthancServer(installation) as other:
        ports = {one.http_port, one.dicom_port, other.http_port, other.dicom_port}
        assert len(ports) == 4
        assert one.directory != other.directory


def test_registered_users_are_asked_for(installation: Installation) -> None:
    with OrthancServer(installation, {"RegisteredUsers": {"alice": "secret"}}) as server:
        with pytest.raises(urllib.error.HTTPError) as refused:
            _system(server)
        assert refused.value.code == 401
        refused.value.close()


def test_what_it_stores_survives_a_crash_and_a_start(installation: Installation) -> None:
    with OrthancServer(installation, {"DicomModalitiesInDatabase": True}) as server:
        url = f"{server.url}/modalities/ct"
        body = json.dumps(["CT", "127.0.0.1", 104]).encode()
        urllib.request.urlopen(urllib.request.Request(url, body, method="PUT"), timeout=5).close()
        pid = server.pid
        server.kill()
        assert not _alive(pid)
        with pytest.raises(RuntimeError):
            _ = server.pid
        server.start()
        assert server.url in url
        assert server.pid != pid
        urllib.request.urlopen(url, timeout=5).close()


def test_one_that_cannot_start_says_why(installation: Installation) -> None:
    with pytest.raises(OrthancDied) as died, OrthancServer(installation, {"IndexDirectory": "/dev/null/x"}):
        pass
    assert "ended with status" in died.value.reason
    assert "Uncaught exception" in died.value.log


def test_a_port_taken_meanwhile_is_replaced(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    free = probe.free_port
    with socket.create_server(("127.0.0.1", 0)) as busy:
        ports = [busy.getsockname()[1]]
        monkeypatch.setattr(probe, "free_port", lambda: ports.pop() if ports else free())
        with OrthancServer(installation) as server:
            assert server.http_port != busy.getsockname()[1]
            assert _system(server)["DicomPort"] == server.dicom_port


def test_it_outlives_the_thread_that_started_it(installation: Installation) -> None:
    server = OrthancServer(installation)
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    time.sleep(0.1)
    assert server.running
    server.stop()


@pytest.mark.parametrize("setpriv", [True, False])
def test_a_killed_parent_leaves_no_orphan(installation: Installation, tmp_path: Path, setpriv: bool) -> None:
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "TMPDIR": str(tmp_path)}
    if not setpriv:
        tools = tmp_path / "tools"
        tools.mkdir()
        for tool in ("apt-get", "dpkg", "dpkg-deb"):
            (tools / tool).symlink_to(f"/usr/bin/{tool}")
        environment["PATH"] = str(tools)
    command = [sys.executable, "-c", _PARENT, installation.name]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline().split()[0])
        assert _alive(pid)
        parent.send_signal(signal.SIGKILL)
        assert _wait(lambda: not _alive(pid))


def test_a_plugin_that_is_asked_for_is_loaded(orthanc_servers: OrthancServers) -> None:
    server = orthanc_servers.start(plugins=["dicomweb"])
    assert "libOrthancDicomWeb" in server.read_log()
    orthanc_servers.stop(server)


def test_an_orthanc_that_comes_without_a_plugin_cannot_be_had_with_it() -> None:
    bare = Installation("local", "1.12.7", ("/usr/sbin/Orthanc",))
    with pytest.raises(OrthancUnavailable, match="the Orthanc of local comes without libOrthancDicomWeb"):
        OrthancServer(bare, plugins=["dicomweb"])
