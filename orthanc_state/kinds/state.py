"""The values that are compared: what a resource is, field by field, on either side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hidden:
    """A value that the server holds but never returns.

    Attributes:
        digest: Its salted slow hash; None when nothing is known of it.
        secret: Whether it is a secret, or only something that the server does not return.
    """

    digest: str | None = None
    secret: bool = True


Value = None | bool | int | str | Hidden | tuple["Value", ...] | Mapping[str, "Value"]
"""A normalised value: the same on both sides when it means the same."""

State = Mapping[str, Value]
"""One resource: each field (canonical spelling) with its value."""


def hidden_values(state: State, prefix: str = "") -> dict[str, Hidden]:
    """What is hidden in a state, by path: `password`, `http_headers.X-Api-Key`."""
    found: dict[str, Hidden] = {}
    for name, value in state.items():
        if isinstance(value, Hidden):
            found[prefix + name] = value
        elif isinstance(value, Mapping):
            found |= hidden_values(value, f"{prefix}{name}.")
    return found
