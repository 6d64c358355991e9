"""What happens to a resource between plan and apply, or during it, decides what is written and how it is counted."""

from __future__ import annotations

import json
from dataclasses import replace as with_changes
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, apply, plan
from orthanc_state.execution.policy import MANY_TIMES
from orthanc_state.execution.report import Outcome
from orthanc_state.execution.tally import Tally
from tests.api.dicom_files import basic, encoded, ids_of
from tests.faults.fault_proxy import Exchange, FaultProxy, forward, on, replace
from tests.policies.studies import SCRIPTS, document, finish, labels, many, policy, store, tallies, writes

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthanc_state.testing import OrthancServer

EFFECTS: dict[str, tuple[str, dict[str, Any]]] = {
    "add a label": ("study", {"labels": {"add": ["new"]}}),
    "remove a label": ("study", {"labels": {"remove": ["old"]}}),
    "set a metadata": ("study", {"metadata": {"set": {"site": "new"}}}),
    "remove a metadata": ("study", {"metadata": {"remove": ["note"]}}),
    "protect": ("patient", {"protected": True}),
    "unprotect": ("patient", {"protected": False}),
}


QUERY = {"StudyDate": "20200101"}


def prepare(orthanc: Orthanc, name: str) -> tuple[Any, list[str]]:
    """Three resources that lack one effect, and the part of the API where they are."""
    level, fields = EFFECTS[name]
    studies = store(orthanc, "A", "B", "C", **QUERY)
    if level == "study":
        for study in studies:
            orthanc.studies[study].labels.add("old")
            orthanc.studies[study].metadata["note"].set("old")
        return orthanc.studies, studies
    patients = [orthanc.patients.find_ids({"PatientID": each})[0] for each in "ABC"]
    for patient in patients:
        orthanc.patients[patient].protected.set(not fields["protected"])
    return orthanc.patients, patients


@pytest.mark.parametrize("name", EFFECTS)
def test_what_vanished_is_counted_as_gone_and_is_no_error(orthanc: Orthanc, server: OrthancServer, name: str) -> None:
    level, fields = EFFECTS[name]
    resources, (first, second, _) = prepare(orthanc, name)
    done: list[str] = []

    def delete_another_in_the_middle(exchange: Exchange) -> None:
        request = exchange.request
        questions = ("/tools/bulk-content", *[request.path] * (request.body == b'print("1")'))
        if writes([request]) and request.path not in questions and not done:
            done.append(str(request))
            resources[second].delete()
        forward(exchange)

    wanted = document(policy(level=level, **fields))
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url) as watched:
        found = plan(watched, wanted)
        assert found.by_policies[0].count == 3
        resources[first].delete()
        proxy.fault = delete_another_in_the_middle
        report = apply(watched, found, allow_deletes=True)
    assert done
    assert report.ok
    (tally,) = tallies(report)
    # What a bounded pool had sent already is done, and then gone.
    assert (tally.done, tally.gone) in ((1, 2), (2, 1))
    assert tally.failed == tally.not_tried == 0
    assert plan(orthanc, wanted).empty


@pytest.mark.parametrize("name", EFFECTS)
def test_what_somebody_else_did_is_counted_as_done_already(orthanc: Orthanc, name: str) -> None:
    level, fields = EFFECTS[name]
    resources, (first, *_) = prepare(orthanc, name)
    wanted = document(policy(level=level, **fields))
    found = plan(orthanc, wanted)
    own = resources[first]
    {
        "add a label": lambda: own.labels.add("new"),
        "remove a label": lambda: own.labels.remove("old"),
        "set a metadata": lambda: own.metadata["site"].set("new"),
        "remove a metadata": own.metadata["note"].delete,
        "protect": lambda: own.protected.set(True),
        "unprotect": lambda: own.protected.set(False),
    }[name]()
    report = apply(orthanc, found, allow_deletes=True)
    assert report.ok
    (tally,) = tallies(report)
    assert tally == Tally(done=2, already=1)
    assert tally.text == "2 done, 1 already so"
    assert plan(orthanc, wanted).empty


@pytest.mark.parametrize(
    "fields",
    [
        {"labels": {"add": ["new"]}},
        {"labels": {"remove": ["old"]}},
        {"metadata": {"set": {"site": "{PatientID}"}}},
        {"metadata": {"remove": ["note"]}},
    ],
)
def test_what_is_not_selected_any_more_is_left_alone(orthanc: Orthanc, fields: dict[str, Any]) -> None:
    studies = store(orthanc, "A", "B", "C")
    for study in studies:
        orthanc.studies[study].labels.add("old")
        orthanc.studies[study].metadata["note"].set("old")
    found = plan(orthanc, document(policy(where={"labels": {"none": ["hold"]}}, **fields)))
    held = orthanc.studies[studies[0]]
    held.labels.add("hold")
    report = apply(orthanc, found, allow_deletes=True)
    assert not report.ok
    (result,) = report.results
    assert (result.outcome, result.reason) == (Outcome.FAILED, "2 done, 1 not selected any more")
    assert result.tally == Tally(done=2, moved=1)
    assert sorted(held.labels.all()) == ["hold", "old"]
    assert "site" not in held.metadata.names()
    assert held.metadata["note"].get() == "old"


def test_what_a_label_was_to_be_taken_from_may_be_selected_now(orthanc: Orthanc) -> None:
    studies = store(orthanc, "A", "B")
    for study in studies:
        orthanc.studies[study].labels.add("own")
    wanted = document(policy(where={"metadata": {"site": "here"}}, labels={"exclusive": ["own"]}))
    found = plan(orthanc, wanted)
    orthanc.studies[studies[0]].metadata["site"].set("here")
    assert tallies(apply(orthanc, found, allow_deletes=True)) == [Tally(done=1, moved=1)]
    assert labels(orthanc, *studies) == [["own"], []]
    assert plan(orthanc, wanted).empty


def test_what_arrived_is_not_touched(orthanc: Orthanc) -> None:
    store(orthanc, "A", "B")
    wanted = document(policy(labels={"add": ["new"]}, metadata={"set": {"site": "{PatientID}"}}))
    found = plan(orthanc, wanted)
    (arrived,) = store(orthanc, "C")
    assert tallies(apply(orthanc, found, allow_deletes=True)) == [Tally(done=4)]
    assert labels(orthanc, arrived) == [[]]
    assert "site" not in orthanc.studies[arrived].metadata.names()
    (change,) = plan(orthanc, wanted).by_policies
    assert [list(effect.resources) for effect in change.effects] == [[arrived], [arrived]]
    finish(orthanc, wanted)


def test_a_relative_date_is_that_of_the_plan(orthanc: Orthanc) -> None:
    (study,) = store(orthanc, "A", StudyDate="20200101")
    (change,) = plan(
        orthanc, document(policy(match={"StudyDate": {"older_than": "1y"}}, labels={"add": ["new"]}))
    ).by_policies
    found = plan(orthanc, document(policy(match={"StudyDate": {"older_than": "1y"}}, labels={"add": ["new"]})))
    # As if it had been made before the study was old enough.
    before = with_changes(change, query={"StudyDate": "-20191231"}, last_change=0)
    earlier = with_changes(found, by_policies=(before,))
    assert tallies(apply(orthanc, earlier, allow_deletes=True)) == [Tally(moved=1)]
    assert labels(orthanc, study) == [[]]


def _compared_by(proxy: FaultProxy) -> list[dict[str, str]]:
    """What the questions before the first write asked for."""
    asked = [each for each in proxy.seen if each.path == "/tools/find"]
    return [json.loads(each.body)["Query"] for each in asked]


@pytest.mark.parametrize("effect", ["add a label", "remove a label"])
def test_where_nothing_has_changed_only_labels_are_compared(server: OrthancServer, effect: str) -> None:
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url) as orthanc:
        _, studies = prepare(orthanc, effect)
        wanted = document(policy(match=QUERY, **EFFECTS[effect][1]))
        found = plan(orthanc, wanted)
        own = orthanc.studies[studies[0]]
        own.labels.add("new")
        own.labels.remove("old")
        proxy.seen.clear()
        assert tallies(apply(orthanc, found, allow_deletes=True)) == [Tally(done=2, already=1)]
        assert _compared_by(proxy) == [{}]
        assert plan(orthanc, wanted).empty


def test_where_something_arrived_all_is_compared(server: OrthancServer) -> None:
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url) as orthanc:
        store(orthanc, "A", "B", **QUERY)
        found = plan(orthanc, document(policy(match=QUERY, labels={"add": ["new"]})))
        store(orthanc, "C", **QUERY)
        proxy.seen.clear()
        assert tallies(apply(orthanc, found)) == [Tally(done=2)]
        assert QUERY in _compared_by(proxy)
        assert {} not in _compared_by(proxy)


def test_where_many_others_have_a_label_they_are_not_asked_for(server: OrthancServer) -> None:
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url) as orthanc:
        others = store(orthanc, *many(MANY_TIMES + 1), StudyDate="20200102")
        orthanc.studies.change_labels(others, add=["new"])
        store(orthanc, "A", **QUERY)
        found = plan(orthanc, document(policy(match=QUERY, labels={"add": ["new"]})))
        proxy.seen.clear()
        assert tallies(apply(orthanc, found)) == [Tally(done=1)]
        assert _compared_by(proxy) == [QUERY]


def test_what_was_overwritten_and_does_not_match_any_more_is_left_alone(
    start_orthanc: Callable[..., OrthancServer],
) -> None:
    server = start_orthanc({**SCRIPTS, "OverwriteInstances": True})
    with Orthanc(server.url) as orthanc:
        studies = store(orthanc, "A", "B", StudyDate="20200101")
        found = plan(orthanc, document(policy(match=QUERY, labels={"add": ["new"]})))
        # As many match as before.
        assert store(orthanc, "A", StudyDate="20210101") == studies[:1]
        store(orthanc, "C", StudyDate="20200101")
        assert tallies(apply(orthanc, found)) == [Tally(done=1, moved=1)]
        assert labels(orthanc, *studies) == [[], ["new"]]


@pytest.mark.parametrize("match", [{"ModalitiesInStudy": "SR"}, {"NumberOfStudyRelatedSeries": "2"}])
def test_what_was_selected_by_what_has_gone_is_left_alone(orthanc: Orthanc, match: dict[str, str]) -> None:
    """A deletion is no change that a server notes, and changes what it computes of a study."""
    first, last = (basic("1.2.840.10008.5.1.4.1.1.7", "A", series=name, Modality=name) for name in ("SR", "OT"))
    for dataset in (first, last):
        orthanc.instances.upload(encoded(dataset))
    found = plan(orthanc, document(policy(match=match, labels={"add": ["new"]})))
    assert found.by_policies[0].count == 1
    # Not the newest, so that the number of the last change stays as it is.
    orthanc.series[ids_of(first)["series"]].delete()
    assert tallies(apply(orthanc, found)) == [Tally(moved=1)]
    assert labels(orthanc, ids_of(last)["studies"]) == [[]]


def test_who_may_not_read_the_changes_does_without(server: OrthancServer) -> None:
    forbidden = on("GET", "/changes", replace("", 403))
    with FaultProxy(server.url, forbidden) as proxy, Orthanc(proxy.url) as orthanc:
        store(orthanc, "A", "B", **QUERY)
        found = plan(orthanc, document(policy(match=QUERY, labels={"add": ["new"]})))
        assert tallies(apply(orthanc, found)) == [Tally(done=2)]
        assert any("/changes" in each.path for each in proxy.seen)
        assert _compared_by(proxy)[1:] == [QUERY]


@pytest.mark.parametrize("suite", ["trixie", "forky"])
@pytest.mark.parametrize("scripts", [True, False])
def test_revisions_are_honoured_where_the_server_checks_them(
    suite: str, scripts: bool, start_orthanc: Callable[..., OrthancServer]
) -> None:
    server = start_orthanc({**SCRIPTS, "CheckRevisions": True}, suite)
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url) as orthanc:
        studies = store(orthanc, "A", "B", "C")
        for study in studies:
            orthanc.studies[study].metadata["site"].set("old")
            orthanc.studies[study].metadata["note"].set("old")
        wanted = document(policy(metadata={"set": {"site": "new", "1030": "first"}, "remove": ["note"]}))
        found = plan(orthanc, wanted)
        changed = on("PUT", f"/studies/{studies[0]}/metadata/site", replace("", 409))
        proxy.fault = on("DELETE", f"/studies/{studies[1]}/metadata/note", replace("", 409), changed)
        proxy.seen.clear()
        (tally,) = tallies(apply(orthanc, found, scripts=scripts, allow_deletes=True))
        assert (tally.done, tally.failed) == (7, 2)
        assert list(tally.failures) == ["somebody else changed it at the same moment"]
        sent = [each for each in proxy.seen if each.method in ("PUT", "DELETE")]
        assert all(("if-match" in each.headers) is not each.path.endswith("1030") for each in sent)
        assert orthanc.studies[studies[0]].metadata["site"].get() == "old"
        proxy.fault = forward
        finish(orthanc, wanted)


def test_a_metadata_that_changed_after_its_revision_was_read_is_not_overwritten(
    start_orthanc: Callable[..., OrthancServer],
) -> None:
    server = start_orthanc({**SCRIPTS, "CheckRevisions": True})
    with Orthanc(server.url) as other, FaultProxy(server.url) as proxy, Orthanc(proxy.url) as orthanc:
        (study,) = store(orthanc, "A")
        entry = other.studies[study].metadata["site"]
        entry.set("old")
        found = plan(orthanc, document(policy(metadata={"set": {"site": "new"}})))

        def change_it_first(exchange: Exchange) -> None:
            current = entry.read()
            assert current is not None
            entry.set("theirs", revision=current.revision)
            forward(exchange)

        proxy.fault = on("PUT", f"/studies/{study}/metadata/site", change_it_first)
        (tally,) = tallies(apply(orthanc, found, allow_deletes=True))
        assert tally.failures == {"somebody else changed it at the same moment": (1, [study])}
        assert entry.get() == "theirs"
