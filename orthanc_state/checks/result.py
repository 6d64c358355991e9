"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from orthanc_state.shown import Shown

if TYPE_CHECKING:
    from orthanc_state.errors import Place


class Status(StrEnum):
    """What a check came to."""

    OK = "ok"
    WARNING = "warning"
    """It works, and should be looked at."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """There was nothing to look at, or no way to do so."""
    UNKNOWN = "unknown"
    """The server does not tell."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at one target.

    Attributes:
        status: What it came to.
        message: What was found. It may hold anything that a server says.
        hint: What to do about it; empty where there is nothing to do.
        path: Where in the document it is said; empty where it is not.
    """

    status: Status
    message: str
    hint: str = ""
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Result(Shown):
    """What one check found at one target of one server.

    Attributes:
        check: The name of the check.
        server: The name of the server in the inventory; its URL where there is none.
        target: What was looked at: `modalities/pacs`, or `server`.
        status: What it came to.
        message: What was found. It may hold anything that a server says.
        hint: What to do about it; empty where there is nothing to do.
        place: Where in its file the document says it; None where it does not.
        seconds: How long it took.
    """

    check: str
    server: str
    target: str
    status: Status
    message: str
    hint: str = ""
    place: Place | None = None
    seconds: float = 0.0


class Results(list[Result], Shown):
    """What several checks found."""


def ok(message: str, path: tuple[str | int, ...] = ()) -> Finding:
    """All is well."""
    return Finding(Status.OK, message, path=path)


def warning(message: str, hint: str = "", path: tuple[str | int, ...] = ()) -> Finding:
    """It should be looked at."""
    return Finding(Status.WARNING, message, hint, path)


def failed(message: str, hint: str = "", path: tuple[str | int, ...] = ()) -> Finding:
    """Something is wrong."""
    return Finding(Status.FAILED, message, hint, path)


def skipped(message: str, hint: str = "", path: tuple[str | int, ...] = ()) -> Finding:
    """It could not be looked at."""
    return Finding(Status.SKIPPED, message, hint, path)


def unknown(message: str, hint: str = "", path: tuple[str | int, ...] = ()) -> Finding:
    """It cannot be told."""
    return Finding(Status.UNKNOWN, message, hint, path)
