"""What the kit knows of one field beyond its type and default. Everything else is derived from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class Wire:
    """How a field stands on the wire; given as `Annotated` metadata of the field of a pydantic model.

    Attributes:
        name: Orthanc's spelling, in the REST API and in `orthanc.json`.
        since: The first version of Orthanc that has it; empty for all that are supported.
        values_since: The first version for single values of it that came later.
        secret: Masked wherever it would be shown, and never returned by the server.
        write_only: Not secret, but never returned by the server either.
    """

    name: str
    since: str = ""
    values_since: Mapping[str, str] = field(default_factory=dict)
    secret: bool = False
    write_only: bool = False

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """What a JSON Schema says of the field besides its type; what only Orthanc has stands under `x-orthanc`."""
        facts = {"name": self.name, "since": self.since, "values_since": dict(self.values_since), "secret": self.secret}
        known = {key: value for key, value in facts.items() if value}
        hidden = {"writeOnly": True} if self.secret or self.write_only else {}
        title = {"title": self.name} if self.name else {}
        return {**handler(schema), **title, **hidden, **({"x-orthanc": known} if known else {})}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind: its canonical name, its default, its description, and what stands on the wire."""

    name: str
    default: Any
    required: bool
    description: str
    wire: Wire


def fields_of(model: type[BaseModel]) -> tuple[Field, ...]:
    """The fields of a model that stand on the wire, in the order of their declaration."""
    fields = []
    for name, info in model.model_fields.items():
        wire = next((item for item in info.metadata if isinstance(item, Wire)), None)
        if wire is not None:
            required = info.is_required()
            default = None if required else info.get_default(call_default_factory=True)
            fields.append(Field(name, default, required, info.description or "", wire))
    return tuple(fields)
