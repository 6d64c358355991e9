"""What is done in the background: it is waited for, stopped, gone on with and forgotten."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state.client import ApiError, BadRequestError, JobFailedError, JobUnfinishedError, NotFoundError
from tests.api.dicom_files import ct, ids_of
from tests.api.foreign import OUT_OF_RESOURCES, PATIENCE, SUCCESS, Foreign
from tests.api.stored import EXTENDED, FIRST, store

if TYPE_CHECKING:
    from orthanc_state import Orthanc
    from orthanc_state.client._sync.jobs import Job

COUNT = 4
"""How many files a job sends."""

SERIES = ids_of(FIRST)["series"]


@pytest.fixture
def job(orthanc: Orthanc, foreign: Foreign) -> Iterator[Job]:
    """A job that sends files, and lasts: the other side keeps the first of them until it is opened."""
    store(orthanc, *(ct(instance=instance) for instance in range(1, COUNT + 1)))
    foreign.open.clear()
    submitted = orthanc.modalities["foreign"].submit_store([SERIES], priority=5)
    assert foreign.busy.wait(PATIENCE)
    yield submitted
    foreign.open.set()


def until(job: Job, state: str) -> dict[str, Any]:
    """The details of a job when it has come to a state."""
    end = time.monotonic() + PATIENCE
    while (details := job.details()).get("State") != state:
        assert time.monotonic() < end, details
        time.sleep(0.01)
    return dict(details)


def test_it_is_waited_for(orthanc: Orthanc, foreign: Foreign, job: Job) -> None:
    details = job.details()
    assert (details["ID"], details["Type"], details["State"]) == (job.id, "DicomModalityStore", "Running")
    assert (details["Priority"], details["Progress"]) == (5, 0)
    assert (details["Content"]["RemoteAet"], details["Content"]["InstancesCount"]) == ("FOREIGN", COUNT)
    with pytest.raises(JobUnfinishedError, match=r"was not done in 0\.05 s: Running, 0 %") as unfinished:
        job.wait(timeout=0.05)
    assert unfinished.value.details["ID"] == job.id
    with pytest.raises(JobUnfinishedError):
        job.wait(timeout=0)
    foreign.open.set()
    seen: list[int] = []
    details = job.wait(timeout=PATIENCE, progress=lambda details: seen.append(details["Progress"]))
    assert (details["State"], details["Progress"], details["ErrorCode"]) == ("Success", 100, 0)
    assert seen == sorted(seen)
    assert (seen[-1], len(foreign.stored)) == (100, COUNT)
    assert orthanc.jobs.ids() == [job.id]
    (listed,) = orthanc.jobs.all()
    assert (listed["ID"], listed["State"]) == (job.id, "Success")
    assert orthanc.jobs[job.id].wait()["CompletionTime"] == details["CompletionTime"]


def test_it_is_paused_and_resumed(foreign: Foreign, job: Job) -> None:
    for wrong in (job.resume, job.resubmit):
        with pytest.raises(BadRequestError):
            wrong()
    job.pause()
    # It goes on until the file is sent that it is at.
    foreign.open.set()
    assert until(job, "Paused")["Progress"] == 100 // COUNT
    assert len(foreign.stored) == 1
    with pytest.raises(JobUnfinishedError, match="Paused, 25 %"):
        job.wait(timeout=0.01)
    job.resume()
    assert job.wait(timeout=PATIENCE)["State"] == "Success"
    assert len(foreign.stored) == COUNT


def test_it_is_cancelled_and_begun_again(foreign: Foreign, job: Job) -> None:
    job.cancel()
    foreign.open.set()
    with pytest.raises(JobFailedError, match="This job was canceled") as raised:
        job.wait(timeout=PATIENCE)
    assert raised.value.details["ErrorCode"] == 37
    assert len(foreign.stored) == 1
    job.resubmit()
    job.wait(timeout=PATIENCE)
    # From the beginning.
    assert len(foreign.stored) == 1 + COUNT


def test_what_has_failed_is_resubmitted(foreign: Foreign, job: Job) -> None:
    foreign.status = OUT_OF_RESOURCES
    foreign.open.set()
    with pytest.raises(JobFailedError, match="DIMSE status 0xA700") as raised:
        job.wait(timeout=PATIENCE)
    assert raised.value.details["ErrorDescription"] == "Error in the network protocol"
    foreign.status = SUCCESS
    job.resubmit()
    assert job.wait(timeout=PATIENCE)["State"] == "Success"
    with pytest.raises(BadRequestError):
        job.resubmit()


@pytest.mark.orthanc(suites=EXTENDED)  # since 1.12.2
def test_it_is_forgotten(orthanc: Orthanc, foreign: Foreign, job: Job) -> None:
    with pytest.raises(NotFoundError):
        job.delete()
    foreign.open.set()
    job.wait(timeout=PATIENCE)
    job.delete()
    assert orthanc.jobs.ids() == []
    for gone in (job.details, job.delete):
        with pytest.raises(NotFoundError):
            gone()


def test_its_output(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    job = orthanc.series[SERIES].submit_archive()
    assert job.wait(timeout=PATIENCE)["Type"] == "Archive"
    with zipfile.ZipFile(io.BytesIO(job.output().read())) as archive:
        assert len(archive.namelist()) == 1
    with pytest.raises(NotFoundError, match="no such output: other"):
        job.output("other").read()


@pytest.mark.orthanc(suites=EXTENDED)  # since 1.12.1
def test_its_output_is_deleted(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    job = orthanc.series[SERIES].submit_archive()
    job.wait(timeout=PATIENCE)
    job.delete_output()
    for missing in (job.output().read, job.delete_output):
        with pytest.raises(NotFoundError, match="no such output: archive"):
            missing()
    assert job.details()["State"] == "Success"


@pytest.mark.orthanc(suites=["bookworm"])
def test_an_old_server_deletes_nothing_of_it(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    job = orthanc.series[SERIES].submit_archive()
    for missing in (job.delete, job.delete_output):
        with pytest.raises(ApiError, match="405"):
            missing()


@pytest.mark.orthanc(suites=["forky"])  # since 1.12.9
def test_what_travels_with_it(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    ticket = {"ticket": [7]}
    assert orthanc.series[SERIES].submit_anonymize(user_data=ticket).wait(timeout=PATIENCE)["UserData"] == ticket
    # Archives have it in their documentation only.
    assert "UserData" not in orthanc.series[SERIES].submit_archive(user_data=ticket).wait(timeout=PATIENCE)


def test_one_that_there_is_not(orthanc: Orthanc) -> None:
    job = orthanc.jobs["00000000-0000-0000-0000-000000000000"]
    for missing in (job.details, job.wait, job.output().read):
        with pytest.raises(NotFoundError):
            missing()
    # So says Orthanc.
    for refused in (job.cancel, job.pause, job.resume, job.resubmit):
        with pytest.raises(BadRequestError):
            refused()
