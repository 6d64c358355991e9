"""What the other side commits itself to keep, and its removal here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from pydicom.uid import CTImageStorage

from orthanc_state.client import NotFoundError, ServerError
from tests.api.dicom_files import ids_of
from tests.api.foreign import NO_SUCH_INSTANCE, PATIENCE, Foreign
from tests.api.stored import FILES, FIRST, ids, store

if TYPE_CHECKING:
    from orthanc_state import Orthanc
    from orthanc_state.client._sync.storage_commitment import StorageCommitment
    from orthanc_state.client.answers import StorageCommitmentReport
    from orthanc_state.testing import OrthancServer

SERIES = ids_of(FIRST)["series"]
OTHER = {"SOPClassUID": CTImageStorage, "SOPInstanceUID": "1.2.3"}
KEPT = [{"SOPClassUID": CTImageStorage, "SOPInstanceUID": file.SOPInstanceUID} for file in FILES[:2]]


def answered(commitment: StorageCommitment) -> StorageCommitmentReport:
    """The report, once the other side has answered."""
    end = time.monotonic() + PATIENCE
    while (report := commitment.report())["Status"] == "Pending":
        assert time.monotonic() < end
        time.sleep(0.01)
    return report


def test_what_the_other_side_keeps_is_removed(
    orthanc: Orthanc, orthanc_server: OrthancServer, foreign: Foreign
) -> None:
    store(orthanc, *FILES)
    commitment = orthanc.modalities["foreign"].storage_commitment([SERIES], timeout=5)
    assert commitment.report() == {"Status": "Pending", "RemoteAET": "FOREIGN"}
    with pytest.raises(ServerError, match="Cannot remove"):
        commitment.remove()
    (request,) = foreign.questions("N-ACTION")
    assert request.TransactionUID == commitment.id
    assert {item.ReferencedSOPInstanceUID for item in request.ReferencedSOPSequence} == {
        file.SOPInstanceUID for file in FILES[:2]
    }
    foreign.commit(orthanc_server, request, [])
    report = commitment.report()
    assert (report["Status"], report["RemoteAET"], report["Failures"]) == ("Success", "FOREIGN", [])
    assert sorted(report["Success"], key=str) == sorted(KEPT, key=str)
    commitment.remove()
    assert set(orthanc.instances.ids()) == ids("instances", FILES[2:])
    assert orthanc.storage_commitment[commitment.id].report()["Status"] == "Success"


def test_nothing_is_removed_of_what_the_other_side_has_not(
    orthanc: Orthanc, orthanc_server: OrthancServer, foreign: Foreign
) -> None:
    store(orthanc, *FILES)
    commitment = orthanc.modalities["foreign"].storage_commitment([SERIES], dicom_instances=[OTHER])
    (request,) = foreign.questions("N-ACTION")
    assert len(request.ReferencedSOPSequence) == 3
    missing = [item for item in request.ReferencedSOPSequence if item.ReferencedSOPInstanceUID == "1.2.3"]
    foreign.commit(orthanc_server, request, missing)
    report = commitment.report()
    assert (report["Status"], len(report["Success"])) == ("Failure", 2)
    (failure,) = report["Failures"]
    assert OTHER.items() <= failure.items()
    assert failure["FailureReason"] == NO_SUCH_INSTANCE
    with pytest.raises(ServerError, match="after failure in storage commitment"):
        commitment.remove()
    assert set(orthanc.instances.ids()) == ids("instances")


def test_a_job_that_asks_for_it_does_not_wait_for_it(
    orthanc: Orthanc, orthanc_server: OrthancServer, foreign: Foreign
) -> None:
    store(orthanc, FIRST, FILES[1])
    job = orthanc.modalities["foreign"].submit_store([SERIES], storage_commitment=True)
    commitment = orthanc.storage_commitment[job.wait(timeout=PATIENCE)["Content"]["StorageCommitmentTransactionUID"]]
    assert commitment.report()["Status"] == "Pending"
    (request,) = foreign.questions("N-ACTION")
    foreign.commit(orthanc_server, request, list(request.ReferencedSOPSequence))
    assert commitment.report()["Status"] == "Failure"
    assert job.details()["State"] == "Success"


def test_another_orthanc_commits_itself(orthanc: Orthanc, remote: Orthanc) -> None:
    store(orthanc, FIRST, FILES[1])
    modality = orthanc.modalities["remote"]
    failed = answered(modality.storage_commitment([SERIES]))
    assert (failed["Status"], len(failed["Failures"])) == ("Failure", 2)
    content = modality.store([SERIES], storage_commitment=True)
    commitment = orthanc.storage_commitment[content["StorageCommitmentTransactionUID"]]
    assert answered(commitment)["Status"] == "Success"
    commitment.remove()
    assert orthanc.instances.ids() == []
    assert set(remote.instances.ids()) == ids("instances", FILES[:2])


def test_one_that_there_is_not(orthanc: Orthanc) -> None:
    for missing in (orthanc.storage_commitment["1.2.3"].report, orthanc.storage_commitment["1.2.3"].remove):
        with pytest.raises(NotFoundError, match=r"1\.2\.3"):
            missing()
