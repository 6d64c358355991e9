"""What checks found in every form: valid, complete, and nothing in it becomes more than text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sarif_pydantic import Sarif

from orthanc_state.checks.registry import all_checks
from orthanc_state.checks.result import Result, Status
from orthanc_state.errors import Place
from orthanc_state.render.checks import check_data, check_lines, summary
from orthanc_state.render.junit import check_junit
from orthanc_state.render.line import plain, safe
from orthanc_state.render.sarif import check_sarif

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CHECKS = list(all_checks().values())
PLACE = Place("site a.yaml", 4, 7)
HOSTILE = '\x1b[31m]]> & <b> "q" \u202e \ufffe \ud800 [click](http://evil/) {0} ```'
RESULTS = [
    Result("answers", "one", "server", Status.OK, "Orthanc 1.12.7", seconds=0.25),
    Result("echo", "one", "modalities/ct", Status.FAILED, HOSTILE, "see `{x: y}`", PLACE, 1.5),
    Result("echo", "one", "modalities/mr", Status.SKIPPED, "the server does not have it yet"),
    Result("no-effect", "one", "modalities/ct", Status.WARNING, "no effect", "do", PLACE),
    Result("storage", "two", "server", Status.UNKNOWN, "the server does not tell its limits"),
]

texts = st.text(max_size=12)
anything = st.lists(
    st.builds(
        Result,
        check=st.sampled_from([check.name for check in CHECKS]),
        server=st.sampled_from(["one", "two"]),
        target=texts,
        status=st.sampled_from(Status),
        message=texts,
        hint=texts,
        place=st.none() | st.builds(Place, st.just("s.yaml"), st.integers(0, 9), st.integers(0, 9)),
        seconds=st.floats(0, 100),
    ),
    max_size=6,
).map(lambda results: sorted(results, key=lambda result: result.server))


def suites(results: Sequence[Result]) -> list[ElementTree.Element]:
    """The suites of what is made of some results."""
    return suites_of(check_junit(results, NOW))


def suites_of(document: str) -> list[ElementTree.Element]:
    """The suites of a document, which is as the schemas of Ant and Jenkins have it."""
    root = ElementTree.fromstring(document)  # noqa: S314
    assert root.tag == "testsuites"
    for number, suite in enumerate(root):
        assert suite.tag == "testsuite"
        names = ["id", "package", "name", "timestamp", "hostname", "tests", "failures", "errors", "skipped", "time"]
        assert set(suite.attrib) == set(names)
        assert suite.get("id") == str(number)
        cases = suite.findall("testcase")
        tags = [child.tag for child in suite]
        assert tags == ["properties", *["testcase"] * len(cases), "system-out", "system-err"]
        assert suite.get("tests") == str(len(cases))
        for tag, count in (("failure", "failures"), ("skipped", "skipped")):
            assert suite.get(count) == str(sum(case.find(tag) is not None for case in cases))
        for case in cases:
            assert set(case.attrib) == {"name", "classname", "time"}
            float(case.get("time", ""))
            assert len(case) <= 1
            for child in case:
                assert set(child.attrib) == ({"message", "type"} if child.tag == "failure" else {"message"})
    return list(root)


def check_log(log: Any) -> list[dict[str, Any]]:
    """The results of a log, which is as SARIF 2.1.0 has it."""
    # Everything in it is something that the standard knows, and nothing of it is of another type.
    known = Sarif.model_validate(log).model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert known == json.loads(json.dumps(log))
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"]
    rules = [rule["id"] for rule in driver["rules"]]
    assert len(rules) == len(set(rules))
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["kind"] in ("pass", "fail", "open", "notApplicable")
        # Section 3.27.10: what does not fail has no level.
        assert (result["level"] == "none") == (result["kind"] != "fail")
        assert result["level"] in ("none", "warning", "error")
        assert result["message"]["text"]
        for location in result["locations"]:
            assert location["logicalLocations"][0]["fullyQualifiedName"]
            if "physicalLocation" in location:
                assert " " not in location["physicalLocation"]["artifactLocation"]["uri"]
                region = location["physicalLocation"].get("region", {"startLine": 1, "startColumn": 1})
                assert region["startLine"] >= 1
                assert region["startColumn"] >= 1
    results: list[dict[str, Any]] = run["results"]
    return results


@given(anything)
def test_whatever_is_found_every_form_is_valid(results: list[Result]) -> None:
    suites(results)
    log = check_sarif(results, CHECKS, {"one": "/tmp/a b.yaml"})
    assert check_log(json.loads(json.dumps(log))) == log["runs"][0]["results"]
    json.dumps(check_data(results))
    for line in check_lines(results):
        assert plain(line) == safe(plain(line))


def test_text() -> None:
    lines = [plain(line) for line in check_lines(RESULTS)]
    assert lines[:2] == ["one", "  ok       answers    server         Orthanc 1.12.7"]
    assert lines[2].startswith("  failed   echo       modalities/ct  \\x1b[31m]]> & <b>")
    assert lines[3:5] == ["           site a.yaml:4:7", "           see `{x: y}`"]
    assert lines[-1] == "Checks: 1 ok, 1 with a warning, 1 failed, 1 skipped, 1 not known."
    assert summary([]) == "nothing to look at"


def test_json() -> None:
    data = check_data(RESULTS)
    assert data["ok"] is False
    assert data["summary"] == {"ok": 1, "warning": 1, "failed": 1, "skipped": 1, "unknown": 1}
    assert data["results"][1] == {
        "check": "echo",
        "server": "one",
        "target": "modalities/ct",
        "status": "failed",
        "message": HOSTILE,
        "hint": "see `{x: y}`",
        "file": "site a.yaml",
        "line": 4,
        "column": 7,
        "seconds": 1.5,
    }
    assert data["results"][0]["file"] is None


def test_junit() -> None:
    one, two = suites(RESULTS)
    assert (one.get("name"), one.get("time"), one.get("timestamp")) == ("one", "1.750", "2026-01-02T03:04:05")
    failure = one.findall("testcase/failure")[0]
    assert failure.get("message") == HOSTILE.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e").replace(
        "\ud800", "\\ud800"
    ).replace("\ufffe", "?")
    assert str(failure.text).startswith("site a.yaml:4:7: ")
    assert one.findtext("system-out") == "no-effect modalities/ct: site a.yaml:4:7: no effect (do)"
    skipped = two.find("testcase/skipped")
    assert skipped is not None
    assert skipped.get("message") == "not known: the server does not tell its limits"


def test_sarif() -> None:
    results = check_log(check_sarif(RESULTS, CHECKS, {"two": "fleet.yaml"}))
    said = [(result["kind"], result["level"]) for result in results]
    assert said == [
        ("pass", "none"),
        ("fail", "error"),
        ("notApplicable", "none"),
        ("fail", "warning"),
        ("open", "none"),
    ]
    physical = results[1]["locations"][0]["physicalLocation"]
    assert physical == {"artifactLocation": {"uri": "site%20a.yaml"}, "region": {"startLine": 4, "startColumn": 7}}
    assert results[4]["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "fleet.yaml"}}
    text = results[1]["message"]["text"]
    # A link is `[text](address)`, and a number in braces is a place for a value.
    assert "](" not in text
    assert "{{0}}" in text
    assert "\x1b" not in text
    assert len({result["partialFingerprints"]["orthancState/v1"] for result in results}) == len(results)


@pytest.mark.parametrize("status", Status)
def test_every_status_is_known_to_every_form(status: Status) -> None:
    results = [Result("echo", "one", "modalities/ct", status, "said")]
    assert "said" in check_junit(results, NOW) or status is Status.OK
    assert check_log(check_sarif(results, CHECKS, {}))
    assert summary(results).startswith("1 ")
