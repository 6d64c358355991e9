"""The references to the environment in a configuration file: `${NAME}` and `${NAME:-default}`.

Orthanc puts their values into the text of the file before it reads it as JSON: anywhere, in comments and in keys too.
What is not set is nothing; a default counts only for what is not set; what is put in is not looked through again.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFERENCE = re.compile(r"\$\{(.+?)\}", re.DOTALL)
_QUOTES = ("'", '"')


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference.

    Attributes:
        name: The environment variable.
        has_default: Whether the file gives a value for it.
        known: Whether there is a value for it, from the environment or the file.
        span: Where its value begins and ends in the text that has the values.
        origin: Where it begins and ends itself, in the file.
    """

    name: str
    has_default: bool
    known: bool
    span: tuple[int, int]
    origin: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Substituted:
    """The text of a file with the values put in.

    Attributes:
        text: The text.
        references: What was put in, in the order of the text.
    """

    text: str
    references: tuple[Reference, ...]

    def origin(self, index: int) -> int:
        """Where in the file a character of the text comes from: the beginning of the reference that gave it."""
        number = bisect_right(self.references, index, key=lambda reference: reference.span[0]) - 1
        if number < 0:
            return index
        reference = self.references[number]
        return reference.origin[0] if index < reference.span[1] else index - reference.span[1] + reference.origin[1]

    def within(self, start: int, end: int) -> tuple[Reference, ...]:
        """The references of which the value, or nothing, stands between two places of the text."""
        first = bisect_right(self.references, start - 1, key=lambda reference: reference.span[0])
        last = bisect_right(self.references, end, key=lambda reference: reference.span[0])
        return tuple(reference for reference in self.references[first:last] if reference.span[1] <= end)


def substituted(text: str, environment: Mapping[str, str]) -> Substituted:
    """Put the values of environment variables into the text of a file, as Orthanc does."""
    pieces: list[str] = []
    references: list[Reference] = []
    length = end = 0
    for match in _REFERENCE.finditer(text):
        name, colon, default = match[1].partition(":-")
        pieces.append(text[end : match.start()])
        length += match.start() - end
        end = match.end()
        value = environment.get(name, _unquoted(default))
        pieces.append(value)
        span = (length, length + len(value))
        length += len(value)
        references.append(Reference(name, bool(colon), bool(colon) or name in environment, span, match.span()))
    pieces.append(text[end:])
    return Substituted("".join(pieces), tuple(references))


def _unquoted(default: str) -> str:
    quoted = len(default) > 1 and default[0] == default[-1] and default[0] in _QUOTES
    return default[1:-1] if quoted else default
