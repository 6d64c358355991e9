"""A small archive, and what a plain reading of policies makes of it, one resource after another."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tests.api.dicom_files import ct, encoded, ids_of

if TYPE_CHECKING:
    from orthanc_state import Orthanc

LEVELS = ("patient", "study", "series", "instance")
SEGMENTS = {"patient": "patients", "study": "studies", "series": "series", "instance": "instances"}

# Patient, study, modality, date, description: what the policies of the tests can tell apart.
STUDIES = (
    ("ANN", 1, "CT", "20150301", "Thorax"),
    ("ANN", 2, "MR", "20240301", "Knee left"),
    ("BOB", 3, "CT", "20240410", "Thorax"),
    ("BOB", 4, "CR", "20100110", "Knee right"),
    ("CLEO", 5, "MR", "20200229", "Skull"),
    ("CLEO", 6, "CT", "20250505", "Skull"),
)


@dataclass(slots=True)
class Resource:
    """One resource, as a reader of the archive sees it."""

    id: str
    level: str
    tags: dict[str, str]
    parent: str = ""
    labels: set[str] = field(default_factory=set)
    metadata: dict[str, str] = field(default_factory=dict)
    protected: bool = False


def fill(orthanc: Orthanc) -> dict[str, Resource]:
    """Store the archive; every resource of it by its identifier."""
    found: dict[str, Resource] = {}
    for patient, study, modality, date, description in STUDIES:
        for instance in range(1, 2 + study % 2):
            dataset = ct(patient, study, 1, instance, Modality=modality, StudyDate=date, StudyDescription=description)
            orthanc.instances.upload(encoded(dataset))
            tags = {keyword: str(getattr(dataset, keyword)) for keyword in KNOWN}
            parent = ""
            for segment, identifier in ids_of(dataset).items():
                level = next(level for level in LEVELS if SEGMENTS[level] == segment)
                own = {
                    keyword: tags[keyword] for keyword in KNOWN if LEVELS.index(KNOWN[keyword]) <= LEVELS.index(level)
                }
                if level == "study":
                    own["ModalitiesInStudy"] = modality
                found[identifier] = Resource(identifier, level, own, parent)
                parent = identifier
    return found


KNOWN = {
    "PatientID": "patient",
    "StudyDate": "study",
    "StudyDescription": "study",
    "Modality": "series",
    "InstanceNumber": "instance",
}
"""The keywords that the policies of the tests match, and the level of each."""


def read(orthanc: Orthanc, archive: dict[str, Resource]) -> dict[str, Resource]:
    """The archive as it is on the server, asked for by identifiers and not by what is searched for."""
    now = {}
    for details in orthanc.tools.bulk_content(list(archive)):
        known = archive[details["ID"]]
        metadata = {name: value for name, value in details["Metadata"].items() if name in ("site", "note")}
        protected = known.level == "patient" and orthanc.patients[known.id].protected.get()
        now[known.id] = Resource(
            known.id, known.level, known.tags, known.parent, set(details["Labels"]), metadata, protected
        )
    assert now.keys() == archive.keys()
    return now


def write(orthanc: Orthanc, wanted: dict[str, Resource]) -> None:
    """Make the archive so, resource by resource."""
    now = read(orthanc, wanted)
    for identifier, resource in wanted.items():
        own = getattr(orthanc, SEGMENTS[resource.level])[identifier]
        own.labels.add(*sorted(resource.labels - now[identifier].labels))
        own.labels.remove(*sorted(now[identifier].labels - resource.labels))
        for name in ("site", "note"):
            before, after = now[identifier].metadata.get(name), resource.metadata.get(name)
            if before == after:
                continue
            if before is not None:
                current = own.metadata[name].read()
                assert current is not None
                own.metadata[name].delete(revision=current.revision)
            if after is not None:
                own.metadata[name].set(after)
        if resource.level == "patient" and resource.protected is not now[identifier].protected:
            own.protected.set(resource.protected)


def selects(policy: dict[str, Any], resource: Resource, archive: dict[str, Resource]) -> bool:
    """Whether a policy selects a resource."""
    if policy["level"] != resource.level:
        return False
    where = policy.get("where", {})
    return (
        all(_matches(resource.tags.get(keyword, ""), value) for keyword, value in policy.get("match", {}).items())
        and _holds(where.get("labels", {}), resource.labels)
        and all(resource.metadata.get(name) == value for name, value in where.get("metadata", {}).items())
        and ("parent" not in where or _holds(where["parent"]["labels"], archive[resource.parent].labels))
    )


def _matches(value: str, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return any(_matches(value, item) for item in wanted)
    if isinstance(wanted, dict):
        return str(wanted.get("from", "")) <= value <= str(wanted.get("to", "9"))
    # Orthanc does not tell upper from lower case.
    return fnmatchcase(value.lower(), str(wanted).lower())


def _holds(where: dict[str, list[str]], labels: set[str]) -> bool:
    return (
        labels >= set(where.get("all", []))
        and (not where.get("any") or bool(labels & set(where["any"])))
        and not labels & set(where.get("none", []))
    )


def expected(policies: list[dict[str, Any]], archive: dict[str, Resource]) -> dict[str, Resource] | None:
    """What every resource should be; None when two policies want opposite things of one."""
    after = {}
    for identifier, resource in archive.items():
        labels: dict[str, set[bool]] = {}
        metadata: dict[str, set[str | None]] = {}
        protection: set[bool] = set()
        for policy in policies:
            if policy["level"] != resource.level:
                continue
            selected = selects(policy, resource, archive)
            own = policy.get("labels", {})
            for label in own.get("exclusive", []):
                labels.setdefault(label, set()).add(selected)
            if not selected:
                continue
            for label in own.get("add", []):
                labels.setdefault(label, set()).add(True)
            for label in own.get("remove", []):
                labels.setdefault(label, set()).add(False)
            for name, template in policy.get("metadata", {}).get("set", {}).items():
                value = template.replace("{PatientID}", resource.tags["PatientID"]).replace("{{}}", "{}")
                metadata.setdefault(name, set()).add(value)
            for name in policy.get("metadata", {}).get("remove", []):
                metadata.setdefault(name, set()).add(None)
            if "protected" in policy:
                protection.add(policy["protected"])
        wishes: list[set[Any]] = [*labels.values(), *metadata.values(), protection]
        if max(map(len, wishes)) > 1:
            return None
        values = {**resource.metadata, **{name: next(iter(wish)) for name, wish in metadata.items()}}
        after[identifier] = Resource(
            identifier,
            resource.level,
            resource.tags,
            resource.parent,
            {label for label in resource.labels if label not in labels}
            | {label for label, wish in labels.items() if True in wish},
            {name: value for name, value in values.items() if value is not None},
            True in protection if protection else resource.protected,
        )
    return after
