"""Asks a server which resources a policy selects, and what they lack. Only questions are sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from orthanc_state.client import BadRequestError, NotFoundError
from orthanc_state.kinds.effect import Effects, Selected, Verb
from orthanc_state.kinds.hierarchy import level_name, parent_of, segment
from orthanc_state.kinds.identifiers import Identifiers
from orthanc_state.kinds.match import evaluated
from orthanc_state.kinds.policy import filled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from orthanc_state.client import Orthanc
    from orthanc_state.client.answers import ResourceDetails
    from orthanc_state.kinds.hierarchy import LevelWord
    from orthanc_state.kinds.policy import Policy

BATCH = 500
"""How many resources are described at once by a server that does not say everything when it finds."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A server, as far as selecting has to know it.

    Attributes:
        orthanc: A client that only reads.
        extended: Whether it gives exactly what is asked for of each resource (since 1.12.5).
        labels: Whether it has labels (since 1.12.0).
        tells_protection: Whether it tells of each patient that it finds whether it is protected (since 1.12.8).
        today: The day that relative dates are counted from.
    """

    orthanc: Orthanc
    extended: bool
    labels: bool
    tells_protection: bool
    today: date
    _labelled: dict[tuple[LevelWord, str], set[str]] = field(default_factory=dict)

    def level(self, level: LevelWord) -> Any:
        """The part of the API for a level."""
        return getattr(self.orthanc, segment(level))

    def labelled(self, level: LevelWord, label: str) -> set[str]:
        """Every resource of a level that has a label; asked once for each."""
        if (level, label) not in self._labelled:
            self._labelled[level, label] = set(self.level(level).find_ids(labels=[label]))
        return self._labelled[level, label]


def select(
    archive: Archive,
    policy: Policy,
    *,
    whole: bool,
    query: Mapping[str, str] | None = None,
    counted: bool = True,
) -> Selected:
    """What one policy finds.

    Args:
        archive: The server.
        policy: The policy.
        whole: Whether everything that it selects is wanted, and not only what lacks something.
        query: What to ask for, instead of what it matches today.
        counted: Whether it matters how many it selects.

    Raises:
        ClientError: The server refuses, or cannot give all.
    """
    if query is None:
        query = {keyword: evaluated(value, archive.today) for keyword, value in policy.fields.items()}
    if archive.extended and not whole and _is_simple(policy):
        return _by_label(archive, policy, query, counted=counted)
    return _one_by_one(archive, policy, query, whole=whole)


def _is_simple(policy: Policy) -> bool:
    """Whether the server alone can tell who lacks what: labels are given or taken, and nothing else matters."""
    where = policy.where
    return not (
        where.labels.names
        or where.metadata
        or where.parent
        or policy.metadata.set
        or policy.metadata.remove
        or policy.protected is not None
        or policy.labels.exclusive
    )


def _by_label(archive: Archive, policy: Policy, query: Mapping[str, str], *, counted: bool) -> Selected:
    """One question for each label: who should have it and has not, who has it and should not."""
    level = archive.level(policy.level)
    effects = Effects()
    for label in policy.labels.add:
        effects.add(Verb.ADD_LABEL, label, "", *level.find_ids(query, labels=[label], labels_constraint="None"))
    for label in policy.labels.remove:
        effects.add(Verb.REMOVE_LABEL, label, "", *level.find_ids(query, labels=[label]))
    frozen = effects.frozen()
    # How many it selects is shown only beside what it changes.
    return Selected(policy.name, query, _count(level, query) if counted and frozen else 0, frozen)


def _count(level: Any, query: Mapping[str, str]) -> int:
    try:
        return int(level.count(query))
    except BadRequestError:
        # Tags that the index has not can be found, but not counted.
        return len(level.find_ids(query))


def _one_by_one(archive: Archive, policy: Policy, query: Mapping[str, str], *, whole: bool) -> Selected:
    """One pass over all that match, with no more of each than the policy looks at."""
    effects = Effects()
    selected: set[str] = set()
    values: dict[str, dict[str, str]] = {}
    parents = _parents(archive, policy)
    for details in _details(archive, policy, query):
        if not _is_selected(policy, details, parents):
            continue
        selected.add(details["ID"])
        _add_effects(effects, policy, details)
        if whole:
            for name, template in policy.metadata.set.items():
                values.setdefault(name, {})[details["ID"]] = filled(template, _tags(details))
    for label in policy.labels.exclusive:
        effects.add(Verb.REMOVE_LABEL, label, "", *(archive.labelled(policy.level, label) - selected))
    resources = Identifiers.of(selected) if whole else None
    return Selected(policy.name, query, len(selected), effects.frozen(), resources, values if whole else None)


def _is_selected(policy: Policy, details: ResourceDetails, parents: set[str] | None) -> bool:
    metadata = details.get("Metadata", {})
    return (
        policy.where.labels.holds(frozenset(details.get("Labels", ())))
        and all(metadata.get(name) == value for name, value in policy.where.metadata.items())
        and (parents is None or _parent(details, policy.level) in parents)
    )


def _add_effects(effects: Effects, policy: Policy, details: ResourceDetails) -> None:
    """What one selected resource lacks."""
    identifier, labels, metadata = details["ID"], details.get("Labels", ()), details.get("Metadata", {})
    for label in policy.labels.given:
        if label not in labels:
            effects.add(Verb.ADD_LABEL, label, "", identifier)
    for label in policy.labels.remove:
        if label in labels:
            effects.add(Verb.REMOVE_LABEL, label, "", identifier)
    for name, template in policy.metadata.set.items():
        value = filled(template, _tags(details))
        if metadata.get(name) != value:
            effects.add(Verb.SET_METADATA, name, value, identifier)
    for name in policy.metadata.remove:
        if name in metadata:
            effects.add(Verb.REMOVE_METADATA, name, "", identifier)
    if policy.protected is not None and details.get("IsProtected") is not policy.protected:
        effects.add(Verb.PROTECT if policy.protected else Verb.UNPROTECT, "", "", identifier)


def _details(archive: Archive, policy: Policy, query: Mapping[str, str]) -> Iterator[ResourceDetails]:
    """Each resource that matches, with what the policy looks at."""
    looks_at_metadata = bool(policy.where.metadata or policy.metadata.set or policy.metadata.remove)
    criteria: dict[str, Any] = {}
    if policy.where.labels.all:
        criteria["labels"] = policy.where.labels.all
    elif policy.where.labels.any:
        criteria |= {"labels": policy.where.labels.any, "labels_constraint": "Any"}
    elif policy.where.labels.none:
        criteria |= {"labels": policy.where.labels.none, "labels_constraint": "None"}
    level = archive.level(policy.level)
    if not archive.extended:
        found = _completed(archive, level.find(query, **criteria), metadata=looks_at_metadata)
        yield from _with_protection(archive, policy, found)
        return
    wanted = {
        "Labels": bool(policy.labels.names or policy.where.labels.names),
        "Metadata": looks_at_metadata,
        "Parent": policy.where.parent is not None,
        "IsProtected": policy.protected is not None and archive.tells_protection,
    }
    content = [name for name, is_wanted in wanted.items() if is_wanted]
    found = level.find(query, content=content, requested_tags=policy.template_keywords, **criteria)
    yield from found if archive.tells_protection else _with_protection(archive, policy, found)


def _completed(archive: Archive, found: Iterable[ResourceDetails], *, metadata: bool) -> Iterator[ResourceDetails]:
    """What an older server does not say of what it finds is asked for; what vanished meanwhile is left out."""
    left = iter(found)
    while batch := list(islice(left, BATCH)):
        described: dict[str, ResourceDetails] = {}
        if metadata:
            ids = [details["ID"] for details in batch]
            described = {item["ID"]: item for item in archive.orthanc.tools.bulk_content(ids)}
        for details in batch:
            if metadata:
                if details["ID"] not in described:
                    continue
                details["Metadata"] = described[details["ID"]].get("Metadata", {})
            yield details


def _with_protection(archive: Archive, policy: Policy, found: Iterable[ResourceDetails]) -> Iterator[ResourceDetails]:
    """Before 1.12.8 each patient has to be asked for its protection; one that vanished meanwhile is left out."""
    for details in found:
        if policy.protected is not None:
            try:
                details["IsProtected"] = archive.orthanc.patients[details["ID"]].protected.get()
            except (BadRequestError, NotFoundError):
                continue
        yield details


def _tags(details: ResourceDetails) -> dict[str, Any]:
    return {
        **details.get("PatientMainDicomTags", {}),
        **details.get("MainDicomTags", {}),
        **details.get("RequestedTags", {}),
    }


def _parents(archive: Archive, policy: Policy) -> set[str] | None:
    """The resources above that have the labels that are asked for; None where nothing is asked."""
    above = parent_of(policy.level)
    if policy.where.parent is None or above is None:
        return None
    labels = policy.where.parent.labels
    level = archive.level(above)
    if labels.all:
        found = set(level.find_ids(labels=labels.all))
    elif labels.any:
        found = set(level.find_ids(labels=labels.any, labels_constraint="Any"))
    else:
        found = set(level.find_ids())
    if labels.all and labels.any:
        found &= set(level.find_ids(labels=labels.any, labels_constraint="Any"))
    for label in labels.none:
        found -= archive.labelled(above, label)
    return found


def _parent(details: ResourceDetails, level: LevelWord) -> str:
    above = parent_of(level)
    name = f"Parent{level_name(above)}" if above else ""
    return str(details.get(name, ""))
