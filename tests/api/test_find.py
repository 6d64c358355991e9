"""Searching: nothing is lost, whatever the server cuts off and whatever happens meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orthanc_state import Orthanc
from orthanc_state.client import BadRequestError, TruncatedError, UnsupportedError
from tests.api.dicom_files import ct, encoded, ramp
from tests.faults.fault_proxy import FaultProxy

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServer

LIMITED = {"LimitFindResults": 5, "LimitFindInstances": 5}
EXTENDED = ["trixie", "forky"]


def fill(orthanc: Orthanc, count: int, *, begin: int = 0) -> list[str]:
    """Store studies, the last three of which have images of 8 rows instead of 16; their identifiers."""
    files = [
        encoded(ct(f"P{n:03}", n, StudyInstanceUID=f"1.2.{n}", pixels=ramp()[:, : 8 if n >= begin + count - 3 else 16]))
        for n in range(begin, begin + count)
    ]
    report = orthanc.instances.upload_many(files)
    report.check()
    assert len(report.studies) == count
    return sorted(report.studies)


def found(orthanc: Orthanc, query: dict[str, str] | None = None) -> list[str]:
    return sorted(details["ID"] for details in orthanc.studies.find(query, content=()))


@pytest.mark.orthanc(suites=EXTENDED, configuration=LIMITED)
def test_what_the_server_cuts_off_is_paged(orthanc: Orthanc) -> None:
    studies = fill(orthanc, 23)
    assert found(orthanc) == found(orthanc, {"PatientID": "P*"}) == studies
    assert sorted(orthanc.studies.find_ids({"PatientID": "P01*"})) == sorted(
        details["ID"] for details in orthanc.studies.find({"PatientID": "P01*"}, order_by=[newest()])
    )
    assert len(orthanc.studies.find_ids({"PatientID": "P01*"})) == 10
    assert len(orthanc.instances.find_ids()) == len(orthanc.series.find_ids()) == len(orthanc.patients.find_ids()) == 23
    assert orthanc.studies.count({"PatientID": "P01*"}) == 10
    assert found(orthanc, {"PatientID": "nobody"}) == []


def newest() -> dict[str, str]:
    return {"Type": "DicomTag", "Key": "PatientID", "Direction": "DESC"}


@pytest.mark.orthanc(suites=EXTENDED)
def test_the_order_that_was_asked_for(orthanc: Orthanc) -> None:
    fill(orthanc, 12)
    patients = [
        details["PatientMainDicomTags"]["PatientID"]
        for details in orthanc.studies.find(content=["Parent", "MainDicomTags"], order_by=[newest()])
    ]
    assert patients == [f"P{n:03}" for n in reversed(range(12))]


@pytest.mark.orthanc(suites=EXTENDED, configuration=LIMITED)
def test_tags_that_the_index_has_not_are_searched_in_all_files(orthanc: Orthanc) -> None:
    studies = fill(orthanc, 14)
    small = found(orthanc, {"Rows": "8"})
    assert len(small) == 3
    assert found(orthanc, {"Rows": "16"}) == sorted(set(studies) - set(small))
    # Together with one that the index has, and at every level.
    assert len(found(orthanc, {"Rows": "8", "PatientID": "P*3"})) == 1
    assert found(orthanc, {"Rows": "32"}) == []
    for level in (orthanc.patients, orthanc.series, orthanc.instances):
        assert len(level.find_ids({"Rows": "8"})) == 3
    assert len(list(orthanc.studies.find({"PatientName": "Test*"}, content=(), case_sensitive=True))) == 14
    assert list(orthanc.studies.find({"PatientName": "test*"}, content=(), case_sensitive=True)) == []


@pytest.mark.orthanc(suites=["bookworm"], configuration=LIMITED)
def test_an_old_server_that_cuts_off_is_an_error(orthanc: Orthanc) -> None:
    fill(orthanc, 6)
    assert len(found(orthanc)) == 6
    fill(orthanc, 6, begin=6)
    for query in ({}, {"PatientID": "P001"}, {"Rows": "8"}):
        with pytest.raises(TruncatedError, match="6 of its 12") as raised:
            orthanc.studies.find_ids(query)
        assert "LimitFindResults" in raised.value.hint


@pytest.mark.orthanc(suites=["bookworm"])
def test_an_old_server_without_limits_finds_all(orthanc: Orthanc) -> None:
    studies = fill(orthanc, 12)
    assert found(orthanc) == studies
    assert len(found(orthanc, {"Rows": "8"})) == 3
    for criteria in ({"labels": ["a"]}, {"metadata": {"site": "x"}}, {"parent": ("Patient", "x")}):
        with pytest.raises(UnsupportedError, match=r"1\.10\.1.*would ignore it"):
            orthanc.studies.find_ids(**criteria)
    with pytest.raises(UnsupportedError):
        list(orthanc.studies.find(order_by=[newest()]))


@pytest.mark.orthanc(suites=EXTENDED, configuration=LIMITED)
def test_a_deletion_meanwhile_hides_no_other_result(orthanc: Orthanc) -> None:
    fill(orthanc, 20)

    @settings(max_examples=15)
    @given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=6))
    def law(deletions: list[tuple[int, int]]) -> None:
        studies = orthanc.studies.ids()
        deleted = set()
        seen = []
        for position, details in enumerate(orthanc.studies.find(content=())):
            seen.append(details["ID"])
            for when, which in deletions:
                if when == position and which < len(studies) and studies[which] not in deleted:
                    orthanc.studies[studies[which]].delete()
                    deleted.add(studies[which])
        assert len(seen) == len(set(seen))
        assert set(studies) - deleted <= set(seen)
        fill(orthanc, 20)

    law()


@pytest.mark.orthanc(suites=EXTENDED, configuration=LIMITED)
def test_what_arrives_meanwhile_does_not_keep_it_from_ending(orthanc: Orthanc) -> None:
    studies = fill(orthanc, 20)
    seen = []
    for number, details in enumerate(orthanc.studies.find(content=())):
        seen.append(details["ID"])
        fill(orthanc, 1, begin=100 + number)
        assert number < 100
    assert set(studies) <= set(seen)


@pytest.mark.orthanc(suites=EXTENDED, configuration={"UserMetadata": {"site": 1024}})
def test_labels_metadata_and_parents(orthanc: Orthanc) -> None:
    first, second, third = fill(orthanc, 3)
    orthanc.studies[first].labels.add("a", "b")
    orthanc.studies[second].labels.add("a")
    orthanc.studies[third].metadata["site"].set("Lausanne")
    assert sorted(orthanc.studies.find_ids(labels=["a"])) == [first, second]
    assert orthanc.studies.find_ids(labels=["a", "b"]) == [first]
    assert sorted(orthanc.studies.find_ids(labels=["a", "b"], labels_constraint="Any")) == [first, second]
    assert orthanc.studies.find_ids(labels=["a"], labels_constraint="None") == [third]
    assert orthanc.studies.find_ids(metadata={"site": "Lau*"}) == [third]
    patient = orthanc.studies[second].patient.details()["ID"]
    assert orthanc.studies.find_ids(parent=("Patient", patient)) == [second]
    assert orthanc.studies.count(parent=("Patient", patient), labels=["a"]) == 1


@pytest.mark.orthanc(suites=EXTENDED)
def test_only_what_is_wanted_is_asked_for(orthanc: Orthanc) -> None:
    fill(orthanc, 1)
    assert [set(details) for details in orthanc.studies.find(content=())] == [{"ID", "Type"}]
    assert [set(details) for details in orthanc.studies.find(content=["Labels"])] == [{"ID", "Type", "Labels"}]
    (whole,) = orthanc.studies.find()
    assert {"MainDicomTags", "ParentPatient", "Series"} <= set(whole)
    (requested,) = orthanc.studies.find(content=(), requested_tags=["Rows"])
    assert requested["RequestedTags"] == {"Rows": "8"}
    (short,) = orthanc.studies.find(content=["MainDicomTags"], short=True)
    assert short["MainDicomTags"]["0020,000d"] == "1.2.0"
    (full,) = orthanc.studies.find(content=["MainDicomTags"], full=True)
    assert full["MainDicomTags"]["0020,000d"]["Name"] == "StudyInstanceUID"


def test_what_the_server_refuses_is_said(orthanc: Orthanc) -> None:
    fill(orthanc, 1)
    with pytest.raises(BadRequestError, match="Wildcards"):
        orthanc.studies.find_ids({"StudyDate": "2024*"})
    with pytest.raises(TypeError, match=r"no such option: label; there are .*labels"):
        orthanc.studies.find_ids(label=["a"])  # type: ignore[call-arg]


@pytest.mark.orthanc(suites=EXTENDED)
def test_a_search_costs_two_requests(orthanc_server: OrthancServer) -> None:
    with FaultProxy(orthanc_server.url) as proxy, Orthanc(proxy.url) as orthanc:
        fill(orthanc, 3)
        orthanc.studies.find_ids()
        before = len(proxy.seen)
        orthanc.studies.find_ids({"PatientID": "P*"})
        assert [seen.path for seen in proxy.seen[before:]] == ["/tools/count-resources", "/tools/find"]


@pytest.mark.orthanc(suites=EXTENDED, configuration=LIMITED)
def test_those_of_some_that_match_whatever_the_server_cuts_off(orthanc: Orthanc) -> None:
    studies = fill(orthanc, 14)
    orthanc.studies.change_labels(studies[:3], add=["a"])
    for some in (studies, studies[:1], studies[-1:], studies[2:9], []):
        assert orthanc.studies.among(some) == set(some)
        assert orthanc.studies.among(some, labels=["a"]) == set(some) & set(studies[:3])
        assert orthanc.studies.among(some, labels=["a"], labels_constraint="None") == set(some) - set(studies[:3])
        assert orthanc.studies.among(some, {"Rows": "8"}) == set(some) & set(found(orthanc, {"Rows": "8"}))
        assert orthanc.studies.among(some, {"PatientName": "test*"}, case_sensitive=True) == set()
    assert orthanc.studies.among(["0" * 40, studies[0]]) == {studies[0]}


@pytest.mark.orthanc(suites=["bookworm"])
def test_those_of_some_that_match_on_an_old_server(orthanc: Orthanc) -> None:
    first, second, third = fill(orthanc, 3)
    one = {"PatientID": orthanc.studies[first].details()["PatientMainDicomTags"]["PatientID"]}
    assert orthanc.studies.among([first, second, third], one) == {first}


@pytest.mark.orthanc(suites=EXTENDED)
def test_one_question_tells_that_some_match(orthanc_server: OrthancServer) -> None:
    with FaultProxy(orthanc_server.url) as proxy, Orthanc(proxy.url) as orthanc:
        studies = fill(orthanc, 3)
        orthanc.studies.among(studies)
        before = len(proxy.seen)
        assert orthanc.studies.among(studies[1:], {"PatientID": "P*"}) == set(studies[1:])
        assert [seen.path for seen in proxy.seen[before:]] == ["/tools/find"]
        before = len(proxy.seen)
        assert orthanc.studies.among(studies, {"PatientID": "nobody"}) == set()
        assert [seen.path for seen in proxy.seen[before:]] == ["/tools/find", "/tools/count-resources"]
        before = len(proxy.seen)
        assert orthanc.studies.among([], {"PatientID": "P*"}) == set()
        assert len(proxy.seen) == before


@pytest.mark.orthanc(suites=EXTENDED, configuration={"LimitFindResults": 1})
def test_a_server_that_gives_one_result_at_a_time_is_an_error_and_not_the_end_of_time(orthanc: Orthanc) -> None:
    fill(orthanc, 3)
    with pytest.raises(TruncatedError, match="1 results, and the server counts 3"):
        orthanc.studies.find_ids()
