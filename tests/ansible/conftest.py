"""Servers of two versions, and playbooks that are run against them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.ansible.playbooks import Playbooks
from tests.prepared import Prepared

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.testing import OrthancServer, OrthancServers

SUITES = ("bookworm", "forky")
"""The oldest and the newest."""


@pytest.fixture(scope="module")
def versions(orthanc_servers: OrthancServers) -> Iterator[dict[str, OrthancServer]]:
    """A server of each of two versions, with the DICOMweb plugin, which the tests of one file share."""
    servers = {
        suite: orthanc_servers.start(suite, {"Name": suite, "DicomAet": suite.upper()}, plugins=["dicomweb"])
        for suite in SUITES
    }
    yield servers
    for server in servers.values():
        orthanc_servers.stop(server)


@pytest.fixture(scope="session")
def prepared() -> Iterator[Prepared]:
    """Runs modules without their start-up: what Ansible sends with each would be compiled anew each time."""
    with Prepared("ansible.module_utils.basic") as opened:
        yield opened


@pytest.fixture
def playbooks(tmp_path: Path, prepared: Prepared) -> Callable[..., Playbooks]:
    """Makes what runs playbooks, of URLs by the names of hosts."""
    interpreter = prepared.interpreter(tmp_path / "python")

    def make(**urls: str) -> Playbooks:
        return Playbooks(tmp_path, urls, interpreter)

    return make
