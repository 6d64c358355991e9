"""Tags of groups of instances: modules, those that instances share, and those of each; and the index made anew."""

from __future__ import annotations

from typing import Any

import pytest

from orthanc_state import Orthanc
from tests.api.dicom_files import ct, decoded, ids_of
from tests.api.stored import EXTENDED, FILES, FIRST, GROUPS, INSTANCES, LEVELS, group, ids, resource, store

IN_MODULE = {
    "patients": ("0010,0010", "PatientName", "Test^PAT1"),
    "studies": ("0008,1030", "StudyDescription", "Study 1"),
    "series": ("0008,0060", "Modality", "CT"),
    "instances": ("0020,0013", "InstanceNumber", "1"),
}
NOT_IN_MODULE = {"patients": "StudyDate", "studies": "PatientName", "series": "PatientName", "instances": "Modality"}

LONG = "long " * 100
LONG_TAG = {
    "patients": ("PatientComments", "0010-4000"),
    "studies": ("StudyDescription", "0008-1030"),
    "series": ("SeriesDescription", "0008-103e"),
}
"""Tags of the modules, longer here than the 256 characters that Orthanc gives unasked."""


def described(number: int, name: str, text: str) -> Any:
    """An instance of the one series of the one study of a patient, which is called otherwise in each of them."""
    return ct(instance=number, PatientName=name, StudyDescription=text, SeriesDescription=text)


@pytest.mark.parametrize("level", LEVELS)
def test_the_module_of_a_level(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    one = resource(orthanc, level)
    number, name, value = IN_MODULE[level]
    assert one.module()[number] == {"Name": name, "Type": "String", "Value": value}
    assert one.module(short=True)[number] == one.module(simplify=True)[name] == value
    assert NOT_IN_MODULE[level] not in one.module(simplify=True)


@pytest.mark.filterwarnings("ignore:The value length")  # which only Orthanc's limit of 256 makes worth while
@pytest.mark.parametrize("level", GROUPS)
def test_a_long_value_of_a_module_comes_when_it_is_asked_for(orthanc: Orthanc, level: str) -> None:
    name, number = LONG_TAG[level]
    tags: dict[str, Any] = {name: LONG}
    store(orthanc, ct(**tags))
    one = resource(orthanc, level)
    assert one.module(simplify=True)[name] is None
    for tag in (name, number):
        assert one.module(simplify=True, ignore_length=[tag])[name].strip() == LONG.strip()


def test_the_patient_s_module_of_a_study(orthanc: Orthanc) -> None:
    store(orthanc, ct(PatientComments=LONG))
    study = orthanc.studies[ids_of(FIRST)["studies"]]
    assert study.module_patient(short=True)["0010,0020"] == "PAT1"
    assert study.module_patient()["0010,0020"] == {"Name": "PatientID", "Type": "String", "Value": "PAT1"}
    module = study.module_patient(simplify=True)
    assert module["PatientName"] == "Test^PAT1"
    assert module["PatientComments"] is None
    assert "StudyDate" not in module
    whole = study.module_patient(simplify=True, ignore_length=["PatientComments"])
    assert whole["PatientComments"].strip() == LONG.strip()


@pytest.mark.parametrize("level", GROUPS)
def test_tags_that_all_instances_share(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    one = group(orthanc, level)
    shared = one.shared_tags(simplify=True)
    assert shared["PatientID"] == one.shared_tags(short=True)["0010,0020"] == "PAT1"
    assert one.shared_tags()["0010,0020"] == {"Name": "PatientID", "Type": "String", "Value": "PAT1"}
    assert ("StudyInstanceUID" in shared) == (level != "patients")
    assert ("SeriesInstanceUID" in shared) == (level == "series")
    assert "SOPInstanceUID" not in shared


@pytest.mark.parametrize("level", GROUPS)
def test_tags_of_each_instance(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES[1:], ct(ImageComments=LONG))
    one = group(orthanc, level)
    tags = one.instances_tags(simplify=True)
    assert set(tags) == ids("instances", INSTANCES[level])
    for dataset in INSTANCES[level]:
        assert tags[ids_of(dataset)["instances"]]["SOPInstanceUID"] == dataset.SOPInstanceUID
    first = ids_of(FIRST)["instances"]
    assert one.instances_tags(short=True)[first]["0020,0013"] == "1"
    assert one.instances_tags()[first]["0020,0013"]["Name"] == "InstanceNumber"
    assert tags[first]["ImageComments"] is None
    whole = one.instances_tags(simplify=True, ignore_length=["ImageComments"])
    assert whole[first]["ImageComments"].strip() == LONG.strip()


@pytest.mark.filterwarnings("ignore:The value length")
@pytest.mark.parametrize(
    "tags",
    [["ImageComments", "SeriesDescription"], ["0020-4000", "0008-103e"], ["0020,4000", "0008,103e"]],
    ids=["names", "numbers", "numbers as in the answers"],
)
def test_many_long_values_at_once(orthanc: Orthanc, tags: list[str]) -> None:
    store(orthanc, ct(ImageComments=LONG, SeriesDescription=LONG))
    instance = orthanc.instances[ids_of(FIRST)["instances"]]
    series = orthanc.series[ids_of(FIRST)["series"]]
    (of_series,) = series.instances_tags(simplify=True, ignore_length=tags).values()
    for found in (
        instance.tags(simplify=True, ignore_length=tags),
        instance.simplified_tags(ignore_length=tags),
        of_series,
    ):
        assert found["ImageComments"].strip() == found["SeriesDescription"].strip() == LONG.strip()


@pytest.mark.parametrize("level", LEVELS)
def test_the_index_is_made_anew_from_the_files_that_are_left(orthanc: Orthanc, level: str) -> None:
    old, new = described(1, "Old^Name", "old"), described(2, "New^Name", "new")
    store(orthanc, old, new)
    resource(orthanc, "instances", old).delete()
    assert main_tags(orthanc, new) == ["Old^Name", "old", "old"]
    resource(orthanc, level, new).reconstruct()
    assert main_tags(orthanc, new) == ["New^Name", "new", "new"]


@pytest.mark.orthanc(suites=EXTENDED)  # 1.10.1 knows none of the options
@pytest.mark.parametrize("level", LEVELS)
def test_only_one_level_is_made_anew(orthanc: Orthanc, level: str) -> None:
    old, new = described(1, "Old^Name", "old"), described(2, "New^Name", "new")
    store(orthanc, old, new)
    resource(orthanc, "instances", old).delete()
    resource(orthanc, level, new).reconstruct(limit_to_this_level_main_dicom_tags=True)
    expected = [
        "New^Name" if level == "patients" else "Old^Name",
        "new" if level == "studies" else "old",
        "new" if level == "series" else "old",
    ]
    assert main_tags(orthanc, new) == expected


@pytest.mark.orthanc(suites=EXTENDED)
@pytest.mark.parametrize("level", LEVELS)
def test_the_files_are_written_anew_as_well(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    file = resource(orthanc, "instances").attachments["dicom"]
    before = file.information()["Uuid"]
    # Only once: 1.12.7 locks up when the file of what it has reconstructed before is to be written.
    resource(orthanc, level).reconstruct(reconstruct_files=True)
    assert file.information()["Uuid"] != before
    assert decoded(file.data().read()).PatientID == "PAT1"


def main_tags(orthanc: Orthanc, dataset: Any) -> list[str]:
    """The patient's name and the descriptions of study and series that the index has."""
    tags = [resource(orthanc, level, dataset).details()["MainDicomTags"] for level in GROUPS]
    return [tags[0]["PatientName"], tags[1]["StudyDescription"], tags[2]["SeriesDescription"]]
