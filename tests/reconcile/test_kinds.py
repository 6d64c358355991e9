"""For every kind, on every version: create, update, delete, prune and ignore do what the plan says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from orthanc_state import Orthanc, Plan, apply, from_data, plan
from orthanc_state.kinds.registry import resource_kinds
from orthanc_state.planning.change import Action


@dataclass(frozen=True)
class Case:
    """Two states of one kind, as sections of a document, and what a plan from the one to the other is to do."""

    kind: str
    before: dict[str, Any]
    after: dict[str, Any]
    changes: dict[str, Action] = field(default_factory=dict)


PACS = {"aet": "PACS", "host": "10.0.0.5", "port": 11112}
BACKUP = {"url": "http://backup.example:8042/", "username": "sync", "password": "one"}
CLOUD = {"url": "https://cloud.example/dicom-web/", "username": "sync", "password": "one"}
CASES = {
    "modality created": Case("modalities", {}, {"modalities": {"pacs": PACS}}, {"modalities/pacs": Action.CREATE}),
    "modality updated": Case(
        "modalities",
        {"modalities": {"pacs": {**PACS, "allow_find": False, "timeout": 5}}},
        {"modalities": {"pacs": {**PACS, "port": 104}}},
        {"modalities/pacs": Action.UPDATE},
    ),
    "modality deleted": Case(
        "modalities",
        {"modalities": {"pacs": PACS}},
        {"modalities": {"pacs": {"state": "absent"}}},
        {"modalities/pacs": Action.DELETE},
    ),
    "modality pruned": Case(
        "modalities",
        {"modalities": {"pacs": PACS, "old": PACS}},
        {"modalities": {"pacs": PACS}, "prune": {"modalities": True}},
        {"modalities/old": Action.DELETE},
    ),
    "modality with a field ignored": Case(
        "modalities",
        {"modalities": {"pacs": {**PACS, "timeout": 5, "allow_get": False}}},
        {"modalities": {"pacs": {**PACS, "port": 104, "ignore": ["timeout", "allow_get"]}}},
        {"modalities/pacs": Action.UPDATE},
    ),
    "only an ignored field differs": Case(
        "modalities",
        {"modalities": {"pacs": {**PACS, "timeout": 5}}},
        {"modalities": {"pacs": {**PACS, "ignore": ["timeout"]}}},
    ),
    "storage commitment is two rights": Case(
        "modalities",
        {"modalities": {"pacs": PACS}},
        {
            "DicomModalities": {
                "pacs": {"AET": "PACS", "Host": "10.0.0.5", "Port": "11112", "AllowStorageCommitment": False}
            }
        },
        {"modalities/pacs": Action.UPDATE},
    ),
    "peer created": Case("peers", {}, {"peers": {"backup": BACKUP}}, {"peers/backup": Action.CREATE}),
    "peer updated": Case(
        "peers",
        {"peers": {"backup": BACKUP}},
        {"peers": {"backup": {**BACKUP, "timeout": 30, "properties": {"Owner": "radiology"}}}},
        {"peers/backup": Action.UPDATE},
    ),
    "peer deleted": Case(
        "peers",
        {"peers": {"backup": BACKUP}},
        {"peers": {"backup": {"state": "absent"}}},
        {"peers/backup": Action.DELETE},
    ),
    "peer pruned": Case(
        "peers",
        {"peers": {"backup": BACKUP, "old": BACKUP}},
        {"peers": {"backup": BACKUP}, "prune": {"peers": True}},
        {"peers/old": Action.DELETE},
    ),
    "peer with a field ignored": Case(
        "peers",
        {"peers": {"backup": {**BACKUP, "timeout": 7}}},
        {"peers": {"backup": {**BACKUP, "url": "http://other.example/", "ignore": ["timeout"]}}},
        {"peers/backup": Action.UPDATE},
    ),
    "peer with its secret ignored": Case(
        "peers",
        {"peers": {"backup": BACKUP}},
        {"peers": {"backup": {**BACKUP, "password": "two", "ignore": ["password"]}}},
    ),
    "DICOMweb server created": Case(
        "dicomweb_servers", {}, {"dicomweb_servers": {"a cloud": CLOUD}}, {"dicomweb_servers/a cloud": Action.CREATE}
    ),
    "DICOMweb server updated": Case(
        "dicomweb_servers",
        {"dicomweb_servers": {"cloud": {**CLOUD, "has_delete": True, "chunked_transfers": False, "timeout": 9}}},
        {"DicomWeb": {"Servers": {"cloud": {**CLOUD, "ChunkedTransfers": False, "HasDelete": False}}}},
        {"dicomweb_servers/cloud": Action.UPDATE},
    ),
    "DICOMweb server deleted": Case(
        "dicomweb_servers",
        {"dicomweb_servers": {"cloud": CLOUD}},
        {"dicomweb_servers": {"cloud": {"state": "absent"}}},
        {"dicomweb_servers/cloud": Action.DELETE},
    ),
    "DICOMweb server pruned": Case(
        "dicomweb_servers",
        {"dicomweb_servers": {"cloud": CLOUD, "old %": CLOUD}},
        {"dicomweb_servers": {"cloud": CLOUD}, "prune": {"dicomweb_servers": True}},
        {"dicomweb_servers/old %": Action.DELETE},
    ),
    "transfer syntaxes": Case(
        "dicom.accepted_transfer_syntaxes",
        {"dicom": {"accepted_transfer_syntaxes": "all"}},
        {"dicom": {"accepted_transfer_syntaxes": ["ExplicitVRLittleEndian", "1.2.840.10008.1.2.4.9?"]}},
        {"dicom/accepted_transfer_syntaxes": Action.UPDATE},
    ),
    "transfer syntaxes back to all": Case(
        "dicom.accepted_transfer_syntaxes",
        {"dicom": {"accepted_transfer_syntaxes": ["RLELossless"]}},
        {"AcceptedTransferSyntaxes": ["all"]},
        {"dicom/accepted_transfer_syntaxes": Action.UPDATE},
    ),
    "unknown SOP class": Case(
        "dicom.unknown_sop_class_accepted",
        {"dicom": {"unknown_sop_class_accepted": False}},
        {"dicom": {"unknown_sop_class_accepted": True}},
        {"dicom/unknown_sop_class_accepted": Action.UPDATE},
    ),
    "default encoding": Case(
        "dicom.default_encoding",
        {"dicom": {"default_encoding": "Latin1"}},
        {"dicom": {"default_encoding": "utf8"}},
        {"dicom/default_encoding": Action.UPDATE},
    ),
    "log level of a category": Case(
        "logging",
        {"logging": {"all": "default"}},
        {"logging": {"http": "verbose"}},
        {"logging/http": Action.UPDATE},
    ),
    "log level of all categories but some": Case(
        "logging",
        {"logging": {"all": "default", "dicom": "trace"}},
        {"logging": {"all": "verbose", "dicom": "trace", "lua": "default"}},
        {f"logging/{name}": Action.UPDATE for name in ("generic", "http", "jobs", "plugins", "sqlite")},
    ),
    "metrics": Case("metrics", {"metrics": True}, {"metrics": False}, {"metrics": Action.UPDATE}),
}


def planned(found: Plan) -> dict[str, Action]:
    """The changes of a plan by address, in its order."""
    return {change.address: change.action for change in found.changes}


@pytest.mark.orthanc(plugins=["dicomweb"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_plan_is_done_and_the_next_one_is_empty(orthanc: Orthanc, case: Case) -> None:
    before, after = (from_data({"version": 1, **sections}) for sections in (case.before, case.after))
    apply(orthanc, plan(orthanc, before))
    found = plan(orthanc, after)
    assert planned(found) == case.changes
    report = apply(orthanc, found)
    assert report.ok, report
    assert [result.change for result in report.results] == list(found.changes)
    assert plan(orthanc, after).empty


def test_every_kind_has_a_case() -> None:
    assert {case.kind for case in CASES.values()} == {kind.name for kind in resource_kinds()}


def test_an_ignored_field_keeps_its_live_value(orthanc: Orthanc) -> None:
    case = CASES["modality with a field ignored"]
    for sections in (case.before, case.after):
        apply(orthanc, plan(orthanc, from_data({"version": 1, **sections})))
    live = orthanc.modalities["pacs"].configuration()
    assert (live["Port"], live["Timeout"], live["AllowGet"]) == (104, 5, False)


def test_a_field_that_is_left_out_returns_to_its_default(orthanc: Orthanc) -> None:
    orthanc.modalities["pacs"].put({"AET": "PACS", "Host": "h", "Port": 104, "AllowMove": False, "Timeout": 9})
    apply(orthanc, plan(orthanc, from_data({"version": 1, "modalities": {"pacs": ["PACS", "h", 104]}})))
    live = orthanc.modalities["pacs"].configuration()
    assert (live["AllowMove"], live["Timeout"]) == (True, 0)


def test_what_is_not_declared_is_left_alone_and_listed(orthanc: Orthanc) -> None:
    orthanc.modalities["other"].put({"AET": "OTHER", "Host": "h", "Port": 104})
    orthanc.tools.metrics.set(False)
    before = orthanc.modalities["other"].configuration()
    found = plan(orthanc, from_data({"version": 1, "modalities": {"pacs": PACS}}))
    assert found.unmanaged == ("modalities/other",)
    apply(orthanc, found)
    assert orthanc.modalities["other"].configuration() == before
    assert orthanc.tools.metrics.get() is False


def test_an_empty_section_never_prunes(orthanc: Orthanc) -> None:
    orthanc.modalities["other"].put({"AET": "OTHER", "Host": "h", "Port": 104})
    document = from_data({"version": 1, "modalities": {}, "prune": {"modalities": True}})
    found = plan(orthanc, document)
    assert found.empty
    assert "nothing is pruned" in found.warnings[0].message


def test_deletions_come_last(orthanc: Orthanc) -> None:
    orthanc.modalities["a"].put({"AET": "OLD", "Host": "h", "Port": 104})
    sections = {"modalities": {"a": {"state": "absent"}, "b": PACS}, "peers": {"backup": BACKUP}, "metrics": False}
    found = plan(orthanc, from_data({"version": 1, **sections}))
    assert [change.action for change in found.changes][-1] is Action.DELETE
    assert [change.action for change in found.changes].count(Action.DELETE) == 1


def test_an_obsolete_manufacturer_is_no_eternal_difference(orthanc: Orthanc) -> None:
    document = from_data({"version": 1, "modalities": {"pacs": {**PACS, "manufacturer": "SyngoVia"}}})
    apply(orthanc, plan(orthanc, document))
    assert orthanc.modalities["pacs"].configuration()["Manufacturer"] == "GenericNoWildcardInDates"
    assert plan(orthanc, document).empty
