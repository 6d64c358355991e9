"""Policies are applied to what is still as it was planned, by scripts or without, and the report says what became of
each resource: on real servers."""

from __future__ import annotations

import json
from dataclasses import replace as with_changes
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, apply, plan
from orthanc_state.execution.report import Outcome
from orthanc_state.execution.script import Script
from orthanc_state.execution.tally import Tally
from tests.faults.fault_proxy import Exchange, Fault, FaultProxy, forward, on, replace, reset
from tests.policies.studies import METADATA, document, labels, many, policy, store, writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from orthanc_state import Document, Report
    from orthanc_state.testing import OrthancServer
    from tests.conftest import Cli

SCRIPTS = {**METADATA, "ExecuteLuaEnabled": True}


@pytest.fixture(params=["trixie-scripts", "trixie-http", "forky-scripts", "forky-http"])
def server(request: pytest.FixtureRequest, start_orthanc: Callable[..., OrthancServer]) -> OrthancServer:
    """A server that allows scripts, and one that does not."""
    suite, way = request.param.split("-")
    return start_orthanc(SCRIPTS if way == "scripts" else METADATA, suite)


@pytest.fixture
def scripted(start_orthanc: Callable[..., OrthancServer]) -> OrthancServer:
    """A server that allows scripts."""
    return start_orthanc(SCRIPTS)


@pytest.fixture
def orthanc(server: OrthancServer) -> Iterator[Orthanc]:
    """A client of it."""
    with Orthanc(server.url) as client:
        yield client


def tallies(report: Report) -> list[Tally]:
    """What became of the resources of each policy."""
    return [result.tally for result in report.results if result.tally]


def finish(orthanc: Orthanc, wanted: Document) -> None:
    """A second apply does what is left."""
    assert apply(orthanc, plan(orthanc, wanted)).ok
    assert plan(orthanc, wanted).empty


# What happens to a resource between plan and apply.

EFFECTS: dict[str, tuple[str, dict[str, Any]]] = {
    "add a label": ("study", {"labels": {"add": ["new"]}}),
    "remove a label": ("study", {"labels": {"remove": ["old"]}}),
    "set a metadata": ("study", {"metadata": {"set": {"site": "new"}}}),
    "remove a metadata": ("study", {"metadata": {"remove": ["note"]}}),
    "protect": ("patient", {"protected": True}),
    "unprotect": ("patient", {"protected": False}),
}


def prepare(orthanc: Orthanc, name: str) -> tuple[Any, list[str]]:
    """Three resources that lack one effect, and the part of the API where they are."""
    level, fields = EFFECTS[name]
    studies = store(orthanc, "A", "B", "C")
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
        report = apply(watched, found)
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
    report = apply(orthanc, found)
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
    report = apply(orthanc, found)
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
    assert tallies(apply(orthanc, found)) == [Tally(done=1, moved=1)]
    assert labels(orthanc, *studies) == [["own"], []]
    assert plan(orthanc, wanted).empty


def test_what_arrived_is_not_touched(orthanc: Orthanc) -> None:
    store(orthanc, "A", "B")
    wanted = document(policy(labels={"add": ["new"]}, metadata={"set": {"site": "{PatientID}"}}))
    found = plan(orthanc, wanted)
    (arrived,) = store(orthanc, "C")
    assert tallies(apply(orthanc, found)) == [Tally(done=4)]
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
    earlier = with_changes(found, by_policies=(with_changes(change, query={"StudyDate": "-20191231"}),))
    assert tallies(apply(orthanc, earlier)) == [Tally(moved=1)]
    assert labels(orthanc, study) == [[]]


# Scripts


def everything(orthanc: Orthanc) -> tuple[list[str], Document]:
    """25 studies and policies that do something of every sort to them."""
    studies = store(orthanc, *many(25))
    for study in studies[:12]:
        orthanc.studies[study].labels.add("old", "own")
        orthanc.studies[study].metadata["note"].set("old")
    return studies, document(
        policy(
            "studies",
            labels={"add": ["new"], "remove": ["old"]},
            metadata={"set": {"site": "{PatientID}"}, "remove": ["note"]},
        ),
        policy("own", match={"PatientID": "P01*"}, labels={"exclusive": ["own"]}),
        policy("patients", "patient", match={"PatientID": "P00*"}, protected=True),
        policy("series", "series", labels={"add": ["s"]}),
        policy("instances", "instance", metadata={"set": {"site": "of {PatientID}"}}),
    )


def state(orthanc: Orthanc) -> dict[str, Any]:
    """What the policies can change of all that is stored."""
    found: dict[str, Any] = {}
    for level in ("patients", "studies", "series", "instances"):
        resources = getattr(orthanc, level)
        for details in orthanc.tools.bulk_content(resources.ids()):
            metadata = {name: value for name, value in details["Metadata"].items() if name in METADATA["UserMetadata"]}
            found[details["ID"]] = (sorted(details["Labels"]), metadata)
    for patient in orthanc.patients.ids():
        found[patient] += (orthanc.patients[patient].protected.get(),)
    return found


@pytest.mark.parametrize("suite", ["trixie", "forky"])
def test_with_and_without_scripts_the_report_and_the_state_are_the_same(
    suite: str, start_orthanc: Callable[..., OrthancServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Script.BATCH == 1000
    monkeypatch.setattr(Script, "BATCH", 10)
    reports, states, scripts, progress = [], [], [], []
    ways: list[tuple[dict[str, Any], dict[str, Any]]] = [(SCRIPTS, {}), (SCRIPTS, {"scripts": False}), (METADATA, {})]
    for configuration, options in ways:
        server = start_orthanc(configuration, suite)
        settled: list[int] = []
        with FaultProxy(server.url) as proxy, Orthanc(proxy.url) as orthanc:
            _, wanted = everything(orthanc)
            found = plan(orthanc, wanted)
            proxy.seen.clear()
            report = apply(orthanc, found, on_progress=settled.append, **options)
            seen = writes(proxy.seen)
            assert report.ok
            assert plan(orthanc, wanted).empty
            reports.append([(result.change.address, result.outcome, result.tally) for result in report.results])
            states.append(state(orthanc))
        scripts.append(sum(each == "POST /tools/execute-script" for each in seen))
        progress.append(sum(settled))
        # Whoever may use scripts sends no other write.
        assert len(seen) == scripts[-1] or scripts[-1] in (0, 1)
    assert reports[0] == reports[1] == reports[2]
    assert states[0] == states[1] == states[2]
    assert progress == [found.steps - len(found.by_policies)] * 3
    # It asks once whether it may; then of each effect three, but for those of 12 (two) or 10 and fewer (one).
    assert scripts == [1 + (3 + 2 + 3 + 2) + (1 + 1) + 1 + 3 + 3, 0, 1]


def test_different_values_of_a_metadata_go_in_one_script_and_are_verified_at_once(scripted: OrthancServer) -> None:
    with FaultProxy(scripted.url) as proxy, Orthanc(proxy.url) as orthanc:
        store(orthanc, *many(12))
        wanted = document(policy(metadata={"set": {"site": "{PatientID}"}}))
        found = plan(orthanc, wanted)
        proxy.seen.clear()
        assert tallies(apply(orthanc, found)) == [Tally(done=12)]
        assert len(writes(proxy.seen)) == 2
        assert len(proxy.seen) < 12
        proxy.seen.clear()
        assert plan(orthanc, wanted).empty


@pytest.mark.parametrize("answer", ["", "1", "2" * 12, "0" * 13, "x", '{"a": 1}'])
def test_what_a_script_does_not_confirm_is_sent_again_alone(scripted: OrthancServer, answer: str) -> None:
    def odd(exchange: Exchange) -> None:
        is_probe = exchange.request.body == b'print("1")'
        (forward if is_probe else replace(answer, content_type="text/plain"))(exchange)

    with FaultProxy(scripted.url, on("POST", "/tools/execute-script", odd)) as proxy, Orthanc(proxy.url) as orthanc:
        store(orthanc, *many(12))
        wanted = document(policy(labels={"add": ["new"]}))
        assert tallies(apply(orthanc, plan(orthanc, wanted))) == [Tally(done=12)]
        assert plan(orthanc, wanted).empty


# Revisions


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
        (tally,) = tallies(apply(orthanc, found, scripts=scripts))
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
        (tally,) = tallies(apply(orthanc, found))
        assert tally.failures == {"somebody else changed it at the same moment": (1, [study])}
        assert entry.get() == "theirs"


# Interruptions


def test_an_interrupted_apply_finishes_what_is_in_hand_and_a_second_one_the_rest(
    orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Script, "BATCH", 10)
    studies = store(orthanc, *many(25))
    wanted = document(
        policy("one", labels={"add": ["new"]}, metadata={"set": {"site": "x"}}), policy("two", labels={"add": ["y"]})
    )
    found = plan(orthanc, wanted)
    stop = Event()
    settled: list[int] = []

    def progress(count: int) -> None:
        settled.append(count)
        if sum(settled) >= 3:
            stop.set()

    report = apply(orthanc, found, stop=stop, on_progress=progress)
    one, two = report.results
    assert (one.outcome, two.outcome) == (Outcome.FAILED, Outcome.NOT_TRIED)
    assert two.reason == "interrupted"
    assert report.interrupted
    assert one.tally is not None
    assert one.tally.done == sum(settled) >= 3
    assert one.tally.done < 25
    assert one.tally.done + one.tally.not_tried == 50
    assert one.tally.text == f"{one.tally.done} done, {one.tally.not_tried} not tried"
    assert sum(each == ["new"] for each in labels(orthanc, *studies)) == one.tally.done
    finish(orthanc, wanted)


def test_an_interruption_loses_nothing_of_a_policy_that_looks_at_what_it_changes(
    orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Script, "BATCH", 5)
    studies = store(orthanc, *many(12))
    for study in studies:
        orthanc.studies[study].labels.add("todo")
    wanted = document(
        policy(
            where={"labels": {"all": ["todo"]}},
            labels={"remove": ["todo"], "add": ["done"]},
            metadata={"set": {"site": "{PatientID}"}},
        )
    )
    for limit in (1, 8, 15, 25):
        stop = Event()
        settled: list[int] = []

        def progress(count: int, limit: int = limit, stop: Event = stop, settled: list[int] = settled) -> None:
            settled.append(count)
            if sum(settled) >= limit:
                stop.set()

        apply(orthanc, plan(orthanc, wanted), stop=stop, on_progress=progress)
    finish(orthanc, wanted)
    assert labels(orthanc, *studies) == [["done"]] * 12
    assert [orthanc.studies[study].metadata["site"].get() for study in studies] == many(12)


def test_what_failed_is_still_selected_by_the_second_apply(scripted: OrthancServer) -> None:
    with FaultProxy(scripted.url) as proxy, Orthanc(proxy.url) as orthanc:
        studies = store(orthanc, "A", "B", "C")
        for study in studies:
            orthanc.studies[study].labels.add("todo")
        where = {"labels": {"all": ["todo"]}}
        wanted = document(policy(where=where, labels={"remove": ["todo"]}, metadata={"set": {"site": "x"}}))
        found = plan(orthanc, wanted)
        proxy.fault = on("PUT", f"/studies/{studies[1]}/metadata/site", replace("", 507))
        (tally,) = tallies(apply(orthanc, found, scripts=False))
        assert (tally.done, tally.failed, tally.not_tried) == (4, 1, 1)
        assert list(tally.failures.values()) == [(1, [studies[1]])]
        proxy.fault = forward
        assert labels(orthanc, *studies) == [[], ["todo"], []]
        finish(orthanc, wanted)
        assert labels(orthanc, *studies) == [[], [], []]


def lost_after(count: int, fault: Fault = reset) -> Fault:
    """The server is gone after some writes."""
    left = [count]

    def gone(exchange: Exchange) -> None:
        request = exchange.request
        left[0] -= bool(writes([request])) and request.body != b'print("1")'
        (forward if left[0] >= 0 else fault)(exchange)

    return gone


def test_a_server_that_is_gone_in_the_middle_is_reported_and_a_second_apply_finishes(
    server: OrthancServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Script, "BATCH", 10)
    with Orthanc(server.url) as orthanc:
        studies = store(orthanc, *many(25))
    wanted = document(policy("one", labels={"add": ["new"]}), policy("two", labels={"add": ["y"]}))
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url, retries=0) as watched:
        found = plan(watched, wanted)
        proxy.fault = lost_after(1)
        report = apply(watched, found)
    one, two = report.results
    assert (one.outcome, two.outcome) == (Outcome.FAILED, Outcome.NOT_TRIED)
    assert "whether it was written is not known" in one.reason
    assert two.reason == "the server could not be reached any more"
    with Orthanc(server.url) as orthanc:
        done = sum(each == ["new"] for each in labels(orthanc, *studies))
        assert 0 < done < 25
        finish(orthanc, wanted)


# Values

VALUES = [
    "\"double\" 'single' `back`",
    'back\\slash \\n \\\\ \\"',
    "several\nlines\n",
    "\n leading and trailing \n",
    "tab\there\r\n",
    "{{braces}} and }}{{",
    "Zürich, 東京, Ελλάδα, 😀",
    "]] .. os.exit() --[[",
    "%s %d %% $x #{{y}} /* */",
    "null",
    "0",
    " ",
    "",
    "x" * 5000,
]


def test_values_arrive_unchanged(orthanc: Orthanc) -> None:
    (study,) = store(orthanc, "A")
    for value in VALUES:
        wanted = document(policy(metadata={"set": {"site": value}}))
        assert tallies(apply(orthanc, plan(orthanc, wanted))) == [Tally(done=1)], value
        expected = value.replace("{{", "{").replace("}}", "}")
        assert orthanc.studies[study].metadata["site"].get() == expected
        assert plan(orthanc, wanted).empty


def test_tags_arrive_as_they_are_and_are_no_templates(orthanc: Orthanc) -> None:
    description = "{PatientID} \"a\" 'b' \\ {{}}"
    (study,) = store(
        orthanc, "A", SpecificCharacterSet="ISO_IR 192", PatientName="Müller^東京", StudyDescription=description
    )
    template = "{PatientName}|{StudyDescription}|{InstitutionName}|{RequestingPhysician}|"
    wanted = document(policy(metadata={"set": {"site": template}}))
    assert apply(orthanc, plan(orthanc, wanted)).ok
    expected = f"Müller^東京|{description}|Hospital of Nowhere||"
    assert orthanc.studies[study].metadata["site"].get() == expected
    assert plan(orthanc, wanted).empty


@pytest.mark.parametrize("scripts", [True, False])
def test_names_of_metadata_may_be_those_of_any_language(
    scripts: bool, start_orthanc: Callable[..., OrthancServer]
) -> None:
    server = start_orthanc({"UserMetadata": {"my größe": 1030, "a+b&c": 1031}, "ExecuteLuaEnabled": True})
    with Orthanc(server.url) as orthanc:
        (study,) = store(orthanc, "A")
        wanted = document(policy(metadata={"set": {"my größe": "x", "a+b&c": "y"}}))
        assert apply(orthanc, plan(orthanc, wanted), scripts=scripts).ok
        assert {"my größe", "a+b&c"} <= set(orthanc.studies[study].metadata.names())
        assert plan(orthanc, wanted).empty
        gone = document(policy(metadata={"remove": ["my größe", "a+b&c"]}))
        assert apply(orthanc, plan(orthanc, gone), scripts=scripts).ok
        assert plan(orthanc, gone).empty


# The command line

DOCUMENT = """\
version: 1
policies:
  - name: archive
    level: Study
    match: {StudyDate: {older_than: 1y}, PatientID: CANARY*}
    where: {labels: {none: [hold]}}
    labels: {add: [archive], remove: [recent]}
    metadata: {set: {site: "{PatientName} of {InstitutionName}"}}
"""


@pytest.fixture
def site(tmp_path: Path, scripted: OrthancServer) -> list[str]:
    """Two studies that a document is about, and the document."""
    (tmp_path / "site.yaml").write_text(DOCUMENT)
    with Orthanc(scripted.url) as orthanc:
        studies = store(orthanc, "CANARY1", "CANARY2", StudyDate="20200101")
        orthanc.studies[studies[0]].labels.add("recent")
        store(orthanc, "OTHER", StudyDate="20200101")
    return studies


@pytest.mark.parametrize("lua", [[], ["--no-lua"]])
def test_plan_apply_plan(cli: Cli, site: list[str], scripted: OrthancServer, lua: list[str]) -> None:
    with FaultProxy(scripted.url) as proxy:
        env = {"ORTHANC_URL": proxy.url}
        assert cli("plan", "site.yaml", "--detailed-exitcode", env=env).returncode == 2
        planned = cli("plan", "site.yaml", env=env)
        assert planned.returncode == 0, planned.stderr
        assert "2 selected" in planned.stdout
        assert "Plan: 5 changes of resources by 1 policy, 0 unchanged." in planned.stdout
        assert not writes(proxy.seen)

        applied = cli("--debug", "apply", "--yes", "site.yaml", *lua, env=env)
        assert applied.returncode == 0, applied.stderr
        assert "~ policies/archive  5 done" in applied.stdout
        assert "Applied 1 of 1." in applied.stdout
        assert any("execute-script" in each for each in writes(proxy.seen)) is not bool(lua)

        again = cli("plan", "site.yaml", "--detailed-exitcode", env=env)
        assert again.returncode == 0
        assert "In sync: nothing to change (1 unchanged)." in again.stdout
    for run in (planned, applied, again):
        assert "canary" not in (run.stdout + run.stderr).lower()
        assert "Traceback" not in run.stderr
    with Orthanc(scripted.url) as orthanc:
        assert labels(orthanc, *site) == [["archive"]] * 2
        assert orthanc.studies[site[1]].metadata["site"].get() == "Test^CANARY2 of Hospital of Nowhere"


def test_json(cli: Cli, site: list[str], scripted: OrthancServer) -> None:
    env = {"ORTHANC_URL": scripted.url}
    planned = cli("plan", "--json", "site.yaml", env=env)
    data = json.loads(planned.stdout)
    assert data["in_sync"] is False
    assert data["summary"]["by_policies"] == 5
    (change,) = data["changes"]
    assert (change["address"], change["level"], change["selected"]) == ("policies/archive", "study", 2)
    assert change["query"]["PatientID"] == "(as in the document)"
    assert site[0] in planned.stdout

    applied = cli("apply", "--json", "--yes", "site.yaml", env=env)
    assert applied.returncode == 0, applied.stderr
    data = json.loads(applied.stdout)
    assert data["ok"] is True
    (result,) = data["results"]
    assert result["outcome"] == "applied"
    assert result["tally"] == {
        **dict.fromkeys(("already", "gone", "moved", "not_tried", "failed"), 0),
        "done": 5,
        "failures": [],
    }
    assert json.loads(cli("plan", "--json", "site.yaml", env=env).stdout)["in_sync"] is True
    assert "canary" not in (planned.stdout + applied.stdout).lower()


def test_a_plan_that_cannot_be_made_is_exit_code_1(
    cli: Cli, site: list[str], scripted: OrthancServer, tmp_path: Path
) -> None:
    assert site
    (tmp_path / "site.yaml").write_text(DOCUMENT.replace("set: {site:", "set: {nowhere:"))
    for command in (["plan"], ["apply", "--yes"]):
        run = cli(*command, "site.yaml", env={"ORTHANC_URL": scripted.url})
        assert run.returncode == 1
        assert "site.yaml:8:31 policies.0.metadata.set.nowhere" in run.stderr
        assert "the server knows no metadata `nowhere`" in run.stderr
        assert "Traceback" not in run.stderr


@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_what_is_not_selected_any_more_is_exit_code_1(
    cli: Cli, site: list[str], scripted: OrthancServer, json_too: list[str]
) -> None:
    """Somebody holds a study back while the question is asked whether scripts are allowed, which is after the plan."""

    def hold(exchange: Exchange) -> None:
        with Orthanc(scripted.url) as orthanc:
            orthanc.studies[site[0]].labels.add("hold")
        forward(exchange)

    with FaultProxy(scripted.url, on("POST", "/tools/execute-script", hold)) as proxy:
        run = cli("apply", "--yes", "site.yaml", *json_too, env={"ORTHANC_URL": proxy.url})
    assert run.returncode == 1
    if json_too:
        (result,) = json.loads(run.stdout)["results"]
        assert result["outcome"] == "failed"
        assert (result["tally"]["done"], result["tally"]["moved"]) == (2, 3)
    else:
        assert "! policies/archive  2 done, 3 not selected any more" in run.stdout
        assert "A second apply takes up what is left." in run.stdout
    with Orthanc(scripted.url) as orthanc:
        assert labels(orthanc, *site) == [["hold", "recent"], ["archive"]]
