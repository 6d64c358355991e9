"""A change field by field: what is shown, and what is compared after a write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orthanc_state.kinds.state import Hidden

if TYPE_CHECKING:
    from orthanc_state.kinds.state import State, Value


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs.

    Attributes:
        path: The field, with dots inside of mappings: `timeout`, `http_headers.X-Api-Key`.
        before: Its value now; None where there is none.
        after: Its value to be; None where there will be none.
        added: For a list, what comes in.
        removed: For a list, what goes out.
    """

    path: str
    before: Value
    after: Value
    added: tuple[Value, ...] = ()
    removed: tuple[Value, ...] = ()


def field_changes(before: State | None, after: State | None) -> tuple[FieldChange, ...]:
    """The fields in which two states differ, in the order of the fields of the kind."""
    if before is None or after is None:
        state = flat(after if before is None else before)
        order = list(state)
        return tuple(
            FieldChange(path, None, state[path]) if before is None else FieldChange(path, state[path], None)
            for path in order
        )
    # Takes 0.15 s to import, and is needed only when there is something to show.
    from deepdiff import DeepDiff

    diff = DeepDiff(_comparable(before), _comparable(after), view="tree", ignore_order=True, verbose_level=0)
    paths: dict[str, None] = {}
    for levels in diff.values():
        for level in levels:
            keys = level.path(output_format="list")
            paths[".".join(str(key) for key in keys if isinstance(key, str))] = None
    old, new = flat(before), flat(after)
    order = [*new, *(path for path in old if path not in new)]
    return tuple(_field_change(path, old.get(path), new.get(path)) for path in order if path in paths)


def _field_change(path: str, old: Value, new: Value) -> FieldChange:
    if isinstance(old, tuple) and isinstance(new, tuple):
        added = tuple(item for item in new if item not in old)
        return FieldChange(path, old, new, added, tuple(item for item in old if item not in new))
    return FieldChange(path, old, new)


def flat(state: State | None, prefix: str = "") -> dict[str, Value]:
    """The fields of a state by their paths."""
    fields: dict[str, Value] = {}
    for name, value in (state or {}).items():
        if isinstance(value, Mapping):
            fields |= flat(value, f"{prefix}{name}.")
        else:
            fields[prefix + name] = value
    return fields


def _comparable(value: Any) -> Any:
    """A state as plain data: deepdiff would look into the objects."""
    if isinstance(value, Hidden):
        return f"hidden {value.digest}"
    if isinstance(value, str):
        # deepdiff takes only what can be encoded, and a server can send half of a character.
        return value.encode("utf-8", "surrogatepass").decode("latin-1")
    if isinstance(value, Mapping):
        return {key: _comparable(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_comparable(item) for item in value]
    return value
