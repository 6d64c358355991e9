"""How much the server logs, as a whole and by category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from orthanc_state.kinds.kind import Context, ResourceKind, Wanted
from orthanc_state.kinds.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orthanc_state.client import Orthanc
    from orthanc_state.kinds.state import State

Level = Literal["default", "verbose", "trace"]

ALL = "all"
"""The name for every category that has no level of its own in the document."""

MIXED = "mixed"
"""What `all` reads as when its categories differ. No document can ask for it."""

LEVEL = "level"


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


CATEGORIES = tuple(name for name in Logging.model_fields if name != ALL)


class LogLevels(ResourceKind):
    """The log levels of the running server. `orthanc.json` has none: they are options of the command line there."""

    name = "logging"
    rank = 40

    def parse(self, value: Any) -> Logging:
        return Logging.model_validate(value)

    def valid_keys(self, path: Sequence[str | int]) -> Sequence[str]:
        return tuple(Logging.model_fields) if len(path) == 1 else ()

    def read(self, orthanc: Orthanc, section: Any = None) -> dict[str, str]:
        return {category: orthanc.tools.log_level.get(category=category) for category in CATEGORIES}

    def live(self, raw: Any, section: Any, context: Context) -> dict[str, State]:
        if section is None:
            return {category: {LEVEL: level} for category, level in raw.items()}
        given = section.model_dump(exclude_none=True)
        states: dict[str, State] = {category: {LEVEL: raw[category]} for category in given if category != ALL}
        if ALL in given:
            states[ALL] = _common(level for category, level in raw.items() if category not in given)
        return states

    def wanted(self, section: Logging, raw: Any, live: Mapping[str, State], context: Context) -> Iterable[Wanted]:
        given = section.model_dump(exclude_none=True)
        general = given.pop(ALL, None)
        reset = general is not None and live[ALL] not in ({LEVEL: general}, {})
        if general is not None:
            yield Wanted(ALL, {LEVEL: general} if live[ALL] else {})
        for category, level in given.items():
            if reset:
                # Setting the global level sets every category: those with a level of their own come after it.
                yield Wanted(
                    category,
                    {LEVEL: level},
                    before={LEVEL: general},
                    depends_on=(ALL,),
                    reason="set again after logging/all" if raw[category] == level else "",
                )
            else:
                yield Wanted(category, {LEVEL: level})

    def write(self, wanted: Wanted, state: State, context: Context) -> Operation:
        path = "/tools/log-level" if wanted.name == ALL else f"/tools/log-level-{wanted.name}"
        return Operation("PUT", path, text=str(state[LEVEL]))

    def read_back(self, orthanc: Orthanc, name: str, context: Context) -> State | None:
        if name == ALL:
            return _common(self.read(orthanc).values())
        return {LEVEL: orthanc.tools.log_level.get(category=name)}

    def dump(self, live: Mapping[str, State], context: Context) -> Any:
        common = _common(state[LEVEL] for state in live.values())
        if common[LEVEL] != MIXED:
            return {ALL: common[LEVEL]}
        return {category: state[LEVEL] for category, state in live.items()}


def _common(levels: Iterable[Any]) -> State:
    """The level that all have; `MIXED` when they differ, and nothing when there are none."""
    found = set(levels)
    if not found:
        return {}
    return {LEVEL: found.pop() if len(found) == 1 else MIXED}


KIND = LogLevels()
