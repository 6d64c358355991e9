"""Asks a server which resources a policy selects, and what they lack. Only questions are sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orthanc_state.client import ApiError, BadRequestError, NotFoundError
from orthanc_state.client.answer import unexpected
from orthanc_state.kinds.effect import Effects, Selected, Verb
from orthanc_state.kinds.hierarchy import home, is_main_tag, level_name, parent_of, segment
from orthanc_state.kinds.identifiers import Identifiers
from orthanc_state.kinds.match import evaluated
from orthanc_state.kinds.policy import filled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from orthanc_state.client import Orthanc
    from orthanc_state.client.answers import ResourceDetails
    from orthanc_state.kinds.effect import Effect
    from orthanc_state.kinds.hierarchy import LevelWord
    from orthanc_state.kinds.policy import Policy

Sought = Mapping[tuple[Verb, str, str], Collection[str] | None]
"""What some resources may lack, as `Effect.what` says it, and which of them matter; None for all."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A server, as far as selecting has to know it.

    Attributes:
        orthanc: A client that only reads.
        extended: Whether it gives exactly what is asked for of each resource (since 1.12.5).
        labels: Whether it has labels (since 1.12.0).
        tells_protection: Whether it tells of each patient that it finds whether it is protected (since 1.12.8).
        today: The day that relative dates are counted from.
        metadata_names: The names of user metadata by their numbers, as far as it says them.
    """

    orthanc: Orthanc
    extended: bool
    labels: bool
    tells_protection: bool
    today: date
    metadata_names: Mapping[str, str] = field(default_factory=dict)
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
    sought: Sought | None = None,
) -> Selected:
    """What one policy finds.

    Args:
        archive: The server.
        policy: The policy.
        whole: Whether everything that it selects is wanted, and not only what lacks something.
        query: What to ask for, instead of what it matches today.
        counted: Whether it matters how many it selects.
        sought: What alone has to be found, where it is so; more may be.

    Raises:
        ClientError: The server refuses, cannot give all, or answers nonsense.
    """
    if query is None:
        query = {keyword: evaluated(value, archive.today) for keyword, value in policy.fields.items()}
    if archive.extended and not whole and is_simple(policy):
        return _by_label(archive, policy, query, counted=counted, sought=sought)
    return _one_by_one(archive, policy, query, whole=whole)


def is_simple(policy: Policy) -> bool:
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


def _by_label(
    archive: Archive, policy: Policy, query: Mapping[str, str], *, counted: bool, sought: Sought | None
) -> Selected:
    """One question for each label: who should have it and has not, who has it and should not."""
    level = archive.level(policy.level)
    # For a tag that is in no index the server reads a file of every resource: that is asked for once and for all.
    is_indexed = all(map(is_main_tag, query))

    def find(verb: Verb, label: str, constraint: str) -> Iterable[str]:
        some = None if sought is None else sought.get((verb, label, ""), ())
        found: Iterable[str]
        if some is None or (some and not is_indexed):
            found = level.find_ids(query, labels=[label], labels_constraint=constraint)
        else:
            found = level.among(some, query, labels=[label], labels_constraint=constraint)
        return found

    effects = Effects()
    for label in policy.labels.add:
        effects.add(Verb.ADD_LABEL, label, "", *find(Verb.ADD_LABEL, label, "None"))
    for label in policy.labels.remove:
        effects.add(Verb.REMOVE_LABEL, label, "", *find(Verb.REMOVE_LABEL, label, "All"))
    with _identifiers_expected():
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
    names = used_names(policy, archive.metadata_names)
    selected: set[str] = set()
    values: dict[str, dict[str, str]] = {}
    parents = _parents(archive, policy)
    for details in _details(archive, policy, query):
        metadata = metadata_of(details, names)
        if not _is_selected(policy, details, metadata, parents):
            continue
        selected.add(details["ID"])
        _add_effects(effects, policy, details, metadata)
        if whole:
            for name, template in policy.metadata.set.items():
                values.setdefault(name, {})[details["ID"]] = filled(template, _tags(details))
    for label in policy.labels.exclusive:
        effects.add(Verb.REMOVE_LABEL, label, "", *(archive.labelled(policy.level, label) - selected))
    with _identifiers_expected():
        resources = Identifiers.of(selected) if whole else None
        frozen = effects.frozen()
    # What `where` looks at is changed last: whoever is interrupted before that finds the same resources again.
    ordered = tuple(sorted(frozen, key=lambda effect: looks_at(policy, effect)))
    return Selected(policy.name, query, len(selected), ordered, resources, values if whole else None)


@contextmanager
def _identifiers_expected() -> Iterator[None]:
    """What a server gives as identifiers may be none.

    Raises:
        UnexpectedAnswerError: So it is.
    """
    try:
        yield
    except ValueError:
        raise unexpected("POST", "/tools/find", "identifiers of resources") from None


def last_change_of(orthanc: Orthanc) -> int:
    """The number of the last change that a server has noted; 0 where there is none, or they may not be read."""
    try:
        return orthanc.changes.last()
    except ApiError:
        return 0


def looks_at(policy: Policy, effect: Effect) -> bool:
    """Whether a policy selects by what an effect changes."""
    if effect.verb in (Verb.ADD_LABEL, Verb.REMOVE_LABEL):
        return effect.key in policy.where.labels.names
    return effect.verb in (Verb.SET_METADATA, Verb.REMOVE_METADATA) and effect.key in policy.where.metadata


def metadata_names(system: Mapping[str, Any]) -> dict[str, str]:
    """The names of user metadata by their numbers, as far as a server says them (`/system`)."""
    declared = system.get("UserMetadata")
    return {str(number): name for name, number in declared.items()} if isinstance(declared, dict) else {}


def used_names(policy: Policy, names: Mapping[str, str]) -> dict[str, str]:
    """Those of some names by number of which a policy uses the number."""
    used = {*policy.where.metadata, *policy.metadata.set, *policy.metadata.remove}
    return {number: name for number, name in names.items() if number in used}


def metadata_of(details: ResourceDetails, names: Mapping[str, str]) -> Mapping[str, str]:
    """The metadata of a resource by their names, and some by their numbers too."""
    metadata = details.get("Metadata", {})
    if not names:
        return metadata
    return {**metadata, **{number: metadata[name] for number, name in names.items() if name in metadata}}


def _is_selected(
    policy: Policy, details: ResourceDetails, metadata: Mapping[str, str], parents: set[str] | None
) -> bool:
    return (
        policy.where.labels.holds(frozenset(details.get("Labels", ())))
        and all(metadata.get(name) == value for name, value in policy.where.metadata.items())
        and (parents is None or _parent(details, policy.level) in parents)
    )


def _add_effects(effects: Effects, policy: Policy, details: ResourceDetails, metadata: Mapping[str, str]) -> None:
    """What one selected resource lacks."""
    identifier, labels = details["ID"], details.get("Labels", ())
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
        found = _completed(archive, policy, level.find(query, **criteria), metadata=looks_at_metadata)
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


def _completed(
    archive: Archive, policy: Policy, found: Iterable[ResourceDetails], *, metadata: bool
) -> Iterator[ResourceDetails]:
    """What an older server does not say of what it finds is asked for; what vanished meanwhile is left out."""
    inherited: dict[str, dict[str, Any]] = {}
    for details in found:
        try:
            if metadata:
                details["Metadata"] = archive.level(policy.level)[details["ID"]].metadata.all()
            if any(home(keyword) != policy.level for keyword in policy.template_keywords):
                details["RequestedTags"] = _inherited(archive, policy.level, details, inherited)
        except NotFoundError:
            continue
        yield details


def _inherited(
    archive: Archive, level: LevelWord, details: ResourceDetails, known: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """The tags of the resources above one; what was asked for once is known.

    Raises:
        NotFoundError: One of them has vanished.
    """
    above = parent_of(level)
    if above is None or level == "study":
        # A study has those of its patient with its own.
        return {}
    identifier = _parent(details, level)
    if identifier not in known:
        parent = archive.level(above)[identifier].details()
        known[identifier] = {**_inherited(archive, above, parent, known), **_tags(parent)}
    return known[identifier]


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
