"""Anonymized and modified copies of patients, studies and series, made at once and by jobs; and of instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydicom.uid import ImplicitVRLittleEndian, JPEGLosslessSV1

from orthanc_state import Orthanc
from orthanc_state.client import BadRequestError, NotFoundError
from tests.api.dicom_files import ct, decoded, ids_of, orthanc_id, with_sequences
from tests.api.stored import EXTENDED, FILES, FIRST, GROUPS, INSTANCES, group, level_of, store

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

REQUESTS = "RequestAttributesSequence"
IDENTIFIERS = ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"]


def files_of(orthanc: Orthanc, level: str, identifier: str) -> list[Dataset]:
    """The files of a patient, study or series."""
    ids = level_of(orthanc, level)[identifier].instances.ids()
    return [decoded(orthanc.instances[each].file().read()) for each in ids]


def is_anonymous(dataset: Dataset) -> bool:
    """Whether a file says nothing of whom it is of, nor of where it came from."""
    first = {
        dataset.get(keyword) for keyword in ("PatientBirthDate", "InstitutionName", "StudyDate", "AccessionNumber")
    }
    uids = {dataset.get(keyword) for keyword in IDENTIFIERS} & {
        each.get(keyword) for each in FILES for keyword in IDENTIFIERS
    }
    return (
        first <= {None, ""}
        and not uids
        and dataset.PatientIdentityRemoved == "YES"
        and dataset.PatientID not in {"PAT1", ""}
        and "PAT1" not in str(dataset.PatientName)
    )


def other(level: str, patient: str) -> dict[str, str]:
    """The identifier that a patient must get to be modified; what is below keeps that of its patient."""
    return {"PatientID": patient} if level == "patients" else {}


@pytest.mark.parametrize("level", GROUPS)
def test_an_anonymized_copy_says_nothing_of_the_patient(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    results = group(orthanc, level).anonymize()
    assert results["IsAnonymization"] is True
    assert results["InstancesCount"] == len(INSTANCES[level])
    assert results["FailedInstancesCount"] == 0
    files = files_of(orthanc, level, results["ID"])
    assert len(files) == len(INSTANCES[level])
    assert all(map(is_anonymous, files))
    assert all((file.pixel_array == FIRST.pixel_array).all() for file in files)
    assert {file.PatientID for file in files} == {files[0].PatientID}
    assert orthanc_id(files[0].PatientID) == results["PatientID"]
    assert level_of(orthanc, level)[results["ID"]].details()["AnonymizedFrom"] == ids_of(FIRST)[level]
    older = group(orthanc, level).anonymize(dicom_version="2008")["ID"]
    assert {file.StudyDate for file in files_of(orthanc, level, older)} == {FIRST.StudyDate}
    # The original is as it was.
    assert group(orthanc, level).statistics()["CountInstances"] == len(INSTANCES[level])


@pytest.mark.parametrize("level", GROUPS)
def test_what_is_kept_replaced_and_removed_by_a_job(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    job = group(orthanc, level).submit_anonymize(
        keep=["StudyDescription", f"{REQUESTS}[0].RequestedProcedureID"],
        replace={"PatientID": "TRIAL-7", "PatientName": "Trial^Seven"},
        remove=["PatientSex"],
        force=True,
        keep_source=False,
        dicom_version="2017c",
        priority=4,
        permissive=True,
    )
    details = job.wait(timeout=20)
    assert (details["Type"], details["Priority"]) == ("ResourceModification", 4)
    files = files_of(orthanc, level, details["Content"]["ID"])
    assert len(files) == len(INSTANCES[level])
    assert all(map(is_anonymous, files))
    for file in files:
        assert (file.PatientID, file.PatientName) == ("TRIAL-7", "Trial^Seven")
        assert file.StudyDescription.startswith("Study ")
        assert "PatientSex" not in file
    assert ids_of(FIRST)[level] not in level_of(orthanc, level).ids()


@pytest.mark.parametrize("level", GROUPS)
def test_private_tags_stay_and_files_are_transcoded_when_wanted(orthanc: Orthanc, level: str) -> None:
    private = ct()
    private.private_block(0x0009, "ORTHANC-STATE", create=True).add_new(1, "LO", "mine")
    store(orthanc, private)
    one = group(orthanc, level)
    (kept,) = files_of(orthanc, level, one.anonymize(keep_private_tags=True, transcode=JPEGLosslessSV1)["ID"])
    assert kept.private_block(0x0009, "ORTHANC-STATE")[1].value == "mine"
    assert kept.file_meta.TransferSyntaxUID == JPEGLosslessSV1
    (gone,) = files_of(orthanc, level, one.anonymize()["ID"])
    assert (0x0009, 0x0010) not in gone
    results = one.modify(remove_private_tags=True, replace=other(level, "PAT8"), force=True)
    (modified,) = files_of(orthanc, level, results["ID"])
    assert (0x0009, 0x0010) not in modified
    replace = {"0009,1002": "more", **other(level, "PAT9")}
    (added,) = files_of(orthanc, level, one.modify(replace=replace, private_creator="ORTHANC-STATE", force=True)["ID"])
    assert added.private_block(0x0009, "ORTHANC-STATE")[1].value == "mine"
    assert (0x0009, 0x1002) in added


@pytest.mark.parametrize("level", GROUPS)
def test_a_copy_with_other_tags(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    one = group(orthanc, level)
    results = one.modify(
        replace={"InstitutionName": "Elsewhere", **other(level, "PAT9")},
        remove=["StudyDescription"],
        transcode=ImplicitVRLittleEndian,
        force=level == "patients",
    )
    job = one.submit_modify(
        replace={"InstitutionName": "Elsewhere", **other(level, "PAT9")},
        remove=["StudyDescription"],
        force=level == "patients",
        priority=-1,
    )
    details = job.wait(timeout=20)
    assert details["Priority"] == -1
    for content in (results, details["Content"]):
        assert content["IsAnonymization"] is False
        copy = level_of(orthanc, level)[content["ID"]].details()
        # Orthanc gives new identifiers to what is modified and to all that is in it; those above stay.
        assert copy["ID"] != ids_of(FIRST)[level]
        assert (content["PatientID"] == ids_of(FIRST)["patients"]) == (level != "patients")
        assert copy["ModifiedFrom"] == ids_of(FIRST)[level]
        files = files_of(orthanc, level, content["ID"])
        assert {file.SOPInstanceUID for file in files}.isdisjoint(each.SOPInstanceUID for each in FILES)
        for file in files:
            assert file.InstitutionName == "Elsewhere"
            assert file.PatientID == ("PAT9" if level == "patients" else "PAT1")
            assert "StudyDescription" not in file
    syntaxes = {file.file_meta.TransferSyntaxUID for file in files_of(orthanc, level, results["ID"])}
    assert ImplicitVRLittleEndian in syntaxes
    assert one.statistics()["CountInstances"] == len(INSTANCES[level])


@pytest.mark.parametrize("level", GROUPS)
def test_the_original_goes_when_it_is_not_kept(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    replace = {"InstitutionName": "Elsewhere", **other(level, "PAT9")}
    results = group(orthanc, level).modify(replace=replace, keep_source=False, force=True)
    assert results["InstancesCount"] == len(INSTANCES[level])
    with pytest.raises(NotFoundError):
        group(orthanc, level).details()
    assert orthanc.statistics()["CountInstances"] == len(FILES)


@pytest.mark.orthanc(suites=EXTENDED, configuration={"OverwriteInstances": True})  # since 1.11.2
@pytest.mark.parametrize("level", GROUPS)
def test_tags_are_changed_in_place_when_all_identifiers_are_kept(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    replace = {"InstitutionName": "Elsewhere", **other(level, "PAT1")}
    results = group(orthanc, level).modify(replace=replace, keep=IDENTIFIERS, force=True)
    assert results["ID"] == ids_of(FIRST)[level]
    files = files_of(orthanc, level, ids_of(FIRST)[level])
    assert {file.SOPInstanceUID for file in files} == {each.SOPInstanceUID for each in INSTANCES[level]}
    assert {file.InstitutionName for file in files} == {"Elsewhere"}
    assert orthanc.statistics()["CountInstances"] == len(FILES)


@pytest.mark.orthanc(suites=EXTENDED)  # 1.10.1 has no labels
def test_labels_go_along_when_wanted(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    study = orthanc.studies[ids_of(FIRST)["studies"]]
    study.labels.add("seen")
    assert orthanc.studies[study.anonymize(keep_labels=True)["ID"]].labels.all() == ["seen"]
    assert orthanc.studies[study.anonymize()["ID"]].labels.all() == []
    replace = {"InstitutionName": "Elsewhere"}
    assert orthanc.studies[study.modify(replace=replace)["ID"]].labels.all() == []


@pytest.mark.orthanc(suites=EXTENDED)  # since 1.12.3
def test_labels_go_along_with_a_modified_copy_too(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    study = orthanc.studies[ids_of(FIRST)["studies"]]
    study.labels.add("seen")
    options: dict[str, Any] = {"replace": {"InstitutionName": "Elsewhere"}, "keep_labels": True}
    results = study.modify(**options)
    assert orthanc.studies[results["ID"]].labels.all() == ["seen"]


@pytest.mark.orthanc(suites=["forky"])  # since 1.12.9
@pytest.mark.parametrize("level", GROUPS)
def test_a_job_carries_what_the_user_gave_it(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    job = group(orthanc, level).submit_anonymize(user_data={"trial": [7]})
    assert job.wait(timeout=20)["UserData"] == {"trial": [7]}


def test_an_anonymized_instance_is_given_and_not_stored(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    instance = orthanc.instances[ids_of(FIRST)["instances"]]
    assert is_anonymous(decoded(instance.anonymize().read()))
    kept = decoded(
        instance.anonymize(
            keep=["PatientName", "StudyDescription"],
            replace={"PatientID": "TRIAL-7"},
            remove=["PatientSex"],
            force=True,
            keep_private_tags=True,
            dicom_version="2017c",
        ).read()
    )
    assert (kept.PatientName, kept.PatientID) == ("Test^PAT1", "TRIAL-7")
    assert kept.StudyDescription == "Study 1"
    assert "PatientSex" not in kept
    assert orthanc.instances.ids() == [instance.id]


def test_a_modified_instance_is_given_and_not_stored(orthanc: Orthanc) -> None:
    file = with_sequences()
    store(orthanc, file)
    instance = orthanc.instances[ids_of(file)["instances"]]
    modified = decoded(
        instance.modify(
            replace={"InstitutionName": "Élsewhere", f"{REQUESTS}[1].RequestedProcedureID": "NEW"},
            remove=["StudyDescription", f"{REQUESTS}[0].RequestedProcedureID"],
        ).read()
    )
    assert modified.InstitutionName == "Élsewhere"
    assert "StudyDescription" not in modified
    requests = modified[REQUESTS].value
    assert "RequestedProcedureID" not in requests[0]
    assert requests[1].RequestedProcedureID == "NEW"
    assert modified.SOPInstanceUID != file.SOPInstanceUID
    same = decoded(instance.modify(replace={"InstitutionName": "Here"}, keep=["SOPInstanceUID"], force=True).read())
    assert (same.SOPInstanceUID, same.InstitutionName) == (file.SOPInstanceUID, "Here")
    assert orthanc.instances.ids() == [instance.id]


@pytest.mark.orthanc(suites=EXTENDED)  # 1.10.1 leaves the file as it is
def test_a_copy_of_an_instance_is_transcoded(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    instance = orthanc.instances[ids_of(FIRST)["instances"]]
    for content in (
        instance.anonymize(transcode=JPEGLosslessSV1),
        instance.modify(replace={"InstitutionName": "Here"}, transcode=JPEGLosslessSV1),
    ):
        assert decoded(content.read()).file_meta.TransferSyntaxUID == JPEGLosslessSV1


@pytest.mark.parametrize("level", GROUPS)
def test_what_is_refused_says_why(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    one = group(orthanc, level)
    with pytest.raises(BadRequestError, match="Force"):
        one.anonymize(replace={"SOPInstanceUID": "1.2"})
    with pytest.raises(BadRequestError, match="DICOM standard"):
        one.anonymize(dicom_version="1895")
    with pytest.raises(BadRequestError, match="Force"):
        one.submit_modify(replace={"SOPInstanceUID": "1.2"})
    with pytest.raises(BadRequestError, match="transfer syntax"):
        one.modify(replace=other(level, "PAT9"), force=True, transcode="1.2.3")
    assert orthanc.statistics()["CountInstances"] == 1


def test_what_is_refused_of_an_instance_says_why(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    instance = orthanc.instances[ids_of(FIRST)["instances"]]
    for content, reason in (
        (instance.anonymize(replace={"SOPInstanceUID": "1.2"}), "Force"),
        (instance.anonymize(dicom_version="1895"), "DICOM standard"),
        (instance.modify(replace={"StudyInstanceUID": "1.2"}), "Force"),
    ):
        with pytest.raises(BadRequestError, match=reason):
            content.read()
