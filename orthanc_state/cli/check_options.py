"""Which checks are made, and in which form their results are printed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orthanc_state.cli.completion import complete_check
from orthanc_state.errors import UsageError

if TYPE_CHECKING:
    from orthanc_state.configuration.start import Start


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
        list[str] | None,
        _check(
            "--only", metavar="NAME", help_text="Make only this check. May be repeated.", autocompletion=complete_check
        ),
    ] = None
    skip: Annotated[
        list[str] | None,
        _check(
            "--skip",
            metavar="NAME",
            help_text="Do not make this check. May be repeated.",
            autocompletion=complete_check,
        ),
    ] = None
    restart_safe: Annotated[
        bool, _check("--restart-safe", metavar="", help_text="Fail if something declared would not survive a restart.")
    ] = False
    configuration: Annotated[
        list[Path] | None,
        _check(
            "--configuration",
            metavar="PATH",
            help_text="A file or folder that the server is started with: what it says survives too. May be repeated.",
        ),
    ] = None
    env_file: Annotated[
        list[Path] | None,
        _check(
            "--env-file", metavar="FILE", help_text="A file of NAME=value lines: the environment that it is started in."
        ),
    ] = None
    days: Annotated[
        int,
        _check(
            "--days",
            metavar="DAYS",
            min=0,
            help_text="How many days certificates have to be valid yet.",
            show_default=True,
        ),
    ] = 30
    within: Annotated[
        float,
        _check(
            "--within",
            metavar="SECONDS",
            min=0.1,
            help_text="Seconds for each check at each target.",
            show_default=True,
        ),
    ] = 30.0
    format: Annotated[
        CheckFormat | None,
        typer.Option(
            "--format", metavar="FORMAT", help="Print the results as text (the default), json, junit (XML) or sarif."
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", metavar="", help="Short for --format json.")] = False

    @property
    def start(self) -> Start | None:
        """What the server starts with; None where nothing says it.

        Raises:
            OrthancStateError: Orthanc would not start with it, or nothing is to be known of restarts.
        """
        if not self.configuration:
            if self.env_file:
                raise UsageError(
                    "--env-file is the environment of a configuration, and none is given",
                    hint="Give --configuration PATH too.",
                )
            return None
        if not self.restart_safe:
            raise UsageError(
                "--configuration tells what a restart keeps, which is not asked for", hint="Give --restart-safe too."
            )
        from orthanc_state.engine import start

        return start(self.configuration, env_files=self.env_file or ())

    @property
    def chosen(self) -> CheckFormat:
        """The form that is asked for.

        Raises:
            UsageError: Two different ones are.
        """
        if self.json and self.format not in (None, CheckFormat.JSON):
            raise UsageError(
                f"--json and --format {self.format} ask for different things",
                hint="Give one of them: --json is --format json.",
            )
        return CheckFormat.JSON if self.json else self.format or CheckFormat.TEXT
