"""What a line is about: its sign where there is no colour, its colour where there is."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What is done to something; also that nothing has to be done, or that it went wrong."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ALREADY = "already"
    ERROR = "error"

    @property
    def sign(self) -> str:
        """One character that stands for it."""
        return _SIGNS[self]


_SIGNS = {Role.CREATE: "+", Role.UPDATE: "~", Role.DELETE: "-", Role.ALREADY: "=", Role.ERROR: "!"}
