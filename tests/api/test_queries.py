"""What was found at other servers: the answers of a C-FIND, what lies below them, and their retrieval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydicom.dataset import Dataset

from orthanc_state.client import BadRequestError, JobFailedError, NotFoundError, ServerError
from tests.api.dicom_files import ct, ids_of
from tests.api.foreign import Foreign
from tests.api.stored import EXTENDED, FILES, FIRST, ids, store

if TYPE_CHECKING:
    from orthanc_state import Orthanc
    from orthanc_state.client._sync.queries import Query

STUDIES = (FILES[0], FILES[3])
"""One file of each study of the first patient."""


def answered(query: Query, tag: str) -> list[str]:
    """The values of a tag in all answers."""
    return sorted(answer[tag] for answer in query.answers.contents(simplify=True))


@pytest.fixture
def studies(orthanc: Orthanc, remote: Orthanc) -> Query:
    """The studies of the first patient, found at the other server."""
    store(remote, *FILES)
    return orthanc.modalities["remote"].query("Study", {"PatientID": "PAT1", "StudyDescription": ""})


def test_what_was_asked_and_answered(orthanc: Orthanc, studies: Query) -> None:
    assert (studies.level(), studies.modality()) == ("Study", "remote")
    assert {"answers", "level", "modality", "query", "retrieve"} == set(studies.operations())
    assert studies.query(simplify=True) == {"PatientID": "PAT1", "StudyDescription": ""}
    assert studies.query(short=True) == {"0010,0020": "PAT1", "0008,1030": ""}
    assert studies.query()["0010,0020"] == {"Name": "PatientID", "Type": "String", "Value": "PAT1"}
    assert studies.answers.indexes() == [0, 1]
    assert answered(studies, "StudyDescription") == ["Study 1", "Study 2"]
    assert answered(studies, "StudyInstanceUID") == sorted(file.StudyInstanceUID for file in STUDIES)
    assert [answer["0010,0020"] for answer in studies.answers.contents(short=True)] == ["PAT1", "PAT1"]
    assert [answer["0010,0020"]["Value"] for answer in studies.answers.contents()] == ["PAT1", "PAT1"]
    for index in (0, 1):
        answer = studies.answers[index]
        assert {"content", "retrieve"} <= set(answer.operations())
        assert answer.content(simplify=True) == studies.answers.contents(simplify=True)[index]
        assert answer.content(short=True) == studies.answers.contents(short=True)[index]
        assert answer.content() == studies.answers.contents()[index]
    for missing in (studies.answers[2].content, studies.answers[2].retrieve):
        with pytest.raises(BadRequestError):
            missing()
    assert orthanc.queries.ids() == [studies.id]
    assert orthanc.queries[studies.id].level() == "Study"
    studies.delete()
    assert orthanc.queries.ids() == []
    with pytest.raises(NotFoundError):
        studies.level()


@pytest.mark.parametrize("level", ["Patient", "Study", "Series"])
def test_what_lies_below_an_answer(orthanc: Orthanc, remote: Orthanc, level: Any) -> None:
    store(remote, *FILES)
    question = {"PatientID": "PAT1", "StudyInstanceUID": FIRST.StudyInstanceUID} if level != "Patient" else {}
    if level == "Series":
        question["SeriesInstanceUID"] = FIRST.SeriesInstanceUID
    (index,) = (query := orthanc.modalities["remote"].query(level, question or {"PatientID": "PAT1"})).answers.indexes()
    answer = query.answers[index]
    if level == "Patient":
        below = answer.query_studies({"StudyDescription": ""}, timeout=5)
        assert below.level() == "Study"
        assert answered(below, "StudyDescription") == ["Study 1", "Study 2"]
        assert answered(answer.query_studies({"AccessionNumber": "ACC2"}), "AccessionNumber") == ["ACC2"]
    if level != "Series":
        below = answer.query_series({"SeriesDescription": ""}, timeout=5)
        assert (below.level(), below.modality()) == ("Series", "remote")
        expected = {"Patient": ["Series 1", "Series 1", "Series 2"], "Study": ["Series 1", "Series 2"]}
        assert answered(below, "SeriesDescription") == expected[level]
    below = answer.query_instances(timeout=5)
    assert below.level() == "Instance"
    count = {"Patient": 4, "Study": 3, "Series": 2}[level]
    assert answered(below, "SOPInstanceUID") == sorted(file.SOPInstanceUID for file in FILES[:count])
    assert answered(answer.query_instances({"SOPInstanceUID": FIRST.SOPInstanceUID}), "SOPInstanceUID") == [
        FIRST.SOPInstanceUID
    ]


def test_one_answer_is_retrieved(orthanc: Orthanc, studies: Query) -> None:
    (first,) = (
        index
        for index, answer in enumerate(studies.answers.contents(simplify=True))
        if answer["StudyInstanceUID"] == FIRST.StudyInstanceUID
    )
    results = studies.answers[first].retrieve(simplify=True, timeout=20)
    assert results["Query"][0]["StudyInstanceUID"] == FIRST.StudyInstanceUID
    assert set(orthanc.instances.ids()) == ids("instances", FILES[:3])
    job = studies.answers[1 - first].submit_retrieve(full=True, target_aet="ORTHANC")
    details = job.wait(timeout=20)
    assert (details["Type"], details["Content"]["RemoteAet"]) == ("DicomMoveScu", "REMOTE")
    assert details["Content"]["Query"][0]["0020,000d"]["Value"] == FILES[3].StudyInstanceUID
    assert set(orthanc.studies.ids()) == ids("studies", STUDIES)


def test_all_answers_are_retrieved(orthanc: Orthanc, studies: Query) -> None:
    assert len(studies.retrieve()["Query"]) == 2
    assert set(orthanc.instances.ids()) == ids("instances", FILES[:4])
    orthanc.tools.bulk_delete(orthanc.patients.ids())
    studies.submit_retrieve().wait(timeout=20)
    assert set(orthanc.instances.ids()) == ids("instances", FILES[:4])
    with pytest.raises(ServerError, match="C-MOVE SCU"):
        studies.retrieve(target_aet="NOBODY")
    with pytest.raises(JobFailedError, match="C-MOVE SCU"):
        studies.submit_retrieve(target_aet="NOBODY").wait(timeout=20)


@pytest.mark.orthanc(suites=EXTENDED)  # 1.10.1 ignores it: it came with 1.12.6
def test_answers_are_retrieved_by_c_get(orthanc: Orthanc, foreign: Foreign) -> None:
    found = ct("GOT")
    foreign.files = [found]
    foreign.answers = [Dataset()]
    foreign.answers[0].StudyInstanceUID = found.StudyInstanceUID
    query = orthanc.modalities["foreign"].query("Study", {"PatientID": "GOT"})
    assert query.submit_retrieve(retrieve_method="C-GET").wait(timeout=20)["Type"] == "DicomGetScu"
    assert [asked.operation for asked in foreign.asked] == ["C-FIND", "C-GET"]
    assert orthanc.instances.ids() == [ids_of(found)["instances"]]
    query.answers[0].retrieve(retrieve_method="C-MOVE")
    assert foreign.asked[-1].operation == "C-MOVE"
