"""What patients, studies, series and instances have in common: lists, details, counts and what belongs to what."""

from __future__ import annotations

import pytest

from orthanc_state import Orthanc
from orthanc_state.client import NotFoundError
from orthanc_state.client._sync.level import Children, Parent
from tests.api.dicom_files import ct, encoded, ids_of
from tests.api.stored import (
    COUNTS,
    EXTENDED,
    FILES,
    FIRST,
    GROUPS,
    INSTANCES,
    LEVELS,
    PLURALS,
    holds,
    ids,
    level_of,
    resource,
    store,
)

TAG = {"patients": "PatientID", "studies": "StudyDate", "series": "Modality", "instances": "SOPInstanceUID"}
NUMBER = {"patients": "0010,0020", "studies": "0008,0020", "series": "0008,0060", "instances": "0008,0018"}
PARENTS = [("studies", "patient"), ("series", "patient"), ("series", "study")] + [
    ("instances", parent) for parent in ("patient", "study", "series")
]
CHILDREN = [("patients", "studies"), ("patients", "series"), ("studies", "series")] + [
    (level, "instances") for level in GROUPS
]
LEVEL_OF_PARENT = {"patient": "patients", "study": "studies", "series": "series"}


@pytest.mark.parametrize("level", LEVELS)
def test_all_of_a_level_are_listed_whole_and_in_parts(orthanc: Orthanc, level: str) -> None:
    everything = level_of(orthanc, level)
    assert everything.ids() == []
    assert everything.all() == []
    store(orthanc, *FILES)
    assert set(everything.ids()) == ids(level)
    count = len(ids(level))
    assert count == COUNTS[level]
    pages = [everything.ids(since=since, limit=1) for since in range(count + 1)]
    assert [len(page) for page in pages] == [1] * count + [0]
    assert {identifier for page in pages for identifier in page} == ids(level)
    assert everything.ids(since=1) == everything.ids()[1:]
    assert everything.ids(limit=1) == everything.ids()[:1]
    assert everything.ids(since=1, limit=99) == everything.ids()[1:]
    details = everything.all()
    assert {each["ID"] for each in details} == ids(level)
    assert everything.all(since=1, limit=1) == details[1:2]
    assert everything.all(since=count) == []


def test_a_switch_is_written_as_orthanc_reads_it(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    (details,) = orthanc.get("/studies", params={"expand": True})
    assert details["ID"] == ids_of(FIRST)["studies"]


def test_a_limit_of_nothing_gives_nothing(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    for level in LEVELS:
        assert level_of(orthanc, level).ids(limit=0) == []
        assert level_of(orthanc, level).ids(since=1, limit=0) == []
        assert level_of(orthanc, level).all(limit=0) == []


@pytest.mark.parametrize("level", LEVELS)
def test_details_are_those_of_the_resource_with_tags_by_name_and_by_number(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    one = resource(orthanc, level)
    value = str(FIRST[TAG[level]].value)
    assert one.id == ids_of(FIRST)[level]
    assert holds(one.details(), level)
    assert one.details()["MainDicomTags"][TAG[level]] == value
    assert one.details(short=True)["MainDicomTags"][NUMBER[level]] == value
    expected = {"Name": TAG[level], "Type": "String", "Value": value}
    assert one.details(full=True)["MainDicomTags"][NUMBER[level]] == expected

    (listed,) = [each for each in level_of(orthanc, level).all() if each["ID"] == one.id]
    assert listed == one.details()
    (listed,) = [each for each in level_of(orthanc, level).all(full=True) if each["ID"] == one.id]
    assert listed == one.details(full=True)
    (listed,) = [each for each in level_of(orthanc, level).all(short=True) if each["ID"] == one.id]
    assert listed == one.details(short=True)


@pytest.mark.orthanc(suites=EXTENDED)
@pytest.mark.parametrize("level", LEVELS)
def test_tags_that_are_requested_come_along(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    one = resource(orthanc, level)
    assert one.details(requested_tags=["Rows"])["RequestedTags"] == {"Rows": "16"}
    (listed,) = level_of(orthanc, level).all(requested_tags=["PatientID"])
    assert listed["RequestedTags"] == {"PatientID": "PAT1"}


@pytest.mark.orthanc(suites=EXTENDED)
@pytest.mark.parametrize("tags", [["Rows", "PatientID"], ["0028,0010", "0010,0020"]], ids=["names", "numbers"])
def test_many_tags_can_be_requested_by_name_and_by_number(orthanc: Orthanc, tags: list[str]) -> None:
    store(orthanc, FIRST)
    expected = {"Rows": "16", "PatientID": "PAT1"}
    assert orthanc.studies[ids_of(FIRST)["studies"]].details(requested_tags=tags)["RequestedTags"] == expected
    assert orthanc.studies.all(requested_tags=tags)[0]["RequestedTags"] == expected
    children = orthanc.studies[ids_of(FIRST)["studies"]].series
    assert children.details(requested_tags=tags)[0]["RequestedTags"] == expected


@pytest.mark.orthanc(suites=EXTENDED)
@pytest.mark.parametrize("level", LEVELS)
def test_of_all_only_what_is_wanted_is_given(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    resource(orthanc, level).labels.add("seen")
    (labels,) = level_of(orthanc, level).all(content=["Labels"])
    assert labels == {"ID": ids_of(FIRST)[level], "Type": labels["Type"], "Labels": ["seen"]}
    (two,) = level_of(orthanc, level).all(content=["Labels", "MainDicomTags"])
    assert {"Labels", "MainDicomTags"} <= set(two)
    assert "Metadata" not in two
    (nothing,) = level_of(orthanc, level).all(content=())
    assert nothing == {"ID": ids_of(FIRST)[level], "Type": labels["Type"]}


@pytest.mark.orthanc(suites=EXTENDED)
@pytest.mark.parametrize("level", LEVELS)
def test_what_matches_is_counted(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    everything = level_of(orthanc, level)
    assert everything.count() == COUNTS[level]
    assert everything.count({"PatientID": "PAT2"}) == 1
    assert everything.count({"PatientID": "PAT*"}) == COUNTS[level]
    assert everything.count({"PatientID": "PAT3"}) == 0


def test_what_is_above(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    for level, parent in PARENTS:
        above: Parent = getattr(resource(orthanc, level), parent)
        expected = resource(orthanc, LEVEL_OF_PARENT[parent])
        assert above.details() == expected.details()
        assert above.details(short=True) == expected.details(short=True)
        assert above.details(full=True) == expected.details(full=True)


def test_what_is_below(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    for level, children in CHILDREN:
        below: Children = getattr(resource(orthanc, level), children)
        each_of = level_of(orthanc, children)
        assert set(below.ids()) == ids(children, INSTANCES[level])
        assert below.details() == [each_of[each].details() for each in below.ids()]
        assert below.details(short=True) == [each_of[each].details(short=True) for each in below.ids()]
        assert below.details(full=True) == [each_of[each].details(full=True) for each in below.ids()]


@pytest.mark.parametrize("level", LEVELS)
def test_how_much_there_is(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    statistics = resource(orthanc, level).statistics()
    size = sum(len(encoded(dataset)) for dataset in INSTANCES[level])
    assert int(statistics["DiskSize"]) == int(statistics["DicomUncompressedSize"]) == size
    assert statistics["DiskSizeMB"] == 0
    below = LEVELS[LEVELS.index(level) + 1 :]
    counts = {key: value for key, value in statistics.items() if key.startswith("Count")}
    assert counts == {f"Count{PLURALS[each]}": len(ids(each, INSTANCES[level])) for each in below}


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_deleted_is_gone_with_all_that_belongs_to_it(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    resource(orthanc, level).delete()
    left = tuple(dataset for dataset in FILES if dataset not in INSTANCES[level])
    for each in LEVELS:
        assert set(level_of(orthanc, each).ids()) == ids(each, left)
    with pytest.raises(NotFoundError):
        resource(orthanc, level).details()
    with pytest.raises(NotFoundError):
        resource(orthanc, level).delete()


def test_what_has_nothing_left_in_it_is_gone_too(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    resource(orthanc, "instances").delete()
    assert all(level_of(orthanc, level).ids() == [] for level in LEVELS)


def test_a_patient_can_be_protected(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    patient = orthanc.patients[ids_of(FIRST)["patients"]]
    assert patient.protected.get() is False
    patient.protected.set(True)
    assert patient.protected.get() is True
    patient.protected.set(False)
    assert patient.protected.get() is False


@pytest.mark.orthanc(configuration={"MaximumPatientCount": 2})
def test_a_protected_patient_stays_when_room_is_made(orthanc: Orthanc) -> None:
    store(orthanc, FILES[0], FILES[4])
    orthanc.patients[ids_of(FIRST)["patients"]].protected.set(True)
    store(orthanc, third := ct("PAT3"))
    assert set(orthanc.patients.ids()) == ids("patients", (FIRST, third))
