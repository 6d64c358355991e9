"""Policies in saved plans, in journals, and undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc, apply, plan
from orthanc_state.errors import ProblemsError
from orthanc_state.execution.executor import ExecutionError
from orthanc_state.execution.history import History
from orthanc_state.execution.journal import Journal
from orthanc_state.execution.report import Outcome
from orthanc_state.execution.rollback import rollback
from orthanc_state.execution.tally import Tally
from orthanc_state.planning.plan_file import open_plan, save
from orthanc_state.planning.snapshot import open_snapshot
from tests.policies.studies import document, labels, many, policy, store, tallies

if TYPE_CHECKING:
    from pathlib import Path

WANTED = document(
    policy("archive", labels={"add": ["archive"], "remove": ["inbox"]}),
    policy("patients", "patient", match={"PatientID": "P*"}, protected=True),
)


@pytest.fixture
def studies(orthanc: Orthanc) -> list[str]:
    """Six studies, three of which have a label that is to go."""
    found = store(orthanc, *many(6))
    for study in found[:3]:
        orthanc.studies[study].labels.add("inbox")
    return found


def test_a_saved_plan_holds_every_identifier_and_is_applied_as_it_was_approved(
    orthanc: Orthanc, studies: list[str], tmp_path: Path
) -> None:
    wanted = document(policy("archive", labels={"add": ["archive"], "remove": ["inbox"]}))
    found = plan(orthanc, wanted)
    save(found, tmp_path / "plan.json")
    again = open_plan(tmp_path / "plan.json")
    assert again.by_policies == found.by_policies
    [newcomer] = store(orthanc, "P999")
    report = apply(orthanc, again, allow_deletes=True)
    assert tallies(report) == [Tally(done=9)]
    assert labels(orthanc, *studies) == [["archive"]] * 6
    # What came after the approval is not touched: it is in the next plan.
    assert labels(orthanc, newcomer) == [[]]
    assert not plan(orthanc, wanted).empty


def test_what_tells_who_a_patient_is_is_saved_only_when_told_so(
    orthanc: Orthanc, studies: list[str], tmp_path: Path
) -> None:
    for each in (
        policy(match={"PatientID": "P00*"}, labels={"add": ["a"]}),
        policy(metadata={"set": {"site": "of {PatientID}"}}),
    ):
        found = plan(orthanc, document(each))
        with pytest.raises(ProblemsError, match="may tell who a patient is"):
            save(found, tmp_path / "plan.json")
        assert not (tmp_path / "plan.json").exists()
        save(found, tmp_path / "plan.json", store_identifying=True)
        assert apply(orthanc, open_plan(tmp_path / "plan.json")).ok
        assert plan(orthanc, document(each)).empty
        (tmp_path / "plan.json").unlink()


def test_a_rollback_takes_back_what_policies_did(orthanc: Orthanc, studies: list[str], tmp_path: Path) -> None:
    before = labels(orthanc, *studies)
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        assert apply(orthanc, plan(orthanc, WANTED), journal=journal, allow_deletes=True).ok
    assert labels(orthanc, *studies) == [["archive"]] * 6
    assert "P00" not in path.read_text()
    gone, again, *_ = studies
    orthanc.studies[gone].delete()
    orthanc.studies[again].labels.add("inbox")
    undo = rollback(orthanc, History.read(path).runs[-1])
    assert not undo.notes
    report = apply(orthanc, undo, allow_deletes=True)
    by_address = {result.change.address: result.tally for result in report.results}
    # Of the study that is gone a label cannot be taken, of its patient no protection; one label was there again.
    assert by_address["policies/archive"] == Tally(done=6, already=1, gone=2)
    assert by_address["policies/patients"] == Tally(done=5, gone=1)
    assert labels(orthanc, *studies[1:]) == before[1:]
    assert [patient for patient in orthanc.patients.ids() if orthanc.patients[patient].protected.get()] == []


def test_metadata_cannot_be_undone_and_the_journal_holds_no_value(
    orthanc: Orthanc, studies: list[str], tmp_path: Path
) -> None:
    before = labels(orthanc, *studies)
    wanted = document(policy(metadata={"set": {"note": "of {PatientID}"}}, labels={"add": ["a"]}))
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        assert apply(orthanc, plan(orthanc, wanted), journal=journal).ok
    text = path.read_text()
    assert "of {PatientID}" in text
    assert "of P00" not in text
    undo = rollback(orthanc, History.read(path).runs[-1])
    [note] = undo.notes
    assert "metadata note of 6 resources" in note.message
    assert apply(orthanc, undo, allow_deletes=True).ok
    assert labels(orthanc, *studies) == before


def test_taking_away_falls_under_the_limits_of_deletions(orthanc: Orthanc, studies: list[str]) -> None:
    found = plan(orthanc, document(policy(labels={"remove": ["inbox"]})))
    assert found.over_limits == ("policies/archive: 3 resources would lose the label inbox",)
    with pytest.raises(ExecutionError, match="3 resources would lose the label inbox"):
        apply(orthanc, found)
    assert labels(orthanc, *studies)[:3] == [["inbox"]] * 3
    assert apply(orthanc, found, allow_deletes=True).ok


def test_a_snapshot_taken_with_the_document_holds_what_its_policies_select(
    orthanc: Orthanc, studies: list[str], tmp_path: Path
) -> None:
    from orthanc_state.engine import snapshot
    from orthanc_state.planning.sealed import FileError

    wanted = document(policy("archive", labels={"add": ["archive"], "remove": ["inbox"]}))
    snapshot(orthanc, tmp_path / "with.json", wanted)
    snapshot(orthanc, tmp_path / "without.json")
    assert "P00" not in (tmp_path / "with.json").read_text()
    found = plan(open_snapshot(tmp_path / "with.json"), wanted)
    assert found.by_policies == plan(orthanc, wanted).by_policies
    with pytest.raises(FileError, match="policies"):
        plan(open_snapshot(tmp_path / "without.json"), wanted)
    other = document(policy("archive", labels={"add": ["other"]}))
    with pytest.raises(FileError, match="archive"):
        plan(open_snapshot(tmp_path / "with.json"), other)
    orthanc.studies[studies[0]].labels.add("archive")
    report = apply(orthanc, found, allow_deletes=True)
    assert report.results[0].outcome is Outcome.APPLIED
    assert tallies(report) == [Tally(done=8, already=1)]
