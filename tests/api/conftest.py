"""The other side of what an Orthanc sends and asks: a second Orthanc, and a modality that is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from tests.api.foreign import Foreign

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServer


@pytest.fixture(scope="session")
def node() -> Iterator[Foreign]:
    """One for all tests: to end it takes half a second."""
    with Foreign() as entered:
        yield entered


@pytest.fixture
def foreign(node: Foreign, orthanc: Orthanc, orthanc_server: OrthancServer) -> Iterator[Foreign]:
    """A modality that is no Orthanc, which the server of the test knows as `foreign`; each may call the other."""
    node.forget()
    node.knows(orthanc_server)
    orthanc.modalities["foreign"].put(node.modality)
    yield node
    node.open.set()


@pytest.fixture
def remote(
    orthanc: Orthanc, orthanc_server: OrthancServer, start_orthanc: Callable[..., OrthancServer]
) -> Iterator[Orthanc]:
    """A second Orthanc, which the first knows as the modality and as the peer `remote`; each may call the other."""
    server = start_orthanc({"DicomAet": "REMOTE"})
    orthanc.peers["remote"].put({"URL": server.url})
    with Orthanc(server.url) as client:
        for knows, name, known in ((orthanc, "remote", server), (client, "origin", orthanc_server)):
            knows.modalities[name].put({"AET": known.aet, "Host": "127.0.0.1", "Port": known.dicom_port})
        yield client
