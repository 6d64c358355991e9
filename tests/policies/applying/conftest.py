"""Servers that allow scripts, and servers that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from tests.policies.studies import METADATA, SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orthanc_state.testing import OrthancServer


@pytest.fixture(params=["trixie-scripts", "trixie-http", "forky-scripts", "forky-http"])
def server(request: pytest.FixtureRequest, start_orthanc: Callable[..., OrthancServer]) -> OrthancServer:
    """A server that allows scripts, and one that does not."""
    suite, way = request.param.split("-")
    return start_orthanc(SCRIPTS if way == "scripts" else METADATA, suite)


@pytest.fixture
def scripted(start_orthanc: Callable[..., OrthancServer]) -> OrthancServer:
    """A server that allows scripts."""
    return start_orthanc(SCRIPTS)


@pytest.fixture
def orthanc(server: OrthancServer) -> Iterator[Orthanc]:
    """A client of it."""
    with Orthanc(server.url) as client:
        yield client
