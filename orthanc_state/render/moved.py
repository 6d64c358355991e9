"""What somebody else has changed on a server between a plan and its apply, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from orthanc_state.execution.report import Outcome
from orthanc_state.planning.change import PolicyChange
from orthanc_state.planning.fields import field_changes, flat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.execution.report import Result
    from orthanc_state.kinds.state import Value

PLANNED, FOUND, WANTED = "planned from", "is", "was to be"
"""The three points of view."""


@dataclass(frozen=True, slots=True)
class MovedField:
    """One field of which the points of view differ.

    Attributes:
        path: The field, with dots inside of mappings.
        values: What it is from each point of view from which there is a resource at all.
    """

    path: str
    values: Mapping[str, Value]


def moved_fields(result: Result) -> list[MovedField]:
    """The fields of a change that was not written since the server had moved; none where nothing is there now."""
    change = result.change
    if result.outcome is not Outcome.MOVED or isinstance(change, PolicyChange) or result.found is None:
        return []
    states = {
        word: state
        for word, state in ((PLANNED, change.before), (FOUND, result.found), (WANTED, change.after))
        if state is not None
    }
    differing = {field.path for pair in combinations(states.values(), 2) for field in field_changes(*pair)}
    fields = {word: flat(state) for word, state in states.items()}
    order = dict.fromkeys(path for each in reversed(fields.values()) for path in each)
    return [
        MovedField(path, {word: each.get(path) for word, each in fields.items()}) for path in order if path in differing
    ]
