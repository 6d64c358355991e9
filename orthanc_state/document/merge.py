"""Several files as one document: a later one overrides by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def merged(
    base: Mapping[str, Any],
    over: Mapping[str, Any],
    keeps_null: Callable[[tuple[str, ...]], bool],
    path: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Merge mappings key by key; anything else replaces, and `None` takes away what is there.

    Args:
        base: What is overridden.
        over: What overrides it.
        keeps_null: Whether `None` at a path is a value of its own.
        path: Where the two stand.
    """
    result = dict(base)
    for key, value in over.items():
        here = (*path, key)
        if value is None and key in result and (isinstance(result[key], Mapping) or not keeps_null(here)):
            del result[key]
        elif isinstance(value, Mapping) and isinstance(result.get(key), Mapping):
            result[key] = merged(result[key], value, keeps_null, here)
        else:
            result[key] = value
    return result
