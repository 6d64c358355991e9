"""One thing that can be said in a document, with all that there is to know of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from orthanc_state.kinds.json_schema import preferred, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


LARGEST = 2**31 - 1
"""A bound from here on is one of computers, and says nothing to people."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A section or a field.

    Attributes:
        path: Where it stands in a document, without the names of entries; empty for the whole document.
        summary: What it is, or does.
        type: What its values are, in words.
        required: Whether it has to be given where what it is a part of is given.
        has_default: Whether leaving it out means a value. A section of a kind has none: it is then not managed.
        default: That value.
        orthanc_name: Orthanc's own spelling; empty where that has no such thing.
        since: The first version of Orthanc that has it; empty for all that are supported.
        values_since: The first version for single values that came later.
        secret: Whether it is masked wherever it would be shown.
        write_only: Whether the server never returns it.
        durability: What becomes of it at a restart (`kinds.durability`); empty for what is not kept on the server.
        requests: The requests that write it.
        examples: Values, as plain data.
        entries: Whether its parts stand in entries that have names of their own, or are counted.
        is_section: Whether it is a section: no field of one, and not what only holds several (`dicom`).
        parts: What it is made of.
    """

    path: tuple[str, ...]
    summary: str
    type: str = ""
    required: bool = False
    has_default: bool = False
    default: Any = None
    orthanc_name: str = ""
    since: str = ""
    values_since: Mapping[str, str] = field(default_factory=dict)
    secret: bool = False
    write_only: bool = False
    durability: str = ""
    requests: tuple[str, ...] = ()
    examples: tuple[Any, ...] = ()
    entries: bool = False
    is_section: bool = False
    parts: tuple[Topic, ...] = ()

    @property
    def name(self) -> str:
        """Its path as text: `modalities.allow_store`."""
        return ".".join(self.path)

    @property
    def headline(self) -> str:
        """The first sentence of the summary."""
        first, separator, _ = self.summary.partition(". ")
        return first + "." if separator else first

    def walk(self) -> Iterator[Topic]:
        """It and everything that it is made of, in order."""
        yield self
        for part in self.parts:
            yield from part.walk()


class Members(NamedTuple):
    """The fields of an object, or of the objects in a list or mapping.

    Attributes:
        properties: The schema of each, in the canonical spelling.
        required: The names of those that have to be given.
        entries: Whether the objects are entries of a list or mapping.
    """

    properties: Mapping[str, Any]
    required: frozenset[str] = frozenset()
    entries: bool = False


def members(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Members:
    """What an object consists of; nothing for what is none."""
    for alternative in resolved(schema, definitions).get("anyOf", ()):
        found = members(alternative, definitions)
        if found.properties:
            return found
    schema = preferred(schema, definitions)
    if "properties" in schema:
        properties = {name: part for name, part in schema["properties"].items() if "doNotSuggest" not in part}
        # What may be given in another spelling too is required in one of them.
        either = [part["anyOf"][0]["required"] for part in schema.get("allOf", ())]
        return Members(properties, frozenset(sum(either, [*schema.get("required", ())])))
    inner = schema.get("items") or schema.get("additionalProperties")
    return members(inner, definitions)._replace(entries=True) if isinstance(inner, dict) else Members({})


def type_words(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """What the values of a schema are, in words."""
    first, *others = resolved(schema, definitions).get("anyOf", (schema,))
    words = _words(preferred(first, definitions), definitions)
    # What else is read, but for other spellings of the same.
    kinds = {preferred(other, definitions).get("type") for other in others}
    also = [word for kind, word in (("array", "list"), ("object", "mapping"), ("null", "null")) if kind in kinds]
    return f"{words}, or {' or '.join(also)}" if also and words != "mapping" else words


def _words(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        *others, last = map(str, schema["enum"])
        return f"{', '.join(others)} or {last}" if others else last
    if schema.get("format") == "password":
        return "secret text (!env NAME, !file PATH)"
    kind = schema.get("type")
    if kind == "array":
        items = schema["items"]
        return f"list of {items.get('description') or _plural(type_words(items, definitions))}"
    if kind == "object":
        inner = schema.get("additionalProperties")
        if "properties" in schema or not isinstance(inner, dict):
            return "mapping"
        return f"mapping of names to {_plural(type_words(inner, definitions))}"
    if kind == "integer":
        low, high = schema.get("minimum"), schema.get("maximum", LARGEST)
        bounds = f", {low} or more" if high >= LARGEST else f", {low} to {high}"
        return f"whole number{bounds if low is not None else ''}"
    return {"boolean": "true or false", "string": "text"}.get(str(kind), "any value")


def _plural(words: str) -> str:
    return {"text": "texts", "mapping": "entries"}.get(words, words)
