"""What a server says of itself, its restart and its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from orthanc_state.client import ConnectionFailedError
from tests.api.dicom_files import encoded
from tests.api.foreign import PATIENCE
from tests.api.stored import FILES, store

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthanc_state import Orthanc
    from orthanc_state.testing import OrthancServer


def until(condition: Callable[[], bool]) -> None:
    """Wait for what comes."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_it_is(orthanc: Orthanc, orthanc_server: OrthancServer) -> None:
    system = orthanc.system()
    assert (system["Version"], system["Name"]) == (orthanc_server.version, "orthanc-state")
    assert (system["DicomAet"], system["DicomPort"]) == (orthanc_server.aet, orthanc_server.dicom_port)
    assert system["HttpPort"] == orthanc_server.http_port
    assert system["CheckRevisions"] is False
    # What came with later versions is there or not.
    assert system.get("HasLabels", False) is system.get("Capabilities", {}).get("HasExtendedFind", False)


def test_how_much_it_holds(orthanc: Orthanc) -> None:
    assert orthanc.statistics()["CountPatients"] == 0
    store(orthanc, *FILES)
    size = sum(len(encoded(file)) for file in FILES)
    assert orthanc.statistics() == {
        "CountPatients": 2,
        "CountStudies": 3,
        "CountSeries": 4,
        "CountInstances": 5,
        "TotalDiskSize": str(size),
        "TotalDiskSizeMB": 0,
        "TotalUncompressedSize": str(size),
        "TotalUncompressedSizeMB": 0,
    }


def test_it_is_restarted_and_ended(orthanc: Orthanc, orthanc_server: OrthancServer) -> None:
    store(orthanc, *FILES)
    orthanc.tools.metrics.set(False)
    orthanc.modalities["pacs"].put({"AET": "PACS", "Host": "127.0.0.1", "Port": 104})
    pid = orthanc_server.pid
    orthanc.tools.reset()
    until(lambda: orthanc_server.read_log().count("Orthanc has started") == 2)
    # The same process, with the settings of its files and what was stored.
    assert orthanc_server.pid == pid
    assert orthanc.tools.metrics.get() is True
    assert orthanc.modalities.names() == []
    assert orthanc.statistics()["CountInstances"] == len(FILES)
    orthanc.tools.shutdown()
    until(lambda: not orthanc_server.running)
    with pytest.raises(ConnectionFailedError):
        orthanc.system()
