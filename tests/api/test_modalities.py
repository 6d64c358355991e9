"""What an Orthanc asks of other DICOM servers: of one that is no Orthanc, and of a second Orthanc."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage

from orthanc_state.client import BadRequestError, JobFailedError, NotFoundError, ServerError, UnsupportedError
from tests.api.dicom_files import ct, encoded, ids_of
from tests.api.foreign import OUT_OF_RESOURCES, Foreign
from tests.api.stored import EXTENDED, FILES, FIRST, ids, store

if TYPE_CHECKING:
    from orthanc_state import Orthanc
    from orthanc_state.testing import OrthancServer

STUDY = {"StudyInstanceUID": FIRST.StudyInstanceUID}


def moved() -> list[Dataset]:
    """Files that the other side has."""
    return [ct("MOVED", instance=instance) for instance in (1, 2)]


def test_it_is_registered_read_and_removed(orthanc: Orthanc, foreign: Foreign) -> None:
    modality = orthanc.modalities["other"]
    modality.put({**foreign.modality, "AllowEcho": False, "Manufacturer": "GE"})
    assert orthanc.modalities.names() == ["foreign", "other"]
    expected = {**foreign.modality, "AllowEcho": False, "Manufacturer": "GE"}
    assert expected.items() <= modality.configuration().items()
    assert orthanc.modalities.configurations()["other"] == modality.configuration()
    assert {"configuration", "echo", "store"} <= set(modality.operations())
    modality.put(foreign.modality)
    assert modality.configuration()["AllowEcho"] is True
    modality.delete()
    assert orthanc.modalities.names() == ["foreign"]
    for gone in (modality.configuration, modality.operations, modality.delete, modality.echo):
        with pytest.raises(NotFoundError, match="other"):
            gone()


def test_an_echo_arrives_or_is_an_error(orthanc: Orthanc, foreign: Foreign) -> None:
    modality = orthanc.modalities["foreign"]
    modality.echo(timeout=5)
    (echo,) = foreign.asked
    assert (echo.operation, echo.calling, echo.called) == ("C-ECHO", "ORTHANC", "FOREIGN")
    modality.echo(check_find=True)
    assert [asked.operation for asked in foreign.asked] == ["C-ECHO", "C-ECHO", "C-FIND"]
    modality.put({**foreign.modality, "Port": 1})
    with pytest.raises(ServerError, match="POST /modalities/foreign/echo answered 500") as raised:
        modality.echo()
    assert 'connecting to AET "FOREIGN"' in raised.value.details
    assert raised.value.error == "Error in the network protocol"


def test_files_are_sent(orthanc: Orthanc, foreign: Foreign) -> None:
    store(orthanc, *FILES)
    modality = orthanc.modalities["foreign"]
    series = ids_of(FIRST)["series"]
    results = modality.store([series], move_originator_aet="MOVER", move_originator_id=77, timeout=5)
    assert (results["InstancesCount"], results["FailedInstancesCount"]) == (2, 0)
    assert {file.SOPInstanceUID for file in foreign.stored} == {file.SOPInstanceUID for file in FILES[:2]}
    assert [(asked.calling, asked.called, asked.originator) for asked in foreign.asked] == [
        ("ORTHANC", "FOREIGN", ("MOVER", 77))
    ] * 2
    job = modality.submit_store([ids_of(FIRST)["instances"], ids_of(FILES[4])["patients"]], local_aet="LOCAL")
    details = job.wait(timeout=20)
    assert (details["Type"], details["Content"]["InstancesCount"]) == ("DicomModalityStore", 2)
    assert [file.PatientID for file in foreign.stored[2:]] == ["PAT1", "PAT2"]
    assert foreign.asked[-1].calling == "LOCAL"
    with pytest.raises(TypeError, match="no such option: called_aes"):
        modality.store([series], called_aes="NOBODY")  # type: ignore[call-arg]


@pytest.mark.orthanc(suites=EXTENDED)  # 1.10.1 ignores them: they came with 1.11.2
def test_where_files_are_sent_can_differ_from_what_is_registered(orthanc: Orthanc, foreign: Foreign) -> None:
    store(orthanc, FIRST)
    modality = orthanc.modalities["foreign"]
    modality.put({**foreign.modality, "AET": "ELSEWHERE", "Host": "127.0.0.2", "Port": 1})
    instance = ids_of(FIRST)["instances"]
    modality.store([instance], called_aet="FOREIGN", host="127.0.0.1", port=foreign.port)
    assert [asked.called for asked in foreign.asked] == ["FOREIGN"]
    with pytest.raises(ServerError, match="ELSEWHERE"):
        modality.store([instance])


def test_the_ae_title_under_which_it_calls(orthanc: Orthanc, orthanc_server: OrthancServer, foreign: Foreign) -> None:
    """The server's, the modality's, or that of one request; up to 1.12.7 at least, the modality's comes first."""
    store(orthanc, FIRST)
    modality = orthanc.modalities["foreign"]
    foreign.answers = [step(PatientID="PAT1", StudyInstanceUID="1.2.3")]

    def all_of_them() -> list[str]:
        foreign.asked.clear()
        query = modality.query("Study", local_aet="REQUEST")
        # Left out, 1.13.0 would have it sent to the title of the modality's configuration.
        query.retrieve(target_aet="ORTHANC")
        query.answers[0].query_series()
        modality.store([ids_of(FIRST)["series"]], local_aet="REQUEST")
        modality.move("Study", [{"StudyInstanceUID": "1.2.3"}], local_aet="REQUEST", target_aet="ORTHANC")
        return [f"{asked.operation} {asked.calling}" for asked in foreign.asked]

    # What follows a query is asked for under the same title, but the search below an answer is not.
    expected = ["C-FIND REQUEST", "C-MOVE REQUEST", "C-FIND ORTHANC", "C-STORE REQUEST", "C-MOVE REQUEST"]
    assert all_of_them() == expected
    modality.put({**foreign.modality, "LocalAet": "MODALITY"})
    for_one = "REQUEST" if orthanc_server.version >= "1.13.0" else "MODALITY"
    assert all_of_them() == [name.replace("ORTHANC", "MODALITY").replace("REQUEST", for_one) for name in expected]


def test_what_the_other_side_does_not_take_is_an_error(orthanc: Orthanc, foreign: Foreign) -> None:
    store(orthanc, FIRST)
    modality = orthanc.modalities["foreign"]
    foreign.status = OUT_OF_RESOURCES
    with pytest.raises(ServerError, match="DIMSE status 0xA700"):
        modality.store([ids_of(FIRST)["series"]])
    with pytest.raises(JobFailedError, match="DIMSE status 0xA700") as raised:
        modality.submit_store([ids_of(FIRST)["series"]]).wait(timeout=20)
    assert raised.value.details["State"] == "Failure"
    # Nothing tells then that nothing has arrived.
    assert modality.store([ids_of(FIRST)["series"]], permissive=True)["FailedInstancesCount"] == 0
    details = modality.submit_store([ids_of(FIRST)["series"]], permissive=True).wait(timeout=20)
    assert details["Content"]["FailedInstancesCount"] == 0
    assert foreign.stored == []


def test_a_file_is_sent_straight(orthanc: Orthanc, foreign: Foreign) -> None:
    file = ct("STRAIGHT")
    answer = orthanc.modalities["foreign"].store_straight(encoded(file))
    assert answer == {"SOPClassUID": CTImageStorage, "SOPInstanceUID": file.SOPInstanceUID}
    assert [stored.PatientID for stored in foreign.stored] == ["STRAIGHT"]
    assert orthanc.statistics()["CountInstances"] == 0


def step(**tags: str) -> Dataset:
    """What a worklist says of one step."""
    dataset = Dataset()
    for keyword, value in tags.items():
        setattr(dataset, keyword, value)
    return dataset


def test_a_worklist_is_searched(orthanc: Orthanc, foreign: Foreign) -> None:
    scheduled = step(Modality="CT", ScheduledStationAETitle="ROOM1")
    foreign.answers = [step(PatientID="W1"), step(PatientID="W2")]
    foreign.answers[0].ScheduledProcedureStepSequence = [scheduled]
    modality = orthanc.modalities["foreign"]
    question = {"PatientID": "", "ScheduledProcedureStepSequence": [{"Modality": "CT", "ScheduledStationAETitle": ""}]}
    assert modality.find_worklist(question) == [
        {
            "PatientID": "W1",
            "ScheduledProcedureStepSequence": [{"Modality": "CT", "ScheduledStationAETitle": "ROOM1"}],
        },
        {"PatientID": "W2"},
    ]
    (asked,) = foreign.questions("C-FIND")
    assert asked.PatientID == ""
    assert asked.ScheduledProcedureStepSequence[0].Modality == "CT"
    assert modality.find_worklist(short=True)[1] == {"0010,0020": "W2"}
    assert modality.find_worklist(full=True)[1] == {"0010,0020": {"Name": "PatientID", "Type": "String", "Value": "W2"}}


def test_the_older_searches(orthanc: Orthanc, remote: Orthanc) -> None:
    store(remote, *FILES)
    modality = orthanc.modalities["remote"]

    def values(found: list[dict[str, Any]], tag: str) -> list[str]:
        return sorted(answer[tag] for answer in found)

    assert values(modality.find_patient({"PatientID": "PAT*"}), "PatientID") == ["PAT1", "PAT2"]
    assert values(modality.find_study({"PatientID": "PAT1"}), "AccessionNumber") == ["ACC1", "ACC2"]
    for search in (modality.find_study, modality.find_series, modality.find_instance):
        with pytest.raises(BadRequestError):
            search({"PatientID": ""})
    below = {"PatientID": "PAT1", **STUDY}
    assert values(modality.find_series(below), "SeriesDescription") == ["Series 1", "Series 2"]
    below["SeriesInstanceUID"] = FIRST.SeriesInstanceUID
    assert values(modality.find_instance(below), "InstanceNumber") == ["1", "2"]
    (patient,) = modality.find({"PatientID": "PAT1"})
    assert [
        len(study["Series"]) for study in sorted(patient["Studies"], key=lambda study: study["AccessionNumber"])
    ] == [
        2,
        1,
    ]


def test_files_are_moved(orthanc: Orthanc, foreign: Foreign) -> None:
    foreign.files = moved()
    modality = orthanc.modalities["foreign"]
    modality.move("Study", [{"StudyInstanceUID": "1.2.3"}], timeout=5)
    assert orthanc.statistics()["CountInstances"] == 2
    (asked,) = foreign.asked
    assert (asked.operation, asked.calling, asked.destination) == ("C-MOVE", "ORTHANC", "ORTHANC")
    assert (asked.identifier.QueryRetrieveLevel, asked.identifier.StudyInstanceUID) == ("STUDY", "1.2.3")
    with pytest.raises(ServerError, match="DIMSE status 0xA801"):
        modality.move("Study", [{"StudyInstanceUID": "1.2.3"}], target_aet="NOWHERE")


@pytest.mark.orthanc(suites=EXTENDED)  # as a job since 1.11.1
def test_a_move_as_a_job(orthanc: Orthanc, foreign: Foreign) -> None:
    foreign.files = moved()
    modality = orthanc.modalities["foreign"]
    results = modality.move("Series", [{"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.4"}])
    assert results["TargetAet"] == "ORTHANC"
    orthanc.tools.bulk_delete(orthanc.patients.ids())
    job = modality.submit_move("Patient", [{"PatientID": "MOVED"}], local_aet="LOCAL")
    details = job.wait(timeout=20)
    assert (details["Type"], details["Content"]["RemoteAet"]) == ("DicomMoveScu", "FOREIGN")
    assert orthanc.statistics()["CountInstances"] == 2
    assert foreign.asked[-1].destination == "ORTHANC"
    with pytest.raises(JobFailedError, match="0xA801"):
        modality.submit_move("Patient", [{"PatientID": "MOVED"}], target_aet="NOWHERE").wait(timeout=20)


@pytest.mark.orthanc(suites=["bookworm"])
def test_an_old_server_has_no_job_for_a_move(orthanc: Orthanc, foreign: Foreign) -> None:
    with pytest.raises(UnsupportedError, match="a job for a C-MOVE is not known to Orthanc"):
        orthanc.modalities["foreign"].submit_move("Patient", [{"PatientID": "MOVED"}])
    assert foreign.asked == []
    with pytest.raises(NotFoundError):
        orthanc.modalities["foreign"].get("Patient", [{"PatientID": "MOVED"}])


@pytest.mark.orthanc(suites=EXTENDED)  # since 1.12.6
def test_files_are_got(orthanc: Orthanc, foreign: Foreign) -> None:
    foreign.files = moved()[:1]
    modality = orthanc.modalities["foreign"]
    results = modality.get("Study", [{"StudyInstanceUID": "1.2.3"}], local_aet="LOCAL", timeout=5)
    assert (results["LocalAet"], results["RemoteAet"]) == ("LOCAL", "FOREIGN")
    (asked,) = foreign.asked
    assert (asked.operation, asked.calling) == ("C-GET", "LOCAL")
    assert asked.identifier.StudyInstanceUID == "1.2.3"
    assert orthanc.patients.ids() == [ids_of(moved()[0])["patients"]]
    foreign.files = moved()[1:]
    details = modality.submit_get("Series", [{"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.4"}]).wait(
        timeout=20
    )
    assert details["Type"] == "DicomGetScu"
    assert orthanc.statistics()["CountInstances"] == 2


@pytest.mark.orthanc(suites=EXTENDED)  # since 1.12.6
def test_a_study_is_got_from_another_orthanc(orthanc: Orthanc, remote: Orthanc) -> None:
    store(remote, *FILES)
    orthanc.modalities["remote"].get("Study", [STUDY])
    assert set(orthanc.instances.ids()) == ids("instances", FILES[:3])


def test_a_query_asks_what_it_is_told(orthanc: Orthanc, foreign: Foreign) -> None:
    modality = orthanc.modalities["foreign"]
    query = modality.query("Study", {"PatientID": "P*", "SeriesDescription": "x"}, local_aet="LOCAL", timeout=5)
    assert query.answers.indexes() == []
    assert modality.query("Series", {"SeriesDescription": "x"}, normalize=False).level() == "Series"
    normalized, as_it_is = foreign.questions("C-FIND")
    assert (normalized.QueryRetrieveLevel, normalized.PatientID) == ("STUDY", "P*")
    # It is no tag of a study.
    assert "SeriesDescription" not in normalized
    assert (as_it_is.QueryRetrieveLevel, as_it_is.SeriesDescription) == ("SERIES", "x")
    assert foreign.asked[0].calling == "LOCAL"
    with pytest.raises(TypeError, match="no such option: normalise"):
        modality.query("Study", {}, normalise=False)  # type: ignore[call-arg]
