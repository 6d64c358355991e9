"""A plan and a report as plain data."""

from __future__ import annotations

import dataclasses
import json

from orthanc_state.errors import Problem
from orthanc_state.kinds.state import Hidden
from orthanc_state.planning.change import Action
from orthanc_state.render.data import plan_data, report_data
from tests.render.samples import IN_SYNC, PACS, PLAN, REPORT, change


def test_what_a_plan_takes_away_beyond_its_limits_and_cannot_undo_is_in_it() -> None:
    deletions = tuple(change(Action.DELETE, "modalities", f"m{number}", PACS, None) for number in range(9))
    plan = dataclasses.replace(IN_SYNC, changes=deletions, existing={"modalities": 9}, notes=(Problem("lost"),))
    data = plan_data(plan)
    assert data["over_limits"] == ["9 of 9 modalities would be deleted"]
    assert [note["message"] for note in data["notes"]] == ["lost"]


def test_what_goes_without_saying_of_a_new_entry_can_be_left_out_and_never_of_a_changed_one() -> None:
    fields = {
        each["address"]: (each["action"], [field["path"] for field in each["fields"]], len(whole["fields"]))
        for each, whole in zip(plan_data(PLAN, with_defaults=False)["changes"], plan_data(PLAN)["changes"], strict=True)
        if "fields" in each
    }
    for action, shown, count in fields.values():
        assert len(shown) == count if action == "update" else len(shown) <= count
    assert any(action == "create" and 0 < len(shown) < count for action, shown, count in fields.values())


def test_what_has_moved_since_the_plan_is_there_from_every_point_of_view() -> None:
    data = report_data(REPORT)
    moved = {result["address"]: result["moved"] for result in data["results"] if result["moved"]}
    assert moved["modalities/old-workstation"][0] == {"path": "aet", "planned_from": "OLD", "is": "PACS"}
    assert moved["modalities/ct1"][0] == {"path": "aet", "is": "PACS", "was_to_be": "CT1"}
    assert moved["dicom/accepted_transfer_syntaxes"] == [
        {
            "path": "value",
            "planned_from": ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.3.4"],
            "is": ["1.2.840.10008.1.2", "1.2.5"],
            "was_to_be": ["1.2.840.10008.1.2", "1.2.840.10008.1.2.4.50"],
        }
    ]
    assert moved["peers/backup"][0] == {
        "path": "password",
        **dict.fromkeys(("planned_from", "is", "was_to_be"), "(secret)"),
    }


def test_it_is_json() -> None:
    text = json.dumps([plan_data(PLAN), report_data(REPORT)])
    assert Hidden.__name__ not in text
