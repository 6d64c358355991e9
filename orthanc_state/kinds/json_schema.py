"""The JSON Schema (2020-12) of what pydantic checks, as wide as pydantic is: `"104"` for 104, `yes` for true.

Of several alternatives (`anyOf`) the first is the way to write it; the others are read too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, WithJsonSchema

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler, TypeAdapter
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema, core_schema


def text(pattern: str, message: str) -> WithJsonSchema:
    """A text that looks like a pattern; the message is what editors show for one that does not."""
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$", "patternErrorMessage": message})


def any_case(*words: str) -> dict[str, Any]:
    """Some words in upper, lower or mixed case."""
    return {"type": "string", "pattern": f"^({'|'.join(map(_any_case, words))})$"}


def _any_case(word: str) -> str:
    letters = (letter if letter.isdigit() else f"[{letter.upper()}{letter.lower()}]" for letter in word)
    return "".join(letters)


TRUTH = ("0", "1", "f", "t", "n", "y", "no", "yes", "off", "on", "false", "true")

_DEFINITION, _USED = "x-definition", "x-used"


def definition(name: str, **schema: Any) -> dict[str, Any]:
    """A schema that stands in many places: `json_schema_of` puts it under `$defs`, and refers to it by its name."""
    return {_DEFINITION: name, **schema}


def use(shared: Mapping[str, Any], **beside: Any) -> dict[str, Any]:
    """A definition, with what is to stand beside the reference to it."""
    return {_USED: shared, **beside}


# Without a description, which editors would show beside that of the field.
TRUTH_WORD = definition("TruthWord", anyOf=[{"type": "integer", "minimum": 0, "maximum": 1}, any_case(*TRUTH)])
NUMBER_TEXT = definition(
    "NumberText",
    type="string",
    pattern=r"^\s*[+-]?[0-9]+(_[0-9]+)*(\.0+)?\s*$",
)


@dataclass(frozen=True)
class LooksLike:
    """Says of a type what its values look like, worked out when a schema is asked for: dictionaries import slowly."""

    schema: Callable[[], dict[str, Any]]

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """What the function gives."""
        return self.schema()


@dataclass(frozen=True)
class AlsoAccepts:
    """Says of a field what is read besides its type: what a validator turns into it before it is checked."""

    schema: Mapping[str, Any]

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The alternatives, that of the type first."""
        return {"anyOf": [handler(schema), dict(self.schema)]}


class SectionSchema(GenerateJsonSchema):
    """What pydantic generates, without titles made of names, and with what it reads for truth values and numbers."""

    def bool_schema(self, schema: core_schema.BoolSchema) -> JsonSchemaValue:
        """True and false, and the words and numbers for them."""
        return {"anyOf": [super().bool_schema(schema), TRUTH_WORD]}

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        """A whole number, and a text that is one."""
        return {"anyOf": [super().int_schema(schema), NUMBER_TEXT]}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A mapping of which every key is checked; pydantic itself lets those through that look otherwise."""
        keys = self.generate_inner(schema["keys_schema"]) if "keys_schema" in schema else {}
        values = self.generate_inner(schema["values_schema"]) if "values_schema" in schema else {}
        checked = {"propertyNames": keys} if keys.keys() - {"type"} else {}
        return {"type": "object", **checked, "additionalProperties": values or True}

    def field_title_should_be_set(self, schema: Any) -> bool:
        """A title made of the name of a field says nothing more."""
        return False

    def encode_default(self, dft: Any) -> Any:
        """A default as a document has it: of a model, what it says beyond its own defaults."""
        if isinstance(dft, BaseModel):
            return dft.model_dump(mode="json", exclude_defaults=True)
        return super().encode_default(dft)


def json_schema_of(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """The schema of a type, with its parts under `$defs`."""
    schema = adapter.json_schema(ref_template="#/$defs/{model}", schema_generator=SectionSchema)
    parts = schema.pop("$defs", {})
    for part in (schema, *parts.values()):
        # The name of a class.
        part.pop("title", None)
    used: dict[str, Any] = {}
    shared: dict[str, Any] = _sharing({**schema, "$defs": parts}, used)
    shared["$defs"] |= used
    return shared


def _sharing(value: Any, used: dict[str, Any]) -> Any:
    """The same with references to what has a name, which is noted."""
    if isinstance(value, list):
        return [_sharing(item, used) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: _sharing(item, used) for key, item in value.items()}
    result |= {**result.pop(_USED, {}), **result}
    name = result.pop(_DEFINITION, None)
    if name is None:
        return result
    used[name] = result
    return {"$ref": f"#/$defs/{name}"}


def other_spelling(reference: str) -> dict[str, Any]:
    """A property that is another name of one elsewhere; editors offer that one only."""
    # Not a reference with something beside it, which some editors do not see.
    return {"allOf": [{"$ref": reference}], "doNotSuggest": True}


def add_spellings(schema: dict[str, Any], where: str, spellings: Mapping[str, str]) -> None:
    """Let an object have its properties under other names too, each of them once.

    Args:
        schema: The schema of the object, which is changed.
        where: A reference to it.
        spellings: Other names, and the names that they stand for.
    """
    both = schema.setdefault("dependentSchemas", {})
    others = {name: other for other, name in spellings.items()}
    for other, name in spellings.items():
        schema["properties"][other] = other_spelling(f"{where}/properties/{name}")
        both[other] = {"properties": {name: False}}
    required = schema.pop("required", [])
    either = [{"anyOf": [{"required": [name]}, {"required": [others[name]]}]} for name in required if name in others]
    if either:
        schema["allOf"] = either
    if rest := [name for name in required if name not in others]:
        schema["required"] = rest


def resolved(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema with what it refers to; what stands beside the reference wins."""
    while "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        schema = {**parts[name], **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def preferred(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of several alternatives the way to write it, resolved."""
    schema = resolved(schema, parts)
    while "anyOf" in schema:
        schema = {**resolved(schema["anyOf"][0], parts), **{key: schema[key] for key in schema if key != "anyOf"}}
        schema = resolved(schema, parts)
    return schema
