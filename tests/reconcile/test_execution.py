"""What an apply does when the server does not do what it was told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc, Plan, apply, from_data, plan
from orthanc_state.execution.executor import ExecutionError
from orthanc_state.execution.report import Outcome, Result

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServer

PACS = ["PACS", "10.0.0.5", 104]


@pytest.mark.orthanc(suites=["bookworm", "trixie"])
def test_a_transfer_syntax_that_the_server_drops_is_a_failed_write(orthanc: Orthanc) -> None:
    """Known to pydicom, unknown to these servers, which answer 200 all the same."""
    sections = {"accepted_transfer_syntaxes": ["ExplicitVRLittleEndian", "HTJ2KLossless"], "default_encoding": "Utf8"}
    report = apply(orthanc, plan(orthanc, from_data({"version": 1, "dicom": sections})))
    assert not report.ok
    [failed] = report.of(Outcome.FAILED)
    assert failed.change.address == "dicom/accepted_transfer_syntaxes"
    assert failed.differences[0].added == ("1.2.840.10008.1.2.4.201",)
    assert [result.change.address for result in report.of(Outcome.APPLIED)] == ["dicom/default_encoding"]


def test_a_syntax_that_no_orthanc_knows_fails_everywhere(orthanc: Orthanc) -> None:
    document = from_data({"version": 1, "dicom": {"accepted_transfer_syntaxes": ["SMPTEST211030PCMDigitalAudio"]}})
    assert not apply(orthanc, plan(orthanc, document)).ok
    assert not plan(orthanc, document).empty


@pytest.mark.orthanc(suites=["trixie"])
def test_one_failure_stops_nothing_but_what_depends_on_it(orthanc: Orthanc) -> None:
    sections = {
        "peers": {"bad": {"url": "http://h/", "certificate_file": "/nonexistent.pem"}},
        "modalities": {"pacs": PACS},
        "metrics": False,
    }
    report = apply(orthanc, plan(orthanc, from_data({"version": 1, **sections})))
    outcomes = {result.change.address: result.outcome for result in report.results}
    assert outcomes == {
        "modalities/pacs": Outcome.APPLIED,
        "peers/bad": Outcome.FAILED,
        "metrics": Outcome.APPLIED,
    }
    assert "Cannot open certificate file: /nonexistent.pem" in report.of(Outcome.FAILED)[0].reason


@pytest.mark.orthanc(suites=["trixie"])
def test_a_server_that_is_gone_ends_the_apply_and_a_second_one_finishes_it(
    orthanc: Orthanc, orthanc_server: OrthancServer
) -> None:
    document = from_data({"version": 1, "modalities": dict.fromkeys("abcd", PACS)})
    seen: list[Result] = []

    def kill_after_two(result: Result) -> None:
        seen.append(result)
        if len(seen) == 2:
            orthanc_server.kill()

    report = apply(orthanc, plan(orthanc, document), on_result=kill_after_two)
    assert [result.outcome for result in report.results] == [
        Outcome.APPLIED,
        Outcome.APPLIED,
        Outcome.FAILED,
        Outcome.NOT_TRIED,
    ]
    assert not report.ok
    orthanc_server.restart(graceful=False)
    assert apply(orthanc, plan(orthanc, document)).ok
    assert plan(orthanc, document).empty


@pytest.mark.orthanc(suites=["trixie"])
def test_a_stop_finishes_the_change_in_hand_and_leaves_the_rest(orthanc: Orthanc) -> None:
    document = from_data({"version": 1, "modalities": dict.fromkeys("abc", PACS)})
    stop = Event()
    report = apply(orthanc, plan(orthanc, document), on_result=lambda result: stop.set(), stop=stop)
    assert report.interrupted
    assert [result.outcome for result in report.results] == [Outcome.APPLIED, Outcome.NOT_TRIED, Outcome.NOT_TRIED]
    assert orthanc.modalities.names() == ["a"]
    assert apply(orthanc, plan(orthanc, document)).ok


@pytest.mark.orthanc(suites=["trixie"])
def test_what_depends_on_a_failure_is_not_tried(orthanc: Orthanc) -> None:
    """A modality that comes back under another name is not deleted before, nor where that fails."""
    orthanc.modalities["old"].put({"AET": "PACS", "Host": "10.0.0.5", "Port": 104})
    sections = {"modalities": {"old": {"state": "absent"}, "new": PACS}, "metrics": False}
    found = plan(orthanc, from_data({"version": 1, **sections}))
    assert [change.address for change in found.changes] == ["modalities/new", "metrics", "modalities/old"]
    assert found.changes[2].depends_on == ("modalities/new",)
    broken = _with_path(found, "modalities/new", "/modalities/not+a+name")
    report = apply(orthanc, broken)
    assert [result.outcome for result in report.results] == [Outcome.FAILED, Outcome.APPLIED, Outcome.NOT_TRIED]
    assert report.results[2].reason == "it needs modalities/new, which was not written"
    assert apply(orthanc, plan(orthanc, from_data({"version": 1, **sections}))).ok
    assert orthanc.modalities.names() == ["new"]


@pytest.mark.orthanc(suites=["trixie"])
def test_a_plan_is_for_the_server_that_it_was_made_for(
    orthanc: Orthanc, start_orthanc: Callable[[], OrthancServer]
) -> None:
    found = plan(orthanc, from_data({"version": 1, "metrics": False}))
    with Orthanc(start_orthanc().url) as other:
        with pytest.raises(ExecutionError, match="was made for"):
            apply(other, found)
        assert other.tools.metrics.get() is True


def _with_path(found: Plan, address: str, path: str) -> Plan:
    changes = tuple(
        replace(change, operation=replace(change.operation, path=path)) if change.address == address else change
        for change in found.changes
    )
    return replace(found, changes=changes)
