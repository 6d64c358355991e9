"""The root of every error that a user can cause, and the shape in which a face shows one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


class OrthancStateError(Exception):
    """Something that the user can understand and mend; never a defect of the kit.

    Every subclass has a code of its own, which is shown with the message and never changes its meaning; `codes.py`
    collects them for `explain` and for the documentation.

    Attributes:
        code: The name of this sort of error.
        remedy: What can be done about errors of this sort, in sentences for the documentation.
        hint: What to do about this very one, one sentence; empty when the message says it already.
    """

    code: str = "failed"
    remedy: ClassVar[str] = "The message says what was expected, and the line below it what to do."
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


class UsageError(OrthancStateError):
    """What was asked for cannot be done: an option or argument is missing, wrong, or does not go with another one."""

    code = "usage"
    remedy = "Nothing was done. The help of the command (`--help`) lists what it takes."


class UnreadableError(OrthancStateError):
    """A file cannot be read, or does not hold what it should."""

    code = "file-unreadable"
    remedy = "See that the path is right, that this user may read the file, and that it is what the message expects."


class UnwritableError(OrthancStateError):
    """A file cannot be written, or one is in the way that is not overwritten."""

    code = "file-unwritable"
    remedy = (
        "No half of it was written. See that the folder exists, that this user may write there, and that the disk is "
        "not full; or name another file."
    )


class InterruptError(OrthancStateError):
    """The command was interrupted (Ctrl-C)."""

    code = "interrupted"
    remedy = (
        "An apply finishes what is in hand before it ends, and its journal says how far it came. Run it again: what "
        "is done already is not sent again."
    )


class UnavailableError(OrthancStateError):
    """No Orthanc can be fetched or started on this machine."""

    code = "orthanc-unavailable"
    remedy = (
        "Only `demo` and the tests need one. It is fetched from a mirror of Debian (`ORTHANC_STATE_DEBIAN_MIRROR` "
        "names another one), or run by a container engine; `ORTHANC_BIN` names one that is installed."
    )


class ProblemsError(OrthancStateError):
    """Several problems found together, so that they can be mended together."""

    code = "problems"
    remedy = "Each problem has its place, what was expected and, where it is known, what to write instead."

    def __init__(self, summary: str, problems: Sequence[Problem]) -> None:
        super().__init__(summary)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {problem}" for problem in self.problems)])
