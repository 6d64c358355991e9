"""The codes that a user can meet: one for each sort of error, and one for each other end of a command."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from orthanc_state.errors import OrthancStateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MODULES = (
    "errors",
    "client.errors",
    "configuration.files",
    "document.load",
    "document.origin",
    "document.reference",
    "document.secrets",
    "execution.executor",
    "execution.history",
    "fleet.apply",
    "fleet.inventory",
    "fleet.link_results",
    "fleet.member",
    "fleet.waves",
    "jupyter.controllers.editor",
    "planning.differ",
    "planning.plan_file",
    "planning.scope",
    "planning.sealed",
)
"""Where errors that a user can meet are declared."""


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means.

    Attributes:
        name: The code, as it is shown.
        meaning: What has happened.
        remedy: What can be done about it.
        exit_code: With what the command line ends.
        error: The exception in Python; empty where it is none.
    """

    name: str
    meaning: str
    remedy: str
    exit_code: int = 1
    error: str = ""


ENDS = (
    Code(
        "apply-incomplete",
        "An apply has ended, and some of its changes are not in force.",
        "The report says of each what failed or was not tried, and why. Run it again: it takes up what is left.",
    ),
    Code(
        "plan-moved",
        "The server has changed since the plan was made. What had moved was left alone, as was what depends on it.",
        "The report shows what was planned, what is there and what it was to be. Make a new plan, and look at it.",
    ),
    Code(
        "changes-pending",
        "The server is not what the document says. It is what `drift` and `plan --detailed-exitcode` tell.",
        "`apply` makes it so; or change the document, if the server is right.",
        exit_code=2,
    ),
    Code(
        "check-failed",
        "A check has failed: something does not work, or is not safe.",
        "The line below each failed check says what to do. `--skip NAME` leaves one out.",
    ),
    Code(
        "link-lost",
        "After `apply --verify` a modality or a peer no longer answers, which did before.",
        "The command shows which one, and the rollback that undoes the apply.",
    ),
    Code(
        "rollback-partial",
        "A rollback was planned or applied, and something of the apply cannot be undone.",
        "The notes of its plan say what: a password that was never known here, or the values of metadata.",
    ),
    Code(
        "not-confirmed",
        "The question before an apply was answered with something else than `yes`. Nothing was written.",
        "Answer `yes`, or give `--yes`.",
    ),
)
"""The ends of a command that are no error in Python: the result says it."""


@cache
def codes() -> Mapping[str, Code]:
    """Every code by its name, those of errors first, in alphabetical order."""
    for module in MODULES:
        import_module(f"orthanc_state.{module}")
    errors = sorted(map(_of, _below(OrthancStateError)), key=lambda code: code.name)
    return {code.name: code for code in (*errors, *ENDS)}


def _below(root: type[OrthancStateError]) -> Iterator[type[OrthancStateError]]:
    yield root
    for error in root.__subclasses__():
        yield from _below(error)


def _of(error: type[OrthancStateError]) -> Code:
    """What an error says of itself: the first paragraph of its docstring is what has happened."""
    meaning = inspect.cleandoc(error.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
    return Code(error.code, meaning, error.remedy, error=f"{error.__module__}.{error.__qualname__}")
