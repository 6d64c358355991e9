"""In which form a command prints its result."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

import typer

from orthanc_state.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Format(StrEnum):
    """What `--format` takes."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class FormatOptions:
    """How a plan or a report is printed."""

    format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="Print the result as text (the default), json, markdown (a comment on a merge request) or html (a "
            "page).",
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", metavar="", help="Short for --format json.")] = False

    @property
    def chosen(self) -> Format:
        """The one that is asked for.

        Raises:
            UsageError: Two different ones are.
        """
        if self.json and self.format not in (None, Format.JSON):
            raise UsageError(
                f"--json and --format {self.format} ask for different things",
                hint="Give one of them: --json is --format json.",
            )
        return Format.JSON if self.json else self.format or Format.TEXT


def asks_for_json(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for JSON, also where it is otherwise wrong: its error is then JSON too."""
    values = [
        *(value for name, value in pairwise(arguments) if name == "--format"),
        *(argument.removeprefix("--format=") for argument in arguments if argument.startswith("--format=")),
    ]
    return "--json" in arguments or Format.JSON in values
