"""The JSON Schema (2020-12) of a document, put together of what the kinds say of themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orthanc_state
from orthanc_state.document.frame import GROUPS, parts
from orthanc_state.document.load import VERSION
from orthanc_state.kinds.durability import told
from orthanc_state.kinds.json_schema import other_spelling
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    from orthanc_state.kinds.kind import Kind

SCHEMA_FAMILY = "urn:orthanc-state:document:"
"""How the names of the schemas of all versions of the format begin; they are of no place on the web."""

SCHEMA_ID = f"{SCHEMA_FAMILY}{VERSION}"
"""The name of this one."""

DESCRIPTION = (
    "What one Orthanc server should be. A section that is left out is not managed; in an entry, a field that is left "
    "out has Orthanc's default. What only several values together can get wrong, `orthanc-state validate` finds."
)


def json_schema() -> dict[str, Any]:
    """The schema of a whole document, in every spelling that `load` reads.

    It is as wide as `load` and as narrow as a schema can be: keys, types, ranges, patterns and what is required. A file
    that only overrides others is no whole document.
    """
    definitions: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    required = []
    for part in parts():
        about = {"title": part.name, "description": part.summary, "examples": [plain_example(part.example)]}
        properties[part.name] = {**about, **part.schema}
        required += [part.name] if part.required else []
    root: dict[str, Any] = {"required": required, "properties": properties}
    for kind in all_kinds().values():
        _add_section(root, kind, definitions)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "$comment": f"Made by orthanc-state {orthanc_state.__version__}: orthanc-state schema",
        "title": "A document of orthanc-state",
        "description": DESCRIPTION,
        "type": "object",
        **root,
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.items())),
    }
    return {key: _telling(value) for key, value in schema.items()}


def schema_text() -> str:
    """The schema as a file."""
    return json.dumps(json_schema(), indent=2) + "\n"


def plain_example(value: Any) -> Any:
    """An example as JSON has it: without the secrets, whose references are tags."""
    if isinstance(value, dict):
        kept = {key: plain_example(item) for key, item in value.items() if not isinstance(item, Secret)}
        return {key: item for key, item in kept.items() if item != {} or value[key] == {}}
    return [plain_example(item) for item in value] if isinstance(value, list) else value


def _add_section(root: dict[str, Any], kind: Kind, definitions: dict[str, Any]) -> None:
    section = kind.json_schema()
    for name, definition in section.pop("$defs", {}).items():
        if definitions.setdefault(name, definition) != definition:
            raise ValueError(f"two kinds call different things {name}")
    group = root
    for key in kind.path[:-1]:
        empty = {"title": key, "description": GROUPS.get(key, ""), "type": "object", "properties": {}}
        group = group["properties"].setdefault(key, {**empty, "additionalProperties": False})
    about = {
        "title": kind.orthanc_name or kind.name,
        "description": f"{kind.summary} After a restart: {told(kind.durability)}.",
    }
    group["properties"][kind.path[-1]] = {**about, **section, "examples": [plain_example(kind.example)]}
    if kind.orthanc_path:
        _add_spelling(root, kind)


def _add_spelling(root: dict[str, Any], kind: Kind) -> None:
    """Let a section stand where `orthanc.json` has it, and not in both places."""
    pointer = "".join(f"/properties/{key}" for key in kind.path)
    *outer, last = kind.orthanc_path
    group: dict[str, Any] = root
    given: dict[str, Any] = {"required": [last]}
    for key in outer:
        empty = {"type": "object", "properties": {}, "additionalProperties": False, "doNotSuggest": True}
        group = group["properties"].setdefault(key, empty)
    group["properties"][last] = other_spelling(f"#{pointer}")
    for key in reversed(outer):
        given = {"required": [key], "properties": {key: given}}
    refused: Any = False
    for key in reversed(kind.path):
        refused = {"properties": {key: refused}}
    if outer:
        root.setdefault("allOf", []).append({"if": given, "then": refused})
    else:
        # The same in fewer words.
        root.setdefault("dependentSchemas", {})[last] = refused


def _telling(value: Any) -> Any:
    """The same with what editors show: the name as a title where there is no other, and in the description versions."""
    if isinstance(value, list):
        return [_telling(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: _telling(item) for key, item in value.items()}
    for name, field in (result.get("properties") or {}).items():
        if isinstance(field, dict) and "description" in field:
            field.setdefault("title", name)
    facts = value.get("x-orthanc")
    if isinstance(facts, dict) and isinstance(value.get("description"), str):
        sentences = [f"Since Orthanc {facts['since']}."] if "since" in facts else []
        sentences += [f"{word} since Orthanc {since}." for word, since in facts.get("values_since", {}).items()]
        result["description"] = " ".join([value["description"], *sentences])
    return result
