"""Small archives of one-image studies, and policies in short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state import apply, from_data, plan
from tests.api.dicom_files import basic, encoded, ids_of

if TYPE_CHECKING:
    from orthanc_state import Document, Orthanc, Report
    from orthanc_state.execution.tally import Tally
    from tests.faults.fault_proxy import Seen

METADATA = {"UserMetadata": {"site": 1024, "note": 1025}}
SCRIPTS = {**METADATA, "ExecuteLuaEnabled": True}
QUESTIONS = ("/tools/find", "/tools/count-resources")


def store(orthanc: Orthanc, *patients: str, **tags: Any) -> list[str]:
    """Store one study for each patient; Orthanc's identifiers of the studies."""
    studies = []
    for patient in patients:
        dataset = basic("1.2.840.10008.5.1.4.1.1.7", patient, 1, Modality="OT", **tags)
        orthanc.instances.upload(encoded(dataset))
        studies.append(ids_of(dataset)["studies"])
    return studies


def many(count: int) -> list[str]:
    """The names of some patients."""
    return [f"P{number:03}" for number in range(count)]


def policy(name: str = "archive", level: str = "study", **fields: Any) -> dict[str, Any]:
    """One policy, as a document has it."""
    return {"name": name, "level": level, **fields}


def document(*policies: dict[str, Any]) -> Document:
    """A document with some policies."""
    return from_data({"version": 1, "policies": list(policies)})


def labels(orthanc: Orthanc, *studies: str) -> list[list[str]]:
    """The labels of some studies."""
    return [sorted(orthanc.studies[study].labels.all()) for study in studies]


def writes(seen: list[Seen]) -> list[str]:
    """The requests that are no questions."""
    return [str(each) for each in seen if each.method != "GET" and each.path not in QUESTIONS]


def tallies(report: Report) -> list[Tally]:
    """What became of the resources of each policy."""
    return [result.tally for result in report.results if result.tally]


def finish(orthanc: Orthanc, wanted: Document) -> None:
    """A second apply does what is left."""
    assert apply(orthanc, plan(orthanc, wanted), allow_deletes=True).ok
    assert plan(orthanc, wanted).empty
