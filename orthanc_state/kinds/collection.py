"""Kinds that are many named entries: modalities, peers, DICOMweb servers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, TypeAdapter, field_validator
from pydantic_core import PydanticCustomError

from orthanc_state.client import NotFoundError
from orthanc_state.client.path import join
from orthanc_state.kinds.constraints import SymbolicName
from orthanc_state.kinds.field import Field as WireField
from orthanc_state.kinds.field import fields_of
from orthanc_state.kinds.json_schema import add_spellings
from orthanc_state.kinds.kind import Context, Requirement, ResourceKind, Wanted
from orthanc_state.kinds.operation import Operation
from orthanc_state.kinds.version import parse_version

if TYPE_CHECKING:
    from orthanc_state.client import Orthanc
    from orthanc_state.kinds.kind import Unknown
    from orthanc_state.kinds.state import State

STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Entry(BaseModel):
    """What every entry has besides the fields of its kind."""

    model_config = STRICT

    state: Literal["present", "absent"] = Field(
        "present", description="`absent` for an entry that must not be on the server; it takes no other field."
    )
    ignore: tuple[str, ...] = Field((), description="Names of fields that stay as they are on the server.")
    protected: bool = Field(False, description="Never delete it, also where its section is pruned.")

    @field_validator("ignore")
    @classmethod
    def _ignored_fields_exist(cls, ignore: tuple[str, ...]) -> tuple[str, ...]:
        names = [field.name for field in fields_of(cls)] if ignore else []
        for name in ignore:
            if name not in names:
                raise PydanticCustomError(
                    "ignore", "`ignore` names no field of this entry: {name}", {"name": name, "expected": names}
                )
        return ignore


class Absent(BaseModel):
    """An entry that must not be on the server; it takes no other field."""

    model_config = STRICT

    state: Literal["absent"] = Field(description="The entry must not be on the server.")


def _presence(value: Any) -> str:
    state = value.get("state") if isinstance(value, dict) else getattr(value, "state", None)
    return "absent" if state == "absent" else "present"


class Collection(ResourceKind):
    """A kind of which a server has many, each with a name and a configuration that is written as a whole.

    Attributes:
        model: The fields of an entry.
        names: What the name of an entry may be, as pydantic understands it.
    """

    prunable = True
    model: ClassVar[type[Entry]]
    names: ClassVar[Any] = SymbolicName

    @abstractmethod
    def configurations(self, orthanc: Orthanc) -> dict[str, dict[str, Any]]:
        """Each name with the configuration that the server answers."""

    @abstractmethod
    def configuration(self, orthanc: Orthanc, name: str) -> dict[str, Any] | None:
        """The configuration of one; None, or a `NotFoundError`, when there is none of this name."""

    @cached_property
    def fields(self) -> tuple[WireField, ...]:
        """The fields of an entry."""
        return fields_of(self.model)

    @cached_property
    def _aliases(self) -> dict[str, str]:
        return {field.wire.name: field.name for field in self.fields if field.wire.name}

    @cached_property
    def adapter(self) -> TypeAdapter[dict[str, Any]]:
        model: Any = self.model
        present, absent = Annotated[model, Tag("present")], Annotated[Absent, Tag("absent")]
        entry: Any = Annotated[present | absent, Discriminator(_presence)]
        name: Any = self.names
        return TypeAdapter(dict[name, entry], config=ConfigDict(hide_input_in_errors=True))

    def canonical(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {name: self._canonical_entry(entry) for name, entry in value.items()}

    def _canonical_entry(self, entry: Any) -> Any:
        if isinstance(entry, Sequence) and not isinstance(entry, str):
            if len(entry) > len(self.array_form):
                return entry
            return dict(zip(self.array_form, entry, strict=False))
        if not isinstance(entry, Mapping):
            return entry
        if self._aliases.keys().isdisjoint(entry):
            return entry
        # Given in both spellings: the foreign one is kept, and refused as an unknown key.
        alias = {foreign: name for foreign, name in self._aliases.items() if name not in entry}
        return {alias.get(key, key): value for key, value in entry.items()}

    def json_schema(self) -> dict[str, Any]:
        schema = super().json_schema()
        entry = schema["$defs"][self.model.__name__]
        # What every entry has comes after what only these have.
        common = {name: entry["properties"].pop(name) for name in Entry.model_fields}
        entry["properties"] |= common
        add_spellings(entry, f"#/$defs/{self.model.__name__}", self._aliases)
        # What is absent has a schema of its own.
        entry["properties"]["state"]["not"] = {"const": "absent"}
        names = [field.name for field in self.fields]
        entry["properties"]["ignore"]["items"] = {"description": "names of fields", "enum": names}
        forms = [*schema["additionalProperties"].pop("oneOf"), self._array_schema()]
        return {**schema, "additionalProperties": {"anyOf": forms}}

    def _array_schema(self) -> dict[str, Any]:
        """An entry as a list, as Orthanc's configuration file may have it."""
        required = [field.name for field in self.fields if field.required]
        return {
            "description": f"An entry as a list: {', '.join(self.array_form)}.",
            "type": "array",
            "prefixItems": [{"$ref": f"#/$defs/{self.model.__name__}/properties/{name}"} for name in self.array_form],
            "minItems": len(required),
            "maxItems": len(self.array_form),
        }

    def requests(self, path: Sequence[str]) -> tuple[str, ...]:
        address = self.request_path("NAME").removesuffix("NAME") + "{name}"
        if not path or path[0] == "state":
            return f"PUT {address}", f"DELETE {address}"
        # What else every entry has is for the kit, and is not sent.
        return () if path[0] in Entry.model_fields else (f"PUT {address}",)

    def imported(self, value: Any) -> tuple[Any, list[Unknown]]:
        if not isinstance(value, Mapping):
            return value, []
        unknown: list[Unknown] = []
        entries = {}
        for name, entry in value.items():
            if not isinstance(entry, Mapping):
                entries[name] = self._canonical_entry(entry)
                continue
            known = {self._aliases[key]: item for key, item in entry.items() if key in self._aliases}
            others = {key: item for key, item in entry.items() if key not in self._aliases}
            entries[name] = {**known, **self.imported_rest(name, others, unknown)}
        return entries, unknown

    def imported_rest(self, name: str, others: Mapping[str, Any], unknown: list[Unknown]) -> dict[str, Any]:
        """What an entry of `orthanc.json` has besides its fields; what Orthanc ignores is added to `unknown`."""
        unknown += [((name, key), "Orthanc knows no such field, and ignores it") for key in others]
        return {}

    def defaults(self) -> Mapping[str, Any]:
        return {field.name: field.default for field in self.fields if not field.required}

    def location(self, path: Sequence[str | int]) -> tuple[str | int, ...]:
        # The second part says which form of an entry was tried: `present`, `absent`, or `[key]` for its name.
        return (*path[:1], *path[2:])

    def valid_keys(self, path: Sequence[str | int]) -> Sequence[str]:
        return [*(field.name for field in self.fields), "state", "ignore", "protected"] if len(path) == 2 else ()

    def is_secret(self, path: Sequence[str | int]) -> bool:
        # The section and an entry as a whole may hold a secret; of the fields, those that say so.
        return any(field.wire.secret for field in self.fields if len(path) < 2 or field.name == path[1])

    def read(self, orthanc: Orthanc, section: Any = None) -> Any:
        return self.configurations(orthanc)

    def live(self, raw: Any, section: Any, context: Context) -> dict[str, State]:
        return {name: self.live_state(entry, context) for name, entry in raw.items()}

    @cached_property
    def _plain(self) -> tuple[tuple[str, str, Any], ...]:
        """Name, name on the wire, and default of each field that the server returns as it is."""
        return tuple(
            (field.name, field.wire.name, field.default)
            for field in self.fields
            if not (field.wire.secret or field.wire.write_only)
        )

    def live_state(self, raw: Mapping[str, Any], context: Context) -> State:
        """One entry of the server, normalised; what an older server does not have reads as its default."""
        return {name: raw.get(wire, default) for name, wire, default in self._plain}

    def wanted(
        self, section: dict[str, Any], raw: Any, live: Mapping[str, State], context: Context
    ) -> Iterable[Wanted]:
        for name, entry in section.items():
            if isinstance(entry, Absent):
                yield Wanted(name, None)
            else:
                yield self.wanted_entry(name, entry, raw.get(name), context)

    def wanted_entry(self, name: str, entry: Any, raw: Any, context: Context) -> Wanted:
        """One declared entry, normalised."""
        values = entry.__dict__
        return Wanted(
            name,
            {field: values[field] for field, _, _ in self._plain},
            ignore=frozenset(entry.ignore),
            requirements=self.requirements(name, entry, context),
        )

    @cached_property
    def _newer(self) -> tuple[WireField, ...]:
        return tuple(field for field in self.fields if field.wire.since or field.wire.values_since)

    def requirements(self, name: str, entry: Any, context: Context) -> tuple[Requirement, ...]:
        """What of an entry this server is too old for. A field that is left out asks nothing of the server."""
        found = []
        for field in self._newer:
            if field.name not in entry.model_fields_set:
                continue
            value = getattr(entry, field.name)
            since = field.wire.since
            since = field.wire.values_since.get(value, since)
            if since and parse_version(since) > context.version:
                what = field.name if since == field.wire.since else f"{field.name}: {value}"
                found.append(Requirement((name, field.name), what, since))
        return tuple(found)

    def declared(self, section: dict[str, Any], context: Context) -> dict[str, Any]:
        # A plan from nothing: what is absent has nothing that could be written.
        wanted = {item.name: item.state for item in self.wanted(section, {}, {}, context)}
        return {
            name: self.dump_entry(state) if state is not None else {"state": "absent"} for name, state in wanted.items()
        }

    def configured(self, section: Any, context: Context, previous: Any = None) -> dict[tuple[str, ...], Any]:
        entries = {
            item.name: self.configured_entry(item, item.state, context)
            for item in self.wanted(section, self.as_read(previous), {}, context)
            if item.state is not None
        }
        # Said, though it is the default: where another file says that it is true, the entries would count for nothing.
        switch = tuple(self.durability.split("."))
        return {self.orthanc_path: entries, switch: False}

    def as_read(self, entries: Any) -> Any:
        """Entries of `orthanc.json` as `read` would give them."""
        return {name: entry for name, entry in (entries or {}).items() if isinstance(entry, Mapping)}

    def configured_entry(self, wanted: Wanted, state: State, context: Context) -> dict[str, Any]:
        """One entry of `orthanc.json`, without the fields that have their default."""
        defaults = {field.wire.name: field.default for field in self.fields if not field.required}
        body = self.body(wanted, state, context)
        return {key: value for key, value in body.items() if key not in defaults or value != defaults[key]}

    def elsewhere(self, section: dict[str, Any]) -> Iterable[tuple[tuple[str | int, ...], str]]:
        for name, entry in section.items():
            for field in getattr(entry, "ignore", ()):
                if field not in entry.model_fields_set:
                    message = "it is left as it is on the server, and not given: a server that starts has its default"
                    yield (name, field), message

    def body(self, wanted: Wanted, state: State, context: Context) -> dict[str, Any]:
        """The configuration that is sent for an entry."""
        return {
            field.wire.name: state[field.name]
            for field in self.fields
            if field.name in state and parse_version(field.wire.since or "0") <= context.version
        }

    def request_path(self, name: str) -> str:
        return join(*self.path, name)

    def write(self, wanted: Wanted, state: State, context: Context) -> Operation:
        return Operation("PUT", self.request_path(wanted.name), self.body(wanted, state, context))

    def delete(self, name: str) -> Operation:
        return Operation("DELETE", self.request_path(name))

    def read_back(self, orthanc: Orthanc, name: str, context: Context) -> State | None:
        try:
            raw = self.configuration(orthanc, name)
        except NotFoundError:
            return None
        return None if raw is None else self.live_state(raw, context)

    def dump(self, live: Mapping[str, State], context: Context) -> dict[str, Any]:
        return {name: self.dump_entry(state) for name, state in sorted(live.items())}

    def dump_entry(self, state: State) -> dict[str, Any]:
        """One entry without the fields that have their default."""
        return {
            field.name: state[field.name]
            for field in self.fields
            if field.required or state[field.name] not in (None, field.default)
        }
