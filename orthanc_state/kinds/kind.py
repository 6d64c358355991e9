"""What a managed thing has to say of itself, so that the rest of the kit can read, compare, write and explain it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from orthanc_state.kinds.fingerprint import PROPERTY
from orthanc_state.kinds.json_schema import json_schema_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pydantic import TypeAdapter

    from orthanc_state.client import Orthanc
    from orthanc_state.kinds.fingerprint import Fingerprints, Record
    from orthanc_state.kinds.operation import Operation
    from orthanc_state.kinds.secret import Secret
    from orthanc_state.kinds.state import State
    from orthanc_state.kinds.version import Version


@dataclass(frozen=True, slots=True)
class Context:
    """What the kinds need to know of the server and the document besides their own section."""

    version: Version
    fingerprints: Fingerprints


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something that the document says and that only newer servers know."""

    path: tuple[str | int, ...]
    what: str
    since: str


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a server has nothing of a kind at all.

    Attributes:
        message: What it lacks.
        hint: What to do about it.
    """

    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """One resource as the document wants it.

    Attributes:
        name: Its name; empty for a setting, which is the only one of its kind.
        state: Every field; None when it must not exist.
        ignore: Fields that stay as they are on the server.
        secrets: The values behind the hidden fields, by path.
        erase: Paths of secrets that the document says must not be there.
        requirements: What of it only newer servers know.
        private: What the kind itself needs to write it.
    """

    name: str
    state: State | None
    ignore: frozenset[str] = frozenset()
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    erase: frozenset[str] = frozenset()
    requirements: tuple[Requirement, ...] = ()
    private: Any = None


Unknown = tuple[tuple[str | int, ...], str]
"""Something that cannot be used: its place relative to the section, and why."""


class Kind(ABC):
    """One managed thing, with a section in a document. A module in `kinds/` that defines a `KIND` is found by itself.

    Attributes:
        name: Where it stands in a document, dotted: `modalities`, `dicom.default_encoding`.
        orthanc_name: The same in `orthanc.json`, dotted; empty where that has no such thing.
        summary: What it is, in one sentence.
        durability: Whether what is written survives a restart: `ALWAYS`, `NEVER`, or the name of the switch of
            `orthanc.json`, dotted, that has to be true: what that file has of the section counts for nothing then.
        example: A section as plain data; where a secret belongs stands a `Secret` that knows only its reference.
        rank: Its place among the kinds: the lower ones come first in a plan and in a dump.
        prunable: Whether what is not declared can be removed.
        array_form: The fields of an entry that is written as a list, in order.
    """

    name: ClassVar[str]
    orthanc_name: ClassVar[str] = ""
    summary: ClassVar[str]
    durability: ClassVar[str]
    example: ClassVar[Any]
    rank: ClassVar[int]
    prunable: ClassVar[bool] = False
    array_form: ClassVar[tuple[str, ...]] = ()

    @property
    def path(self) -> tuple[str, ...]:
        """Where it stands in a document, as keys."""
        return tuple(self.name.split("."))

    @property
    def orthanc_path(self) -> tuple[str, ...]:
        """Where it stands in `orthanc.json`, as keys; empty where that has no such thing."""
        return tuple(self.orthanc_name.split(".")) if self.orthanc_name else ()

    def address(self, name: str) -> str:
        """What one resource is called: `modalities/pacs`, `dicom/default_encoding`."""
        return "/".join([*self.path, name] if name else self.path)

    def canonical(self, value: Any) -> Any:
        """A section with Orthanc's own spelling turned into the canonical one, not yet validated."""
        return value

    def imported(self, value: Any) -> tuple[Any, list[Unknown]]:
        """A section of `orthanc.json` in the canonical spelling, not yet validated, and what of it Orthanc ignores."""
        return self.canonical(value), []

    @property
    @abstractmethod
    def adapter(self) -> TypeAdapter[Any]:
        """The type of a section in the canonical spelling, with its constraints."""

    def parse(self, value: Any) -> Any:
        """A section validated.

        Raises:
            pydantic.ValidationError: With everything that is wrong; places are relative to the section.
        """
        return self.adapter.validate_python(value)

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a section, in every spelling; what it refers to stands under its `$defs`."""
        return json_schema_of(self.adapter)

    @abstractmethod
    def requests(self, path: Sequence[str]) -> tuple[str, ...]:
        """The requests that write what stands at a place in the section: `PUT /modalities/{name}`.

        Args:
            path: The names of fields from the section on; without the names of entries.
        """

    def warnings(self, section: Any) -> Iterable[tuple[tuple[str | int, ...], str]]:
        """What is allowed but probably a mistake: places relative to the section, and messages."""
        return ()

    def location(self, path: Sequence[str | int]) -> tuple[str | int, ...]:
        """The place in the section that a validation error is about, without what only pydantic knows of."""
        return tuple(path)

    def valid_keys(self, path: Sequence[str | int]) -> Sequence[str]:
        """The keys that are allowed at a place in the section, for suggestions."""
        return ()

    def is_secret(self, path: Sequence[str | int]) -> bool:
        """Whether what stands at a place in the section may be a secret, and must not be shown."""
        return False

    def hides_key(self, path: Sequence[str | int]) -> bool:
        """Whether a key in the section stands among secrets, and may be one: `password:hunter2` without its blank."""
        return len(path) == 2 and self.is_secret(path[:1])

    @abstractmethod
    def read(self, orthanc: Orthanc, section: Any = None) -> Any:
        """What the server says, as plain data; it holds no secret.

        Args:
            orthanc: A client that only reads.
            section: The section of the document, for what cannot be read without; None where there is none.
        """

    def snapshot(self, raw: Any, section: Any) -> Any:
        """What `read` gave as JSON has it, for a file: no secret and nothing about patients is in it.

        Args:
            raw: What `read` gave.
            section: The section that it was read for; None where there was none.
        """
        return raw

    def from_snapshot(self, data: Any, section: Any) -> Any:
        """What `snapshot` gave, as `read` would give it.

        Args:
            data: What is in the file.
            section: The section of the document.

        Raises:
            LookupError: What the section needs is not in the file; it says what.
            ValueError: It is damaged.
        """
        return data

    def configured(self, section: Any, context: Context, previous: Any = None) -> dict[tuple[str, ...], Any]:
        """What `orthanc.json` has to hold, by path, so that a server starts with what a section says.

        Args:
            section: The validated section; secrets stand as `Secret` in what is made of it.
            context: The server, or `MAINLINE` where any is meant, and the document.
            previous: What stood there before, so that it does not change without a reason.
        """
        return {}

    def elsewhere(self, section: Any) -> Iterable[tuple[tuple[str | int, ...], str]]:
        """What of a section `orthanc.json` cannot hold, and what can be done instead: relative places, and messages."""
        return ()

    def defaults(self) -> Mapping[str, Any]:
        """The default of each field that has one."""
        return {}

    def label(self, value: str) -> str:
        """What a value is called where it is shown to people."""
        return value


class ResourceKind(Kind):
    """A kind of which each resource has a state that is compared field by field, and is written by one request.

    Attributes:
        identity: The fields that say what a resource stands for, whatever its name: two with the same ones are the
            same thing, so that the one is not deleted before the other is there. Empty where there is no such thing.
        parallel: Whether one can be read and written while others of its kind are, as was seen on every version.
    """

    identity: ClassVar[tuple[str, ...]] = ()
    parallel: ClassVar[bool] = False

    def lack(self, raw: Any) -> Lack | None:
        """Why the server has nothing of this kind, for one that a plugin brings.

        Args:
            raw: What `read` gave.
        """
        return None

    @abstractmethod
    def live(self, raw: Any, section: Any, context: Context) -> dict[str, State]:
        """Every resource that the server has, by name.

        Args:
            raw: What `read` gave.
            section: The section of the document; None where there is none (for `dump`).
            context: The server and the document.
        """

    @abstractmethod
    def wanted(self, section: Any, raw: Any, live: Mapping[str, State], context: Context) -> Iterable[Wanted]:
        """Every resource that the document declares."""

    @abstractmethod
    def declared(self, section: Any, context: Context) -> Any:
        """A validated section as a canonical document has it; secrets stand in it as `Hidden`."""

    @abstractmethod
    def request_path(self, name: str) -> str:
        """The path to which every request goes that writes a resource."""

    def path_on(self, orthanc: Orthanc, path: str) -> str:
        """The path of a request on one server, where servers differ in it.

        Args:
            orthanc: The server.
            path: What `request_path` gave.
        """
        return path

    @abstractmethod
    def write(self, wanted: Wanted, state: State, context: Context) -> Operation:
        """The request that brings a resource into a state, which is the wanted one but for ignored fields."""

    def delete(self, name: str) -> Operation:
        """The request that removes a resource; only for kinds that can be removed."""
        raise NotImplementedError(f"{self.name} cannot be removed")

    def makes_so(
        self, name: str, state: State | None, operation: Operation, secrets: Mapping[str, Secret], context: Context
    ) -> bool:
        """Whether a request brings a resource into a state, and does nothing else.

        Args:
            name: The name of the resource.
            state: The state; None when there is to be none.
            operation: The request.
            secrets: The values behind what is hidden in the state, by path.
            context: The server and the document.
        """
        if state is None:
            return self.prunable and operation == self.delete(name)
        wanted = self.restoring(name, state, secrets, self.record_of(operation.body, context))
        return operation == self.write(wanted, state, context)

    def restoring(self, name: str, state: State, secrets: Mapping[str, Secret], record: Record | None) -> Wanted:
        """A state that was on the server before, wanted again.

        Args:
            name: The name of the resource.
            state: The state.
            secrets: The values behind what is hidden in it, by path.
            record: The record of fingerprints of what is there now; None where there is none.
        """
        return Wanted(name, state, secrets=secrets)

    def record_of(self, body: Any, context: Context) -> Record | None:
        """The record of fingerprints in what was sent for a resource; None where there is none."""
        text = body.get(PROPERTY) if isinstance(body, dict) else None
        return context.fingerprints.load(text)

    @abstractmethod
    def read_back(self, orthanc: Orthanc, name: str, context: Context) -> State | None:
        """One resource as it is now; None when there is none."""

    def fulfils(self, found: State, after: State, operation: Operation) -> bool:
        """Whether what was read back is what was to be."""
        return found == after

    @abstractmethod
    def dump(self, live: Mapping[str, State], context: Context) -> Any:
        """The section of a canonical document that describes the live state; None when there is nothing to say.

        Values that the server does not return stand in it as `Hidden`.
        """
