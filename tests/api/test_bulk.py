"""Many resources at once: described, deleted, anonymized, modified, and packed into one archive."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from pydicom import dcmread
from pydicom.uid import ImplicitVRLittleEndian

from orthanc_state.client import BadRequestError, NotFoundError, ReadOnlyError
from tests.api.dicom_files import ct, encoded, ids_of, orthanc_id
from tests.api.stored import EXTENDED, FILES, FIRST, NOBODY, ids, store

if TYPE_CHECKING:
    from orthanc_state import Orthanc

MIXED = [ids_of(FILES[3])["studies"], ids_of(FIRST)["series"], ids_of(FILES[4])["patients"]]
"""Resources of three levels, with one, two and one files."""

MIXED_FILES = (*FILES[:2], *FILES[3:])

MANY = 120
"""More identifiers than fit into a URL."""


def made(results: dict[str, Any], kind: str) -> list[str]:
    """What a job has made of one level."""
    return [resource["ID"] for resource in results["Resources"] if resource["Type"] == kind]


def unpacked(content: bytes) -> list[Any]:
    """The DICOM files of a ZIP archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [dcmread(io.BytesIO(archive.read(name))) for name in archive.namelist() if name != "DICOMDIR"]


def uids(content: bytes) -> list[str]:
    return sorted(file.SOPInstanceUID for file in unpacked(content))


def expected(*files: Any) -> list[str]:
    return sorted(file.SOPInstanceUID for file in files)


def series_description(content: bytes) -> str | None:
    """What the DICOMDIR of an archive says of its series."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        directory = dcmread(io.BytesIO(archive.read("DICOMDIR")))
    (record,) = (item for item in directory.DirectoryRecordSequence if item.DirectoryRecordType == "SERIES")
    description: str | None = record.get("SeriesDescription")
    return description


def test_they_are_described(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    described = orthanc.tools.bulk_content([*MIXED, NOBODY])
    assert [(details["Type"], details["ID"]) for details in described] == list(
        zip(("Study", "Series", "Patient"), MIXED, strict=True)
    )
    assert "LastUpdate" in described[0]["Metadata"]
    assert described[1]["MainDicomTags"]["SeriesDescription"] == "Series 1"
    below = orthanc.tools.bulk_content(MIXED, level="Instance", metadata=False, short=True)
    assert {details["ID"] for details in below} == ids("instances", MIXED_FILES)
    assert all("Metadata" not in details and "0008,0018" in details["MainDicomTags"] for details in below)
    (above,) = orthanc.tools.bulk_content([ids_of(FIRST)["instances"]], level="Patient", full=True)
    assert above["MainDicomTags"]["0010,0020"] == {"Name": "PatientID", "Type": "String", "Value": "PAT1"}


def test_they_are_deleted(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    orthanc.tools.bulk_delete([*MIXED, NOBODY])
    assert set(orthanc.instances.ids()) == ids("instances", FILES[2:3])
    orthanc.tools.bulk_delete([])
    assert orthanc.statistics()["CountInstances"] == 1


def test_they_are_anonymized(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    results = orthanc.tools.bulk_anonymize(MIXED, keep=["StudyDescription"], replace={"PatientName": "No^Body"})
    assert results["IsAnonymization"] is True
    assert (results["InstancesCount"], results["FailedInstancesCount"]) == (4, 0)
    assert len(made(results, "Instance")) == 4
    for study in orthanc.tools.bulk_content(made(results, "Study")):
        assert study["PatientMainDicomTags"]["PatientName"] == "No^Body"
        assert study["MainDicomTags"]["StudyDescription"] in {"Study 1", "Study 2"}
        assert "AccessionNumber" not in study["MainDicomTags"] or study["MainDicomTags"]["AccessionNumber"] == ""
    assert orthanc.statistics()["CountInstances"] == len(FILES) + 4
    details = orthanc.tools.submit_bulk_anonymize([MIXED[0]], keep_source=False, priority=3).wait(timeout=20)
    assert (details["Type"], details["Priority"]) == ("ResourceModification", 3)
    assert len(made(details["Content"], "Study")) == 1
    assert MIXED[0] not in orthanc.studies.ids()


def test_they_are_modified(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    results = orthanc.tools.bulk_modify(
        MIXED, replace={"StudyDescription": "New"}, remove=["InstitutionName"], level="Study"
    )
    assert results["IsAnonymization"] is False
    studies = orthanc.tools.bulk_content(made(results, "Study"))
    assert [study["MainDicomTags"]["StudyDescription"] for study in studies] == ["New"] * 3
    assert {study["PatientMainDicomTags"]["PatientID"] for study in studies} == {"PAT1", "PAT2"}
    job = orthanc.tools.submit_bulk_modify([MIXED[2]], replace={"PatientID": "PAT3"}, force=True, keep_source=False)
    content = job.wait(timeout=20)["Content"]
    assert made(content, "Patient") == [orthanc_id("PAT3")]
    assert MIXED[2] not in orthanc.patients.ids() or orthanc.patients[MIXED[2]].details()["Studies"] == []
    with pytest.raises(BadRequestError, match="PatientID"):
        orthanc.tools.bulk_modify(MIXED, replace={"PatientID": "PAT3"})
    with pytest.raises(TypeError, match="no such option: relpace"):
        orthanc.tools.bulk_modify(MIXED, relpace={})  # type: ignore[call-arg]


def test_a_short_list_is_packed(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    assert uids(orthanc.tools.create_archive(MIXED).read()) == expected(*MIXED_FILES)
    assert uids(orthanc.tools.create_media(MIXED).read()) == expected(*MIXED_FILES)
    assert uids(orthanc.tools.create_media([], extended=True).read()) == []


@pytest.mark.orthanc(suites=EXTENDED)  # by GET since 1.12.2
def test_a_short_list_is_packed_by_get(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    # So also a client that only reads may ask for it.
    tools = orthanc.read_only().tools
    assert uids(tools.create_archive(MIXED).read()) == expected(*MIXED_FILES)
    assert uids(tools.create_archive(MIXED[:1], filename="a.zip").read()) == expected(FILES[3])
    transcoded = unpacked(tools.create_archive(MIXED[:1], transcode=ImplicitVRLittleEndian).read())
    assert transcoded[0].file_meta.TransferSyntaxUID == ImplicitVRLittleEndian
    plain = tools.create_media([MIXED[1]]).read()
    extended = tools.create_media([MIXED[1]], extended=True).read()
    assert uids(plain) == uids(extended) == expected(*FILES[:2])
    assert (series_description(plain), series_description(extended)) == (None, "Series 1")
    assert uids(tools.create_media(MIXED).read()) == expected(*MIXED_FILES)
    with pytest.raises(NotFoundError):
        tools.create_archive([NOBODY]).read()
    with pytest.raises(TypeError, match="no such option: transcoding"):
        tools.create_archive(MIXED, transcoding="x")  # type: ignore[call-arg]


def test_a_long_list_is_packed_by_post(orthanc: Orthanc) -> None:
    files = [ct(instance=instance) for instance in range(1, MANY + 1)]
    orthanc.instances.upload_many(map(encoded, files)).check()
    many = [ids_of(file)["instances"] for file in files]
    assert uids(orthanc.tools.create_archive(many).read()) == expected(*files)
    plain = orthanc.tools.create_media(many).read()
    extended = orthanc.tools.create_media(many, extended=True).read()
    assert uids(plain) == uids(extended) == expected(*files)
    assert (series_description(plain), series_description(extended)) == (None, "Series 1")
    with pytest.raises(ReadOnlyError):
        orthanc.read_only().tools.create_archive(many).read()


def test_they_are_packed_by_a_job(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    job = orthanc.tools.submit_create_archive(MIXED, transcode=ImplicitVRLittleEndian, priority=2)
    details = job.wait(timeout=20)
    assert (details["Type"], details["Priority"], details["Content"]["InstancesCount"]) == ("Archive", 2, 4)
    files = unpacked(job.output().read())
    assert sorted(file.SOPInstanceUID for file in files) == expected(*MIXED_FILES)
    assert {file.file_meta.TransferSyntaxUID for file in files} == {ImplicitVRLittleEndian}
    descriptions = []
    for extended in (False, True):
        job = orthanc.tools.submit_create_media([MIXED[1]], extended=extended)
        assert job.wait(timeout=20)["Type"] == "Media"
        assert uids(job.output().read()) == expected(*FILES[:2])
        descriptions.append(series_description(job.output().read()))
    assert descriptions == [None, "Series 1"]
