"""With scripts and without: the same report, the same state, the same values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, apply, plan
from orthanc_state.execution.script import Script
from orthanc_state.execution.tally import Tally
from tests.faults.fault_proxy import Exchange, FaultProxy, forward, on, replace
from tests.policies.studies import METADATA, SCRIPTS, document, many, policy, store, tallies, writes

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthanc_state import Document
    from orthanc_state.testing import OrthancServer


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
            report = apply(orthanc, found, on_progress=settled.append, **options, allow_deletes=True)
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
        assert tallies(apply(orthanc, found, allow_deletes=True)) == [Tally(done=12)]
        assert len(writes(proxy.seen)) == 2
        assert len(proxy.seen) < 12
        proxy.seen.clear()
        assert plan(orthanc, wanted).empty


def test_labels_cost_a_few_questions_whatever_their_number(scripted: OrthancServer) -> None:
    with FaultProxy(scripted.url) as proxy, Orthanc(proxy.url) as orthanc:
        studies = store(orthanc, *many(12))
        orthanc.studies.change_labels(studies[:6], add=["old"])
        found = plan(orthanc, document(policy(labels={"add": ["new", "newer", "old"], "remove": ["gone"]})))
        proxy.seen.clear()
        assert tallies(apply(orthanc, found)) == [Tally(done=12 + 12 + 6)]
        paths = [each.path for each in proxy.seen if each.method == "POST"]
        find, count, script = "/tools/find", "/tools/count-resources", "/tools/execute-script"
        # Whether scripts may be run is asked once; how many have each label, and where there are any, which; each label
        # is written, and seen to be there.
        assert paths == [script, count, count, count, count, find, script, count, script, count, script, count]


@pytest.mark.parametrize("answer", ["", "1", "2" * 12, "0" * 13, "x", '{"a": 1}'])
def test_what_a_script_does_not_confirm_is_sent_again_alone(scripted: OrthancServer, answer: str) -> None:
    def odd(exchange: Exchange) -> None:
        is_probe = exchange.request.body == b'print("1")'
        (forward if is_probe else replace(answer, content_type="text/plain"))(exchange)

    with FaultProxy(scripted.url, on("POST", "/tools/execute-script", odd)) as proxy, Orthanc(proxy.url) as orthanc:
        store(orthanc, *many(12))
        wanted = document(policy(labels={"add": ["new"]}))
        assert tallies(apply(orthanc, plan(orthanc, wanted), allow_deletes=True)) == [Tally(done=12)]
        assert plan(orthanc, wanted).empty


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
        assert tallies(apply(orthanc, plan(orthanc, wanted), allow_deletes=True)) == [Tally(done=1)], value
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
    assert apply(orthanc, plan(orthanc, wanted), allow_deletes=True).ok
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
        assert apply(orthanc, plan(orthanc, wanted), scripts=scripts, allow_deletes=True).ok
        assert {"my größe", "a+b&c"} <= set(orthanc.studies[study].metadata.names())
        assert plan(orthanc, wanted).empty
        gone = document(policy(metadata={"remove": ["my größe", "a+b&c"]}))
        assert apply(orthanc, plan(orthanc, gone), scripts=scripts, allow_deletes=True).ok
        assert plan(orthanc, gone).empty
