"""A server that the tests of one file change, blank before each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from tests.trust.sites import blank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.testing import OrthancServer, OrthancServers


@pytest.fixture(scope="module")
def server(orthanc_servers: OrthancServers) -> Iterator[OrthancServer]:
    """The server of one file, with every plugin that brings a kind."""
    started = orthanc_servers.start(plugins=["dicomweb"])
    yield started
    orthanc_servers.stop(started)


@pytest.fixture
def orthanc(server: OrthancServer) -> Iterator[Orthanc]:
    """A client of it; it is as it was when it was started."""
    with Orthanc(server.url) as client:
        blank(client)
        yield client
