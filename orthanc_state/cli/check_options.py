"""Which checks are made, and in which form their results are printed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import typer

from orthanc_state.errors import OrthancStateError


class CheckFormat(StrEnum):
    """What `check --format` takes."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    SARIF = "sarif"


def _check(*names: str, help_text: str, **more: Any) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel="Checks", **more)


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """Which checks are made, and how."""

    only: Annotated[
        list[str] | None, _check("--only", metavar="NAME", help_text="Make only this check. May be repeated.")
    ] = None
    skip: Annotated[
        list[str] | None, _check("--skip", metavar="NAME", help_text="Do not make this check. May be repeated.")
    ] = None
    restart_safe: Annotated[
        bool, _check("--restart-safe", help_text="Fail if something declared would not survive a restart.")
    ] = False
    days: Annotated[
        int, _check("--days", min=0, help_text="How many days certificates have to be valid yet.", show_default=True)
    ] = 30
    within: Annotated[
        float, _check("--within", min=0.1, help_text="Seconds for each check at each target.", show_default=True)
    ] = 30.0
    format: Annotated[
        CheckFormat | None,
        typer.Option(
            "--format", metavar="FORMAT", help="Print the results as text (the default), json, junit (XML) or sarif."
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False

    @property
    def chosen(self) -> CheckFormat:
        """The form that is asked for.

        Raises:
            OrthancStateError: Two different ones are.
        """
        if self.json and self.format not in (None, CheckFormat.JSON):
            raise OrthancStateError(
                f"--json and --format {self.format} ask for different things",
                hint="Give one of them: --json is --format json.",
            )
        return CheckFormat.JSON if self.json else self.format or CheckFormat.TEXT
