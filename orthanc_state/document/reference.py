"""Everything that can be said in a document, as a tree that can be looked up: what `explain` shows."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from orthanc_state.document.explain import nearest, short
from orthanc_state.document.frame import GROUPS, parts
from orthanc_state.document.schema import DESCRIPTION
from orthanc_state.document.topic import Topic, members, type_words
from orthanc_state.errors import OrthancStateError
from orthanc_state.kinds.json_schema import resolved
from orthanc_state.kinds.registry import all_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orthanc_state.document.frame import Part
    from orthanc_state.kinds.kind import Kind


class UnknownTopicError(OrthancStateError):
    """A document has no such section or field."""

    code = "topic-unknown"
    remedy = (
        "`orthanc-state explain` lists the sections of a document; a field is SECTION.FIELD. The codes of errors are "
        "those that errors show."
    )


@cache
def reference() -> Topic:
    """The whole document."""
    sections: dict[str, list[Topic]] = {}
    for part in parts():
        sections[part.name] = [_frame_topic(part)]
    for kind in all_kinds().values():
        sections.setdefault(kind.path[0], []).append(_section_topic(kind))
    # The version comes first, as in a document, and what governs the other sections last.
    first, *others = [part.name for part in parts()]
    order = [first, *(name for name in sections if name not in (first, *others)), *others]
    groups = [_grouped(name, sections[name]) for name in order]
    return Topic((), DESCRIPTION, "mapping", required=True, parts=tuple(groups))


def find(path: str) -> Topic:
    """What stands at a path: `modalities.allow_store`.

    The names of entries (`modalities.pacs.allow_store`), the numbers of policies and Orthanc's own spelling
    (`DicomModalities.AllowStore`) are understood, and slashes as in the address of a change.

    Raises:
        UnknownTopicError: With the nearest path that there is.
    """
    words = [word for word in re.split(r"[./]", path) if word]
    found = _resolved(reference(), words) if words else reference()
    if found is None:
        raise UnknownTopicError(f"a document has no `{short(path)}`", hint=_suggested(words))
    return found


def _resolved(topic: Topic, words: Sequence[str], *, inside: bool = False) -> Topic | None:
    if not words:
        return topic
    for part in _reachable(topic):
        for spelling in ([part.path[-1]], part.orthanc_name.split(".")):
            given, rest = words[: len(spelling)], words[len(spelling) :]
            if given == spelling and (found := _resolved(part, rest)):
                return found
    if topic.entries and not inside and len(words) > 1:
        # The name or the number of an entry.
        return _resolved(topic, words[1:], inside=True)
    return None


def _reachable(topic: Topic) -> Iterator[Topic]:
    """The parts of a topic; of the whole document those of `dicom` too, which stand at the top in `orthanc.json`."""
    yield from topic.parts
    if not topic.path:
        yield from (part for group in topic.parts for part in group.parts if part.path in _section_paths())


@cache
def _section_paths() -> frozenset[tuple[str, ...]]:
    return frozenset(kind.path for kind in all_kinds().values())


def _suggested(words: Sequence[str]) -> str:
    everything = list(reference().walk())[1:]
    same = [topic.name for topic in everything if words[-1] in (topic.path[-1], topic.orthanc_name)]
    if same:
        return f"did you mean {' or '.join(f'`{name}`' for name in same[:3])}?"
    for depth in range(len(words) - 1, -1, -1):
        topic = _resolved(reference(), words[:depth]) if depth else reference()
        if topic is None:
            continue
        names = {spelling: part.name for part in _reachable(topic) for spelling in (part.path[-1], part.orthanc_name)}
        # The first may be the name or the number of an entry.
        for word in words[depth : depth + 1 + topic.entries]:
            if close := nearest(word, filter(None, names)):
                return f"did you mean `{names[close.split('`')[1]]}`?"
        if topic.parts:
            return f"valid are {', '.join(part.path[-1] for part in topic.parts)}"
    return "`orthanc-state explain` lists the sections"


def _grouped(name: str, topics: list[Topic]) -> Topic:
    if len(topics) == 1 and topics[0].path == (name,):
        return topics[0]
    return Topic((name,), GROUPS.get(name, ""), "mapping", parts=tuple(topics))


def _frame_topic(part: Part) -> Topic:
    return Topic(
        (part.name,),
        part.summary,
        type_words(part.schema, {}),
        required=part.required,
        has_default="default" in part.schema,
        default=part.schema.get("default"),
        examples=(part.example,),
        is_section=True,
        parts=_Fields({}).of(part.schema, (part.name,)),
    )


def _section_topic(kind: Kind) -> Topic:
    schema = kind.json_schema()
    definitions = schema.get("$defs", {})
    return Topic(
        kind.path,
        kind.summary,
        type_words(schema, definitions),
        orthanc_name=kind.orthanc_name,
        durability=kind.durability,
        requests=kind.requests(()),
        examples=(kind.example,),
        is_section=True,
        entries=members(schema, definitions).entries,
        parts=_Fields(definitions, kind).of(schema, kind.path),
    )


class _Fields:
    """Makes topics of the fields of one section.

    Args:
        definitions: What its schema refers to.
        kind: Whose section it is; None where it is of no kind.
    """

    def __init__(self, definitions: Mapping[str, Any], kind: Kind | None = None) -> None:
        self._definitions = definitions
        self._kind = kind

    def of(self, schema: Mapping[str, Any], path: tuple[str, ...], since: str = "") -> tuple[Topic, ...]:
        """The fields of what stands at a path in the document, and is there since some version."""
        found = members(schema, self._definitions)
        return tuple(
            self._topic(part, (*path, name), since, required=name in found.required)
            for name, part in found.properties.items()
        )

    def _topic(self, part: Mapping[str, Any], path: tuple[str, ...], since: str, *, required: bool) -> Topic:
        facts = part.get("x-orthanc", {})
        since = facts.get("since", since)
        requests = self._kind.requests(path[len(self._kind.path) :]) if self._kind else ()
        return Topic(
            path,
            resolved(part, self._definitions).get("description", ""),
            type_words(part, self._definitions),
            required=required,
            has_default="default" in part,
            default=part.get("default"),
            orthanc_name=facts.get("name", ""),
            since=since,
            values_since=facts.get("values_since", {}),
            secret=facts.get("secret", False),
            write_only=part.get("writeOnly", False),
            durability=self._kind.durability if self._kind and requests else "",
            requests=requests,
            examples=tuple(part.get("examples", ())) or _other(part.get("default")),
            parts=self.of(part, path, since),
        )


def _other(default: Any) -> tuple[Any, ...]:
    """An example for a field that is on or off: what it is not by default."""
    return (not default,) if isinstance(default, bool) else ()
