"""The forms of a document, derived from what the kinds say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from orthanc_state.document.reference import find
from orthanc_state.document.topic import members
from orthanc_state.jupyter.controllers.editor import EditError, fragment, tagged
from orthanc_state.kinds.json_schema import preferred
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.render.topic import value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.document.topic import Topic
    from orthanc_state.kinds.kind import Kind

_WORDS = {
    "aet": "AE title",
    "dicom": "DICOM",
    "dicomweb": "DICOMweb",
    "http": "HTTP",
    "n": "N",
    "pkcs11": "PKCS#11",
    "rs": "RS",
    "sop": "SOP",
    "tls": "TLS",
    "url": "URL",
    "wado": "WADO",
}


class Control(Enum):
    """How a value is written in a form."""

    TRUTH = "truth"
    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    REFERENCE = "reference"
    """To a secret, which is not written into a document."""
    LIST = "list"
    """Several texts with commas between them."""
    YAML = "yaml"
    """Anything that is more than that, as a piece of YAML."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field.

    Attributes:
        name: Its canonical name; empty for a section that is one value.
        label: What it is called in a form.
        help: What it is, or does.
        control: How it is written.
        choices: The values that it can have, where they are counted.
        required: Whether it has to be given.
        default: What leaving it out means, in words; empty where it means nothing.
    """

    name: str
    label: str
    help: str
    control: Control
    choices: tuple[str, ...]
    required: bool
    default: str

    def parsed(self, text: str) -> Any:
        """A value as it is written in a form; None for none.

        Raises:
            EditError: It cannot stand there.
        """
        text = text.strip()
        if not text:
            return None
        match self.control:
            case Control.TRUTH:
                return {"true": True, "false": False}.get(text, text)
            case Control.NUMBER:
                return int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdigit() else text
            case Control.REFERENCE:
                return tagged(text)
            case Control.LIST:
                return [part.strip() for part in text.split(",") if part.strip()]
            case Control.YAML:
                return fragment(text)
            case _:
                return text


@dataclass(frozen=True, slots=True)
class SectionForm:
    """One section of a document.

    Attributes:
        kind: The kind that it is of.
        label: What it is called in a form.
        help: What it is.
        entries: Whether it has entries with names of their own.
        numbered: Whether its entries are counted rather than named.
        fields: The fields of each entry, or of the section; of one that is a single value, that one.
    """

    kind: Kind
    label: str
    help: str
    entries: bool
    numbered: bool
    fields: tuple[FormField, ...]

    def field(self, name: str) -> FormField:
        """A field by its name.

        Raises:
            EditError: There is none.
        """
        found = next((field for field in self.fields if field.name == name), None)
        if found is None:
            raise EditError(f"{self.kind.name} has no field {name}")
        return found


@cache
def section_forms() -> tuple[SectionForm, ...]:
    """The form of each section that is of a kind, in the order of a document."""
    return tuple(_section(kind) for kind in all_kinds().values())


def section_form(name: str) -> SectionForm:
    """The form of one section.

    Raises:
        EditError: There is no such section.
    """
    found = next((form for form in section_forms() if form.kind.name == name), None)
    if found is None:
        raise EditError(f"a document has no section {name}")
    return found


def _section(kind: Kind) -> SectionForm:
    schema = kind.json_schema()
    definitions = schema.get("$defs", {})
    topic = find(kind.name)
    found = members(schema, definitions)
    if topic.parts:
        fields = tuple(_field(part, found.properties[part.path[-1]], definitions) for part in topic.parts)
    else:
        fields = (_field(topic, schema, definitions, name=""),)
    numbered = preferred(schema, definitions).get("type") == "array"
    entries = found.entries and bool(topic.parts)
    return SectionForm(kind, _label(kind.path[-1]), kind.summary, entries, numbered and entries, fields)


def _field(topic: Topic, part: Mapping[str, Any], definitions: Mapping[str, Any], name: str | None = None) -> FormField:
    schema = preferred(part, definitions)
    shown = topic.path[-1]
    return FormField(
        name=shown if name is None else name,
        label=_label(shown),
        help=topic.summary,
        control=_control(schema, definitions),
        choices=tuple(map(str, schema.get("enum", ()))),
        required=topic.required,
        default=value_text(topic.default) if topic.has_default and topic.default not in (None, "", [], {}) else "",
    )


def _label(name: str) -> str:
    """The name of a field or section as people read it."""
    first, *others = [_WORDS.get(word, word) for word in name.split("_")]
    return " ".join([first if first in _WORDS.values() else first.capitalize(), *others])


def _control(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Control:
    if schema.get("format") == "password":
        return Control.REFERENCE
    if "enum" in schema:
        return Control.CHOICE
    if schema.get("type") == "array" and preferred(schema.get("items", {}), definitions).get("type") != "object":
        return Control.LIST
    kinds = {"boolean": Control.TRUTH, "integer": Control.NUMBER, "string": Control.TEXT}
    return kinds.get(str(schema.get("type")), Control.YAML)
