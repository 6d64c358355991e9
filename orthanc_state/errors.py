"""The root of every error that a user can cause, and the shape in which a face shows one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class OrthancStateError(Exception):
    """Something that the user can understand and mend; never a defect of the kit.

    Attributes:
        hint: What to do about it, one sentence; empty when the message says it already.
    """

    hint: str = ""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        if hint:
            self.hint = hint


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file; line and column count from 1."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, with where it stands and what was expected instead."""

    message: str
    place: Place | None = None
    field: str = ""
    hint: str = ""

    def __str__(self) -> str:
        parts = [str(self.place)] if self.place else []
        if self.field:
            parts.append(self.field)
        text = ": ".join([" ".join(parts), self.message] if parts else [self.message])
        return f"{text} ({self.hint})" if self.hint else text


class ProblemsError(OrthancStateError):
    """Several problems found together, so that they can be mended together."""

    def __init__(self, summary: str, problems: Sequence[Problem]) -> None:
        super().__init__(summary)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {problem}" for problem in self.problems)])
