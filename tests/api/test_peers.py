"""What an Orthanc sends to another one over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydicom.uid import ImplicitVRLittleEndian

from orthanc_state.client import BadRequestError, JobFailedError, NotFoundError, ServerError
from tests.api.dicom_files import ct, encoded, ids_of
from tests.api.stored import FILES, FIRST, ids, store

if TYPE_CHECKING:
    from orthanc_state import Orthanc

DEAD = {"URL": "http://127.0.0.1:1/"}


def test_it_is_registered_read_and_removed(orthanc: Orthanc) -> None:
    peer = orthanc.peers["other"]
    peer.put(
        {"URL": "http://10.0.0.9:8042", "Username": "alice", "Password": "secret", "HttpHeaders": {"X-Key": "hidden"}}
    )
    configuration = peer.configuration()
    expected = {"Url": "http://10.0.0.9:8042/", "Username": "alice", "Password": None, "HttpHeaders": ["X-Key"]}
    assert expected.items() <= configuration.items()
    assert orthanc.peers.names() == ["other"]
    assert orthanc.peers.configurations() == {"other": configuration}
    assert {"configuration", "store", "store-straight", "system"} <= set(peer.operations())
    peer.delete()
    assert orthanc.peers.names() == []
    for gone in (peer.configuration, peer.operations, peer.system, peer.delete):
        with pytest.raises(NotFoundError, match="other"):
            gone()


def test_it_is_asked_and_files_are_sent(orthanc: Orthanc, remote: Orthanc) -> None:
    store(orthanc, *FILES)
    peer = orthanc.peers["remote"]
    assert peer.system()["DicomAet"] == "REMOTE"
    results = peer.store([ids_of(FIRST)["series"]], compress=True)
    assert (results["InstancesCount"], results["FailedInstancesCount"], results["Compress"]) == (2, 0, True)
    assert set(remote.instances.ids()) == ids("instances", FILES[:2])
    job = peer.submit_store(
        [ids_of(FILES[4])["patients"], ids_of(FILES[3])["studies"]], transcode=ImplicitVRLittleEndian
    )
    details = job.wait(timeout=20)
    assert (details["Type"], details["Content"]["InstancesCount"]) == ("OrthancPeerStore", 2)
    assert set(remote.instances.ids()) == ids("instances", (*FILES[:2], *FILES[3:]))
    transcoded = remote.instances[ids_of(FILES[4])["instances"]]
    assert transcoded.metadata.all()["TransferSyntax"] == ImplicitVRLittleEndian
    with pytest.raises(BadRequestError, match="not a valid Orthanc identifier: nothing"):
        peer.store(["nothing"])
    with pytest.raises(TypeError, match="no such option: gzip"):
        peer.store([ids_of(FIRST)["series"]], gzip=True)  # type: ignore[call-arg]


def test_a_file_is_sent_straight(orthanc: Orthanc, remote: Orthanc) -> None:
    file = ct("STRAIGHT")
    peer = orthanc.peers["remote"]
    answer = peer.store_straight(encoded(file))
    assert (answer["ID"], answer["Status"]) == (ids_of(file)["instances"], "Success")
    assert remote.instances.ids() == [answer["ID"]]
    assert orthanc.instances.ids() == []
    with pytest.raises(ServerError, match="Cannot send DICOM to remote peer"):
        peer.store_straight(b"no DICOM")


def test_one_that_does_not_answer(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    peer = orthanc.peers["dead"]
    peer.put(DEAD)
    series = ids_of(FIRST)["series"]
    for fails in (peer.system, lambda: peer.store([series]), lambda: peer.store_straight(encoded(FIRST))):
        with pytest.raises(ServerError, match="connect to server") as raised:
            fails()
        assert raised.value.error == "Error in the network protocol"
    with pytest.raises(JobFailedError, match="libCURL error"):
        peer.submit_store([series]).wait(timeout=20)
    peer.store([series], permissive=True)
