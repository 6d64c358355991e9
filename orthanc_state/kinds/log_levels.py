"""How much the server logs, as a whole and by category."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from orthanc_state.kinds.durability import NEVER
from orthanc_state.kinds.kind import Context, ResourceKind, Wanted
from orthanc_state.kinds.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orthanc_state.client import Orthanc
    from orthanc_state.kinds.state import State

Level = Literal["default", "verbose", "trace"]

ALL = "all"
"""The name for every category that has no level of its own in the document."""

LEVEL = "level"

DEFAULT = "default"
"""The level that needs no option on the command line."""


class Logging(BaseModel):
    """`logging:` in a document. A category that is left out follows `all`; without `all` it is left alone."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    all: Level | None = Field(None, description="Level of every category that is not given.")
    generic: Level | None = Field(None, description="What belongs to no other category.")
    dicom: Level | None = Field(None, description="DICOM associations and messages.")
    http: Level | None = Field(None, description="HTTP requests, in and out.")
    jobs: Level | None = Field(None, description="The jobs engine.")
    lua: Level | None = Field(None, description="Lua scripts.")
    plugins: Level | None = Field(None, description="Plugins.")
    sqlite: Level | None = Field(None, description="The SQLite index.")

    def of(self, category: str) -> Level | None:
        """The level of a category; None when it is left alone."""
        own: Level | None = getattr(self, category)
        return own or self.all


CATEGORIES = tuple(name for name in Logging.model_fields if name != ALL)


class LogLevels(ResourceKind):
    """The log levels of the running server. `orthanc.json` has none: they are options of the command line there."""

    name = "logging"
    rank = 40
    summary = (
        "How much the server logs, as a whole and by category. "
        "A category that is left out follows `all`; without `all` it is left alone."
    )
    durability = NEVER
    example: ClassVar[Any] = {"all": "default", "dicom": "verbose"}

    @cached_property
    def adapter(self) -> TypeAdapter[Logging]:
        return TypeAdapter(Logging)

    def requests(self, path: Sequence[str]) -> tuple[str, ...]:
        category = path[0] if path and path[0] != ALL else "{category}"
        return (f"PUT {self.request_path(category)}",)

    def valid_keys(self, path: Sequence[str | int]) -> Sequence[str]:
        return tuple(Logging.model_fields) if len(path) == 1 else ()

    def read(self, orthanc: Orthanc, section: Any = None) -> dict[str, str]:
        return {category: orthanc.tools.log_level.get(category=category) for category in CATEGORIES}

    def live(self, raw: Any, section: Any, context: Context) -> dict[str, State]:
        return {category: {LEVEL: level} for category, level in raw.items() if section is None or section.of(category)}

    def wanted(self, section: Logging, raw: Any, live: Mapping[str, State], context: Context) -> Iterable[Wanted]:
        # Category by category, also for `all`: the global level resets the others, and what it had reset would be lost.
        return [Wanted(category, {LEVEL: level}) for category in CATEGORIES if (level := section.of(category))]

    def request_path(self, name: str) -> str:
        return f"/tools/log-level-{name}"

    def elsewhere(self, section: Logging) -> Iterable[tuple[tuple[str, ...], str]]:
        given = section.model_dump(exclude_none=True)
        general = given.get(ALL, DEFAULT)
        for category, level in given.items():
            option = f"--{level}" if category == ALL else f"--{level}-{category}"
            if level != DEFAULT:
                yield (category,), f"a log level is no option of the file: start Orthanc with {option}"
            elif general != DEFAULT:
                yield (category,), f"Orthanc has no option for less than --{general}: apply the document after a start"

    def declared(self, section: Logging, context: Context) -> dict[str, str]:
        return section.model_dump(exclude_none=True)

    def write(self, wanted: Wanted, state: State, context: Context) -> Operation:
        return Operation("PUT", self.request_path(wanted.name), text=str(state[LEVEL]))

    def read_back(self, orthanc: Orthanc, name: str, context: Context) -> State | None:
        return {LEVEL: orthanc.tools.log_level.get(category=name)}

    def dump(self, live: Mapping[str, State], context: Context) -> Any:
        levels = {str(state[LEVEL]) for state in live.values()}
        if len(levels) == 1:
            return {ALL: levels.pop()}
        return {category: state[LEVEL] for category, state in live.items()}


KIND = LogLevels()
