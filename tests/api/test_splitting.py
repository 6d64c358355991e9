"""Studies that are split, and those that are merged."""

from __future__ import annotations

import pytest

from orthanc_state import Orthanc
from orthanc_state.client import BadRequestError, NotFoundError
from tests.api.dicom_files import ct, decoded, ids_of
from tests.api.stored import FILES, FIRST, NOBODY, store

STUDY = ids_of(FIRST)["studies"]
SERIES = ids_of(FIRST)["series"]
OTHER_STUDY = ids_of(FILES[3])["studies"]
OTHER_PATIENT = ids_of(FILES[4])


def counts(orthanc: Orthanc, study: str) -> tuple[int, int]:
    """How many series and instances a study has."""
    statistics = orthanc.studies[study].statistics()
    return statistics["CountSeries"], statistics["CountInstances"]


def test_a_series_is_split_off(orthanc: Orthanc) -> None:
    store(orthanc, *FILES[:3])
    assert counts(orthanc, STUDY) == (2, 3)
    results = orthanc.studies[STUDY].split(
        series=[SERIES], replace={"PatientName": "Split^Off", "PatientID": "PAT7"}, remove=["StudyDescription"]
    )
    assert (results["InstancesCount"], results["FailedInstancesCount"]) == (2, 0)
    made = orthanc.studies[results["TargetStudy"]]
    assert counts(orthanc, made.id) == (1, 2)
    assert counts(orthanc, STUDY) == (1, 1)
    details = made.details()
    assert details["MainDicomTags"]["StudyInstanceUID"] == results["TargetStudyUID"]
    assert details["PatientMainDicomTags"]["PatientName"] == "Split^Off"
    assert details["PatientMainDicomTags"]["PatientID"] == "PAT7"
    for instance in made.instances.ids():
        assert "StudyDescription" not in decoded(orthanc.instances[instance].file().read())


def test_instances_are_split_off_by_a_job_and_stay(orthanc: Orthanc) -> None:
    store(orthanc, *FILES[:3])
    instance = ids_of(FIRST)["instances"]
    job = orthanc.studies[STUDY].submit_split(
        instances=[instance], keep_source=True, keep_labels=True, priority=3, permissive=True
    )
    details = job.wait(timeout=20)
    assert (details["Type"], details["Priority"]) == ("SplitStudy", 3)
    made = orthanc.studies[details["Content"]["TargetStudy"]]
    assert counts(orthanc, made.id) == (1, 1)
    assert counts(orthanc, STUDY) == (2, 3)
    file = decoded(orthanc.instances[made.instances.ids()[0]].file().read())
    assert (file.PatientID, file.InstanceNumber) == ("PAT1", 1)
    assert (file.pixel_array == FIRST.pixel_array).all()


def test_another_study_is_merged_into_one(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    results = orthanc.studies[STUDY].merge([OTHER_STUDY])
    assert (results["TargetStudy"], results["InstancesCount"], results["FailedInstancesCount"]) == (STUDY, 1, 0)
    assert counts(orthanc, STUDY) == (3, 4)
    assert OTHER_STUDY not in orthanc.studies.ids()
    assert orthanc.statistics()["CountInstances"] == len(FILES)


@pytest.mark.parametrize("level", ["studies", "series", "instances"])
def test_what_belongs_to_another_patient_is_merged_by_a_job_and_stays(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    job = orthanc.studies[STUDY].submit_merge([OTHER_PATIENT[level]], keep_source=True, priority=3)
    details = job.wait(timeout=20)
    assert (details["Type"], details["Priority"]) == ("MergeStudy", 3)
    assert details["Content"]["TargetStudy"] == STUDY
    assert counts(orthanc, STUDY) == (3, 4)
    assert OTHER_PATIENT["studies"] in orthanc.studies.ids()
    files = [decoded(orthanc.instances[each].file().read()) for each in orthanc.studies[STUDY].instances.ids()]
    assert {file.PatientID for file in files} == {"PAT1"}
    assert {file.StudyInstanceUID for file in files} == {FIRST.StudyInstanceUID}


def test_what_is_refused_says_why(orthanc: Orthanc) -> None:
    store(orthanc, FIRST, ct(study=2))
    study = orthanc.studies[STUDY]
    with pytest.raises(BadRequestError, match="missing"):
        study.split()
    with pytest.raises(NotFoundError):
        study.split(series=[ids_of(ct(study=2))["series"]])
    with pytest.raises(NotFoundError, match="nothing"):
        study.merge(["nothing"])
    with pytest.raises(NotFoundError):
        orthanc.studies[NOBODY].split(series=[SERIES])
    with pytest.raises(NotFoundError):
        orthanc.studies[NOBODY].merge([STUDY])
    assert orthanc.statistics()["CountInstances"] == 2
