"""Servers and certificates that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.faults.world import PASSWORD, PROXY_VARIABLES, USERNAME, Authority, World

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.testing import OrthancServer, OrthancServers


@pytest.fixture(autouse=True)
def no_proxy_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in front of a server is what the test puts there, whatever the machine is told."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="session")
def server(orthanc_servers: OrthancServers) -> OrthancServer:
    """A server of which nothing is changed."""
    return orthanc_servers.shared()


@pytest.fixture(scope="session")
def guarded(orthanc_servers: OrthancServers) -> OrthancServer:
    """A server that asks for a password, and of which nothing is changed."""
    return orthanc_servers.start(configuration={"RegisteredUsers": {USERNAME: PASSWORD}})


@pytest.fixture(scope="module")
def own(orthanc_servers: OrthancServers) -> Iterator[OrthancServer]:
    """A server that the tests of one file may change."""
    started = orthanc_servers.start()
    yield started
    orthanc_servers.stop(started)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that signs certificates."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def world(server: OrthancServer, guarded: OrthancServer, authority: Authority, tmp_path: Path) -> Iterator[World]:
    """What the scenarios are made of; what they open is closed after the test."""
    with World(server, guarded, authority, tmp_path) as opened:
        yield opened
