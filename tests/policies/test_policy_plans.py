"""What a plan of policies says, and what it asks the server for: on real servers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, apply, loads, plan
from orthanc_state.client import TruncatedError, UnexpectedAnswerError
from orthanc_state.kinds.effect import Verb
from orthanc_state.planning.differ import PlanError
from orthanc_state.render.data import plan_data, report_data
from orthanc_state.render.planned import plan_view
from orthanc_state.render.reported import result_view
from orthanc_state.render.text import plan_lines, result_lines
from tests.api.dicom_files import ct, encoded, ids_of
from tests.faults.fault_proxy import FaultProxy, on, replace
from tests.policies.studies import METADATA, document, labels, many, policy, store, writes

if TYPE_CHECKING:
    from orthanc_state import Document
    from orthanc_state.errors import Problem
    from orthanc_state.testing import OrthancServer

pytestmark = pytest.mark.orthanc(suites=["trixie", "forky"], configuration=METADATA)


def problems_of(orthanc: Orthanc, wanted: Document) -> tuple[Problem, ...]:
    """What stands in the way of a plan."""
    with pytest.raises(PlanError, match="nothing was written") as caught:
        plan(orthanc, wanted)
    return caught.value.problems


OPPOSED: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("study", {"labels": {"add": ["x"]}}, {"labels": {"remove": ["x"]}}, "label `x`"),
    ("study", {"labels": {"exclusive": ["x"]}}, {"labels": {"remove": ["x"]}}, "label `x`"),
    ("study", {"metadata": {"set": {"site": "a"}}}, {"metadata": {"set": {"site": "b"}}}, "metadata `site`"),
    ("study", {"metadata": {"set": {"site": "a"}}}, {"metadata": {"remove": ["site"]}}, "metadata `site`"),
    (
        "study",
        {"metadata": {"set": {"site": "of {PatientID}"}}},
        {"metadata": {"set": {"site": "of B"}}},
        "metadata `site`",
    ),
    ("patient", {"protected": True}, {"protected": False}, "protection"),
]


@pytest.mark.parametrize(("level", "first", "second", "what"), OPPOSED)
def test_two_policies_that_want_opposite_things_are_named_with_an_example(
    orthanc: Orthanc, level: str, first: dict[str, Any], second: dict[str, Any], what: str
) -> None:
    store(orthanc, "A", "B", "C")
    resources = orthanc.studies if level == "study" else orthanc.patients
    a, b, c = (resources.find_ids({"PatientID": name})[0] for name in "ABC")
    (problem,) = problems_of(
        orthanc,
        document(
            policy("one", level, match={"PatientID": ["A", "C"]}, **first),
            policy("other", level, match={"PatientID": ["B", "C"]}, **second),
        ),
    )
    assert problem.message == (
        f"policies `one` and `other` want opposite things of the {what} of a resource (level {level}), such as {c}"
    )
    assert problem.field == "policies.1"
    assert problem.hint == "narrow one of them by `match`"

    apart = document(
        policy("one", level, match={"PatientID": "A"}, **first),
        policy("other", level, match={"PatientID": "B"}, **second),
    )
    plan(orthanc, apart)
    everywhere = document(policy("one", level, **first), policy("other", level, **second))
    (problem,) = problems_of(orthanc, everywhere)
    # Of B both want the same.
    clashing = [a, c] if "of {PatientID}" in str(first) else [a, b, c]
    assert f"of {len(clashing)} resources (level {level}), such as {min(clashing)}" in problem.message


def test_who_keeps_a_label_for_its_own_is_against_whoever_gives_it_elsewhere(orthanc: Orthanc) -> None:
    studies = store(orthanc, "A", "B", "C")
    own = policy("own", match={"PatientID": "A"}, labels={"exclusive": ["x"]})
    (problem,) = problems_of(orthanc, document(own, policy("gives", labels={"add": ["x"]})))
    assert "`own` and `gives` want opposite things of the label `x` of 2 resources" in problem.message
    assert min(studies[1:]) in problem.message
    (problem,) = problems_of(
        orthanc, document(own, policy("owns", match={"PatientID": "B"}, labels={"exclusive": ["x"]}))
    )
    assert "of 2 resources" in problem.message
    assert not plan(orthanc, document(own, policy("same", match={"PatientID": "A"}, labels={"add": ["x"]}))).empty


def test_a_conflict_stands_at_the_second_policy_and_no_value_is_told(orthanc: Orthanc) -> None:
    store(orthanc, "SECRET-ID")
    text = (
        "version: 1\npolicies:\n"
        "  - {name: one, level: study, metadata: {set: {site: '{PatientID}'}}}\n"
        "  - {name: two, level: study, metadata: {set: {site: x, nowhere: x}}}\n"
    )
    undeclared, conflict = sorted(
        problems_of(orthanc, loads(text, name="site.yaml")), key=lambda problem: "policies" in problem.message
    )
    assert str(conflict.place) == "site.yaml:4:5"
    assert "`one` and `two`" in conflict.message
    assert "SECRET" not in str(conflict)
    assert str(undeclared.place) == "site.yaml:4:66"


@pytest.mark.orthanc(suites=["bookworm", "trixie", "forky"], configuration=METADATA)
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"metadata": {"set": {"nowhere": "x"}}}, "metadata.set.nowhere"),
        ({"metadata": {"remove": ["nowhere"]}}, "metadata.remove.nowhere"),
        ({"where": {"metadata": {"nowhere": "x"}}, "metadata": {"set": {"site": "x"}}}, "where.metadata.nowhere"),
    ],
)
def test_metadata_that_the_server_does_not_know_are_refused(
    orthanc_server: OrthancServer, orthanc: Orthanc, fields: dict[str, Any], field: str
) -> None:
    store(orthanc, "A")
    with FaultProxy(orthanc_server.url) as proxy, Orthanc(proxy.url) as watched:
        (problem,) = problems_of(watched, document(policy(**fields), policy("b", metadata={"set": {"note": "x"}})))
        assert not writes(proxy.seen)
    assert problem.message == "the server knows no metadata `nowhere`"
    assert problem.field == f"policies.0.{field}"
    assert problem.hint == "declare it in UserMetadata of its configuration"


def test_metadata_may_be_named_by_their_numbers(orthanc: Orthanc) -> None:
    (study,) = store(orthanc, "A")
    wanted = document(policy(metadata={"set": {"1024": "x", "1999": "y"}, "remove": ["1025"]}))
    orthanc.studies[study].metadata["note"].set("old")
    assert apply(orthanc, plan(orthanc, wanted), allow_deletes=True).ok
    assert orthanc.studies[study].metadata["site"].get() == "x"
    assert orthanc.studies[study].metadata["1999"].get() == "y"
    assert "note" not in orthanc.studies[study].metadata.names()
    assert plan(orthanc, wanted).empty
    looking = policy("b", where={"metadata": {"1024": "x"}}, labels={"add": ["found"]})
    assert apply(orthanc, plan(orthanc, document(looking)), allow_deletes=True).ok
    assert labels(orthanc, study) == [["found"]]


OLD = pytest.mark.orthanc(suites=["bookworm"], configuration={**METADATA, "ExecuteLuaEnabled": True})


@OLD
def test_a_server_without_labels_refuses_them_with_the_version_that_has_them(orthanc: Orthanc) -> None:
    store(orthanc, "A")
    text = (
        "version: 1\npolicies:\n"
        "  - {name: one, level: study, labels: {add: [x]}}\n"
        "  - {name: two, level: study, metadata: {set: {site: x}}}\n"
        "  - {name: three, level: study, where: {labels: {none: [y]}}, metadata: {set: {note: x}}}\n"
        "  - {name: four, level: series, where: {parent: {labels: {all: [y]}}}, metadata: {set: {note: x}}}\n"
    )
    problems = problems_of(orthanc, loads(text, name="site.yaml"))
    assert {problem.message for problem in problems} == {"`labels` needs Orthanc 1.12.0, and this server is 1.10.1"}
    assert [problem.place.line for problem in problems if problem.place] == [3, 5, 6]


@OLD
@pytest.mark.parametrize("scripts", [True, False])
def test_metadata_and_protection_work_on_a_server_without_labels(orthanc: Orthanc, scripts: bool) -> None:
    dataset = ct("A", 1, SeriesDescription="Axial")
    for patient in ("A", "B"):
        orthanc.instances.upload(encoded(ct(patient, 1, SeriesDescription="Axial")))
    ids = ids_of(dataset)
    orthanc.series[ids["series"]].metadata["note"].set("old")
    wanted = document(
        policy(
            "patients", "patient", match={"PatientID": "A"}, protected=True, metadata={"set": {"site": "{PatientID}"}}
        ),
        policy("studies", metadata={"set": {"site": "{PatientID} {StudyDescription}"}}),
        policy(
            "series", "series", metadata={"set": {"site": "{PatientID} {StudyDate} {Modality}"}, "remove": ["note"]}
        ),
        policy(
            "instances",
            "instance",
            match={"PatientID": "A"},
            metadata={"set": {"site": "{PatientID} {StudyID} {SeriesDescription} {InstanceNumber}"}},
        ),
        policy("nobody", where={"metadata": {"note": "other"}}, metadata={"set": {"note": "x"}}),
    )
    found = plan(orthanc, wanted)
    assert [(change.name, change.selected, change.count) for change in found.by_policies] == [
        ("patients", 1, 2),
        ("studies", 2, 2),
        ("series", 2, 3),
        ("instances", 1, 1),
    ]
    assert apply(orthanc, found, scripts=scripts, allow_deletes=True).ok
    assert orthanc.patients[ids["patients"]].protected.get()
    assert orthanc.patients[ids["patients"]].metadata["site"].get() == "A"
    assert orthanc.studies[ids["studies"]].metadata["site"].get() == "A Study 1"
    assert orthanc.series[ids["series"]].metadata["site"].get() == "A 20260102 CT"
    assert "note" not in orthanc.series[ids["series"]].metadata.names()
    assert orthanc.instances[ids["instances"]].metadata["site"].get() == "A 1 Axial 1"
    assert plan(orthanc, wanted).empty
    free = document(policy("free", "patient", protected=False))
    assert apply(orthanc, plan(orthanc, free), scripts=scripts, allow_deletes=True).ok
    assert not orthanc.patients[ids["patients"]].protected.get()


@OLD
def test_an_old_server_gives_no_tags_of_files_for_metadata(orthanc: Orthanc) -> None:
    store(orthanc, "A")
    template = "{KVP} {NumberOfStudyRelatedSeries} {PatientID}"
    problems = problems_of(orthanc, document(policy(metadata={"set": {"site": template}})))
    assert [problem.message for problem in problems] == [
        f"`{{{keyword}}}` needs Orthanc 1.12.5, and this server is 1.10.1"
        for keyword in ("KVP", "NumberOfStudyRelatedSeries")
    ]


@pytest.mark.orthanc(suites=["bookworm"], configuration={**METADATA, "LimitFindResults": 3})
def test_an_old_server_that_cuts_its_answers_off_is_an_error(orthanc: Orthanc) -> None:
    # It gives one more than it should.
    store(orthanc, *many(5))
    with pytest.raises(TruncatedError, match="finds at most 4 of its 5 resources"):
        plan(orthanc, document(policy(match={"PatientID": "P000"}, metadata={"set": {"site": "x"}})))


@pytest.mark.orthanc(configuration={**METADATA, "LimitFindResults": 3, "LimitFindInstances": 3})
def test_a_server_that_cuts_its_answers_off_is_asked_for_the_rest(orthanc: Orthanc) -> None:
    store(orthanc, *many(10))
    for level in ("patient", "study", "series", "instance"):
        (change,) = plan(orthanc, document(policy(level=level, labels={"add": ["x"]}))).by_policies
        assert (change.selected, change.count) == (10, 10)


def text_of(lines: Any) -> str:
    """Lines as a terminal without colours shows them."""
    return "\n".join("".join(text for _, text in line) for line in lines)


def test_a_plan_shows_counts_and_a_few_examples(orthanc: Orthanc) -> None:
    studies = store(orthanc, *many(12), StudyDate="20200101")
    orthanc.studies[studies[0]].labels.add("old")
    found = plan(
        orthanc,
        document(
            policy(
                match={"StudyDate": {"to": "2020-12-31"}},
                labels={"add": ["archive"], "remove": ["old"]},
                metadata={"set": {"site": "{InstitutionName}, {PatientID}"}},
            )
        ),
    )
    text = text_of(plan_lines(plan_view(found)))
    assert "~ policies/archive  (study: StudyDate -20201231; 12 selected)" in text
    shown = " ".join(text.split())
    assert f"+ label archive 12 {', '.join(sorted(studies)[:3])}, …" in shown
    assert f"- label old 1 {studies[0]} " in shown
    assert re.search(r"~ metadata site: \{InstitutionName\}, \{PatientID\} 12 [0-9a-f-]{44}, ", shown)
    assert "Plan: 25 changes of resources by 1 policy, 0 unchanged." in text
    assert len(text.splitlines()) < 12
    data = plan_data(found)
    assert data["summary"]["by_policies"] == 25
    (change,) = data["changes"]
    assert change["selected"] == 12
    assert change["query"] == {"StudyDate": "-20201231"}
    effects = {each["verb"]: each for each in change["effects"]}
    assert {verb: each["count"] for verb, each in effects.items()} == {
        "add_label": 12,
        "remove_label": 1,
        "set_metadata": 12,
    }
    assert all(len(each["examples"]) <= 3 for each in effects.values())
    assert effects["set_metadata"]["value"] == "{InstitutionName}, {PatientID}"


def test_no_patient_is_named_in_a_plan_or_a_report(orthanc_server: OrthancServer, orthanc: Orthanc) -> None:
    names = [f"Canary^Anna{number}" for number in range(4)]
    studies = []
    for name in names:
        studies += store(orthanc, f"canary-id-{name[-1]}", PatientName=name)
    wanted = document(
        policy(
            "one",
            match={"PatientID": "canary-id-*", "PatientName": "CANARY*", "StudyDate": "20260102"},
            metadata={"set": {"site": "{PatientName} ({PatientID})", "note": "x"}},
            labels={"add": ["x"]},
        ),
        policy("two", "patient", metadata={"set": {"site": "{PatientID}"}}, protected=True),
    )
    found = plan(orthanc, wanted)
    shown = text_of(plan_lines(plan_view(found))) + json.dumps(plan_data(found))
    assert "{PatientName} ({PatientID})" in shown
    assert "(as in the document)" in shown
    orthanc.studies[studies[0]].delete()

    refused = on("PUT", f"/studies/{studies[1]}/metadata/site", replace('{"Message": "Bad request"}', 400))
    with FaultProxy(orthanc_server.url, refused) as proxy, Orthanc(proxy.url) as watched:
        report = apply(watched, plan(watched, wanted), scripts=False, allow_deletes=True)
    assert [result.tally.failed for result in report.results if result.tally] == [1, 0]
    for result in report.results:
        shown += text_of(result_lines(result_view(result)))
    shown += json.dumps(report_data(report)) + repr(report.results[0].tally)
    assert "canary" not in shown.lower()
    assert orthanc.studies[studies[2]].metadata["site"].get() == f"{names[2]} (canary-id-2)"


CONVERGING = [
    policy("labels", labels={"add": ["a", "b"], "remove": ["c"]}),
    policy("exclusive", match={"PatientID": "P*"}, labels={"exclusive": ["e"]}),
    policy(
        "all",
        match={"StudyDate": {"newer_than": "90y"}},
        where={"labels": {"none": ["hold"]}, "metadata": {}},
        labels={"add": ["d"]},
        metadata={"set": {"site": "{InstitutionName} {PatientID}"}, "remove": ["note"]},
    ),
    policy("series", "series", where={"parent": {"labels": {"none": ["hold"]}}}, labels={"add": ["s"]}),
    policy("instances", "instance", match={"InstanceNumber": "1"}, labels={"add": ["i"]}),
]


def test_a_converged_plan_asks_as_much_of_a_small_archive_as_of_a_large_one(
    orthanc_server: OrthancServer, orthanc: Orthanc
) -> None:
    policies = list(CONVERGING)
    if orthanc_server.name == "forky":
        # Before 1.12.8 each patient has to be asked whether it is protected.
        policies.append(policy("patients", "patient", protected=True))
    wanted = document(*policies)
    counts = []
    with FaultProxy(orthanc_server.url) as proxy, Orthanc(proxy.url) as watched:
        for patients in (many(5), many(60)[5:]):
            store(orthanc, *patients)
            found = plan(watched, wanted)
            assert not found.empty
            assert apply(watched, found, allow_deletes=True).ok
            proxy.seen.clear()
            assert plan(watched, wanted).empty
            counts.append([str(each) for each in proxy.seen])
    assert counts[0] == counts[1]
    assert len(counts[0]) <= 6 * len(policies)


@pytest.mark.orthanc(suites=["bookworm", "trixie", "forky"], configuration={**METADATA, "ExecuteLuaEnabled": True})
def test_planning_only_asks(orthanc_server: OrthancServer, orthanc: Orthanc) -> None:
    store(orthanc, *many(3))
    policies = [
        policy("p", "patient", protected=True, metadata={"set": {"site": "{PatientID}"}}),
        policy("s", "series", match={"Modality": "OT"}, metadata={"set": {"site": "{StudyDescription}"}}),
    ]
    if orthanc_server.name != "bookworm":
        policies += [*CONVERGING, policy("kvp", match={"KVP": "120"}, labels={"add": ["k"]})]
    with FaultProxy(orthanc_server.url) as proxy, Orthanc(proxy.url) as watched:
        assert not plan(watched, document(*policies)).empty
        assert proxy.seen
        assert not writes(proxy.seen)


@pytest.mark.parametrize("fields", [{"labels": {"add": ["x"]}}, {"metadata": {"set": {"site": "x"}}}])
@pytest.mark.parametrize("body", ['[{"ID": "nonsense"}]', '["nonsense"]', "{}", "[{}]", "<html>"])
def test_an_answer_that_makes_no_sense_is_an_error_and_no_crash(
    orthanc_server: OrthancServer, orthanc: Orthanc, fields: dict[str, Any], body: str
) -> None:
    store(orthanc, "A")
    nonsense = on("POST", "/tools/find", replace(body))
    with (
        FaultProxy(orthanc_server.url, nonsense) as proxy,
        Orthanc(proxy.url) as odd,
        pytest.raises(UnexpectedAnswerError, match="/tools/find should answer"),
    ):
        plan(odd, document(policy(**fields)))


def test_what_a_policy_selects_by_is_changed_last(orthanc: Orthanc) -> None:
    for study in store(orthanc, "A", "B"):
        orthanc.studies[study].labels.add("todo")
    found = plan(
        orthanc,
        document(
            policy(
                where={"labels": {"all": ["todo"]}},
                labels={"remove": ["todo"]},
                metadata={"set": {"site": "x"}},
            )
        ),
    )
    assert [effect.verb for effect in found.by_policies[0].effects] == [Verb.SET_METADATA, Verb.REMOVE_LABEL]
