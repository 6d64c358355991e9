"""`policies`: labels, metadata and protection of what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from orthanc_state.client import NotFoundError
from orthanc_state.kinds.durability import ALWAYS
from orthanc_state.kinds.hierarchy import can_match, is_main_tag, parent_of
from orthanc_state.kinds.kind import Kind, Requirement
from orthanc_state.kinds.policy import LABELS_SINCE, Policy, keywords_in, problems, wrong
from orthanc_state.kinds.policy_snapshot import restored, stored
from orthanc_state.kinds.selection import Archive, is_simple, last_change_of, metadata_names, select
from orthanc_state.kinds.version import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pydantic_core import InitErrorDetails

    from orthanc_state.client import Orthanc
    from orthanc_state.kinds.effect import Selected
    from orthanc_state.kinds.selection import Sought

REQUESTED_TAGS_SINCE = "1.12.5"


@dataclass(frozen=True, slots=True)
class Raw:
    """What a server says of the policies.

    Attributes:
        selected: What each policy finds, by name; not those that the server is too old for.
        labels: Whether the server has labels.
        extended: Whether it gives tags that belong to no level, or that it computes.
        unknown: Names of metadata that the policies use and that it does not know.
        last_change: The number of the last change that it had noted before it was asked (`GET /changes?last`); 0 where
            that is of no use.
    """

    selected: Mapping[str, Selected]
    labels: bool
    extended: bool
    unknown: frozenset[str]
    last_change: int = 0


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two policies that want opposite things of one resource."""

    first: str
    second: str
    what: str
    level: str
    example: str
    count: int


class Policies(Kind):
    """Policies, in the order in which they are written."""

    name = "policies"
    rank = 900
    summary = "Labels, metadata and protection of what is stored."
    durability = ALWAYS
    example: ClassVar[Any] = [
        {
            "name": "archive-old-ct",
            "level": "study",
            "match": {"ModalitiesInStudy": "CT", "StudyDate": {"older_than": "5y"}},
            "where": {"labels": {"none": ["keep"]}},
            "labels": {"add": ["archive"], "remove": ["inbox"]},
            "metadata": {"set": {"hospital": "{InstitutionName}"}},
        },
        {"name": "keep-trial", "level": "patient", "match": {"PatientID": "TRIAL-*"}, "protected": True},
    ]

    @cached_property
    def adapter(self) -> TypeAdapter[list[Policy]]:
        return TypeAdapter(list[Policy], config=ConfigDict(hide_input_in_errors=True))

    def canonical(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [
            {**policy, "level": policy["level"].lower()}
            if isinstance(policy, dict) and isinstance(policy.get("level"), str)
            else policy
            for policy in value
        ]

    def elsewhere(self, section: list[Policy]) -> Iterable[tuple[tuple[str | int, ...], str]]:
        yield (), "policies are about what is stored, and no configuration: apply the document"

    def parse(self, value: Any) -> list[Policy]:
        policies: list[Policy] = super().parse(value)
        found = [problem for index, policy in enumerate(policies) for problem in problems(index, policy)]
        found += _between(policies)
        if found:
            raise ValidationError.from_exception_data("policies", found, hide_input=True)
        return policies

    def requests(self, path: Sequence[str]) -> tuple[str, ...]:
        written = {
            "labels": ("PUT /{level}/{id}/labels/{label}", "DELETE /{level}/{id}/labels/{label}"),
            "metadata": ("PUT /{level}/{id}/metadata/{name}", "DELETE /{level}/{id}/metadata/{name}"),
            "protected": ("PUT /patients/{id}/protected",),
        }
        given, taken = ("add", "set"), ("remove",)
        if not path:
            return tuple(request for requests in written.values() for request in requests)
        requests = written.get(path[0], ())
        last = path[-1]
        return requests[:1] if last in given else requests[1:] if last in taken else requests

    def valid_keys(self, path: Sequence[str | int]) -> Sequence[str]:
        if not path or isinstance(path[-1], int):
            return ()
        model: Any = Policy
        for key in path[1:-1]:
            annotation = model.model_fields[key].annotation if key in getattr(model, "model_fields", {}) else None
            model = next((part for part in (annotation, *getattr(annotation, "__args__", ())) if _is_model(part)), None)
            if model is None:
                return ()
        return list(model.model_fields) if len(path) > 1 else ()

    def warnings(self, section: list[Policy]) -> Iterator[tuple[tuple[str | int, ...], str]]:
        for index, policy in enumerate(section):
            for keyword in policy.match:
                if not is_main_tag(keyword):
                    yield (
                        (index, "match", keyword),
                        f"`{keyword}` is in no index by default: the server reads a file of every {policy.level} "
                        "that the rest of `match` leaves",
                    )

    def read(self, orthanc: Orthanc, section: list[Policy] | None = None) -> Raw | None:
        if section is None:
            return None
        return self.select(orthanc, section, whole=_opposed(section))

    def select(
        self,
        orthanc: Orthanc,
        section: Sequence[Policy],
        *,
        whole: frozenset[str] = frozenset(),
        query: Mapping[str, str] | None = None,
        counted: bool = True,
        sought: Sought | None = None,
    ) -> Raw:
        """What policies find on a server.

        Args:
            orthanc: A client that only reads.
            section: The policies.
            whole: The names of those of which everything that they select is wanted.
            query: What to ask for instead of what they match: what was asked for when they were planned.
            counted: Whether it matters how many they select.
            sought: What alone has to be found, where it is so; more may be.
        """
        system = orthanc.system()
        declared = system.get("UserMetadata")
        archive = Archive(
            orthanc,
            extended=bool(system.get("Capabilities", {}).get("HasExtendedFind")),
            labels=bool(system.get("HasLabels")),
            tells_protection=parse_version(system["Version"]) >= (1, 12, 8),
            today=date.today(),
            metadata_names=metadata_names(system),
        )
        is_planned = query is None and sought is None
        last_change = last_change_of(orthanc) if is_planned and archive.extended and any(map(is_simple, section)) else 0
        return Raw(
            {
                policy.name: select(
                    archive, policy, whole=policy.name in whole, query=query, counted=counted, sought=sought
                )
                for policy in section
                if archive.labels or not _needs_labels(policy)
            },
            archive.labels,
            archive.extended,
            frozenset(
                name
                for name in {name for policy in section for _, name in _metadata(policy) if not name.isdigit()}
                if not (name in declared if isinstance(declared, dict) else _knows_metadata(orthanc, name))
            ),
            last_change,
        )

    def snapshot(self, raw: Raw | None, section: Sequence[Policy] | None) -> Any:
        if raw is None or section is None:
            return None
        found = {policy.name: raw.selected.get(policy.name) for policy in section}
        return {
            "labels": raw.labels,
            "extended": raw.extended,
            "unknown": sorted(raw.unknown),
            "selected": {policy.name: stored(policy, of) for policy in section if (of := found[policy.name])},
        }

    def from_snapshot(self, data: Any, section: Sequence[Policy]) -> Raw:
        if data is None:
            raise LookupError(self.name)
        selected = data["selected"]
        possible = [policy for policy in section if data["labels"] or not _needs_labels(policy)]
        return Raw(
            {policy.name: restored(policy, selected.get(policy.name)) for policy in possible},
            data["labels"],
            data["extended"],
            frozenset(data["unknown"]),
        )

    def requirements(self, section: Sequence[Policy], raw: Raw) -> Iterator[Requirement]:
        """What of the policies the server is too old for."""
        for index, policy in enumerate(section):
            if not raw.labels and _needs_labels(policy):
                yield Requirement((index, "labels"), "labels", LABELS_SINCE)
            for name, template in policy.metadata.set.items():
                for keyword in keywords_in(template) if not raw.extended else ():
                    # What Orthanc computes is a tag of its own level only.
                    if not (is_main_tag(keyword) and can_match(keyword, "instance")):
                        yield Requirement((index, "metadata", "set", name), "{" + keyword + "}", REQUESTED_TAGS_SINCE)

    def undeclared(self, section: Sequence[Policy], raw: Raw) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Names of metadata that the server does not know: where they stand, and what they are."""
        for index, policy in enumerate(section):
            for path, name in _metadata(policy):
                if name in raw.unknown:
                    yield (index, *path, name), name

    def conflicts(self, section: Sequence[Policy], raw: Raw) -> Iterator[Conflict]:
        """Where two policies want opposite things of the same resource."""
        for first, second in combinations(section, 2):
            if first.level != second.level or not {first.name, second.name} <= raw.selected.keys():
                continue
            for what, clashing in _clashes(first, raw.selected[first.name], second, raw.selected[second.name]):
                if clashing:
                    yield Conflict(first.name, second.name, what, first.level, min(clashing), len(clashing))


def _metadata(policy: Policy) -> Iterator[tuple[tuple[str, str], str]]:
    """The names of metadata that a policy uses, each with where it stands."""
    for name in policy.metadata.set:
        yield ("metadata", "set"), name
    for name in policy.metadata.remove:
        yield ("metadata", "remove"), name
    for name in policy.where.metadata:
        yield ("where", "metadata"), name


def _knows_metadata(orthanc: Orthanc, name: str) -> bool:
    """Whether a server that does not say which metadata it knows does not stumble over a name.

    It has other words for a name that it does not know than for one of which the resource has no value.
    """
    for patient in orthanc.patients.ids(limit=1, since=0):
        try:
            orthanc.patients[patient].metadata[name].get()
        except NotFoundError as error:
            return "inexistent item" not in f"{error.error} {error.details}".lower()
    return True


def _is_model(part: Any) -> bool:
    return hasattr(part, "model_fields")


def _needs_labels(policy: Policy) -> bool:
    parent = policy.where.parent
    return bool(policy.labels.names or policy.where.labels.names or (parent and parent.labels.names))


def _between(policies: Sequence[Policy]) -> Iterator[InitErrorDetails]:
    """What is wrong with policies together: a name that is used twice, and a policy that looks at what another one
    changes, so that what it selects would depend on which was applied first."""
    seen: set[str] = set()
    for index, policy in enumerate(policies):
        if policy.name in seen:
            yield wrong((index, "name"), f"`{policy.name}` is the name of another policy too")
        seen.add(policy.name)
        for other in policies:
            if other is policy:
                continue
            for path, what in _looks_at(policy, other):
                yield wrong(
                    (index, "where", *path),
                    f"policy `{other.name}` changes the {what}: what this one selects would depend on which is "
                    "applied first; select by `match`, or make one policy of both",
                )


def _looks_at(policy: Policy, other: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    where = policy.where
    if other.level == policy.level:
        for label in sorted(where.labels.names & other.labels.names):
            yield ("labels",), f"label `{label}`"
        for name in where.metadata:
            if name in other.metadata.set or name in other.metadata.remove:
                yield ("metadata", name), f"metadata `{name}`"
    if where.parent is not None and other.level == parent_of(policy.level):
        for label in sorted(where.parent.labels.names & other.labels.names):
            yield ("parent", "labels"), f"label `{label}` of the {other.level}"


def _opposed(section: Sequence[Policy]) -> frozenset[str]:
    """The policies that may want opposite things of a resource, if there is one that both select."""
    found: set[str] = set()
    for first, second in combinations(section, 2):
        if first.level == second.level and any(True for _ in _oppositions(first, second)):
            found |= {first.name, second.name}
    return frozenset(found)


def _oppositions(first: Policy, second: Policy) -> Iterator[tuple[str, str]]:
    """What two policies may want opposite things of: a sort (label, exclusive, metadata, protection) and a name."""
    for label in sorted(first.labels.names & second.labels.names):
        if (label in first.labels.given) != (label in second.labels.given):
            yield "label", label
        if label in first.labels.exclusive or label in second.labels.exclusive:
            yield "exclusive", label
    names = {name for policy in (first, second) for name in (*policy.metadata.set, *policy.metadata.remove)}
    for name in sorted(names):
        one, two = (_wish(policy, name) for policy in (first, second))
        if one is not UNCONCERNED and two is not UNCONCERNED and one != two:
            yield "metadata", name
    if None not in (first.protected, second.protected) and first.protected != second.protected:
        yield "protection", ""


UNCONCERNED = object()


def _wish(policy: Policy, name: str) -> object:
    """The value that a policy wants for a metadata; None where it must not be there."""
    if name in policy.metadata.remove:
        return None
    return policy.metadata.set.get(name, UNCONCERNED)


def _clashes(first: Policy, one: Selected, second: Policy, two: Selected) -> Iterator[tuple[str, set[str]]]:
    """What two policies want opposite things of, with the resources."""
    oppositions = list(_oppositions(first, second))
    if not oppositions:
        return
    ones, twos = set(one.resources or ()), set(two.resources or ())
    for sort, name in oppositions:
        if sort in ("label", "protection"):
            yield f"label `{name}`" if name else "protection", ones & twos
        elif sort == "metadata":
            values, others = (selected.values or {} for selected in (one, two))
            clashing = {
                resource
                for resource in ones & twos
                if values.get(name, {}).get(resource) != others.get(name, {}).get(resource)
            }
            yield f"metadata `{name}`", clashing
        else:
            # Whoever keeps a label for its own takes it from what the other one gives it to.
            clashing = set()
            if name in first.labels.exclusive and name in second.labels.given:
                clashing |= twos - ones
            if name in second.labels.exclusive and name in first.labels.given:
                clashing |= ones - twos
            yield f"label `{name}`", clashing


KIND = Policies()
