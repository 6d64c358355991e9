"""Options that several commands share, in groups: each group is a dataclass, each field of it an option."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from orthanc_state.cli.completion import complete_address, complete_prunable

if TYPE_CHECKING:
    from collections.abc import Callable


def takes(**groups: type[Any]) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command the options of some groups.

    Args:
        groups: For each argument of the command that is a group, the dataclass that it is.
    """

    def decorated(command: Callable[..., int]) -> Callable[..., int]:
        options = {name: _parameters(group) for name, group in groups.items()}

        @wraps(command)
        def run(**given: Any) -> int:
            for name, group in groups.items():
                given[name] = group(**{option.name: given.pop(option.name) for option in options[name]})
            return command(**given)

        own = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for name, parameter in inspect.signature(command, eval_str=True).parameters.items()
            if name not in groups
        ]
        parameters = [*own, *(option for group in options.values() for option in group)]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorated


def _parameters(group: type[Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in fields(group)
    ]


def _repeated(name: str, metavar: str, help_text: str, complete: Callable[..., list[str]]) -> Any:
    return typer.Option(
        name, metavar=metavar, help=f"{help_text} May be repeated.", rich_help_panel="Scope", autocompletion=complete
    )


def _applying(*names: str, help_text: str, **more: Any) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel="Apply", **more)


@dataclass(frozen=True, slots=True)
class ScopeOptions:
    """What of a document is planned."""

    target: Annotated[
        list[str] | None,
        _repeated("--target", "KIND/NAME", "Plan only this, and what it depends on; with wildcards.", complete_address),
    ] = None
    exclude: Annotated[
        list[str] | None,
        _repeated(
            "--exclude", "KIND/NAME", "Do not plan this, nor what depends on it; with wildcards.", complete_address
        ),
    ] = None
    prune: Annotated[
        list[str] | None,
        _repeated(
            "--prune",
            "KIND",
            "Delete what is not declared of this kind, as `prune` in a document does.",
            complete_prunable,
        ),
    ] = None

    @property
    def given(self) -> bool:
        """Whether anything was said."""
        return bool(self.target or self.exclude or self.prune)


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """How a plan is applied."""

    yes: Annotated[bool, _applying("--yes", "-y", metavar="", help_text="Do not ask before writing.")] = False
    allow_deletes: Annotated[
        bool,
        _applying("--allow-deletes", metavar="", help_text="Take away more than the limits of the document allow."),
    ] = False
    lua: Annotated[
        bool,
        _applying("--lua/--no-lua", metavar="", help_text="Apply policies by scripts where the server allows them."),
    ] = True
    verify: Annotated[
        bool,
        _applying(
            "--verify",
            metavar="",
            help_text="See which modalities and peers answer before and after; if one no longer does, exit with 1 and "
            "offer the rollback.",
        ),
    ] = False
    journal: Annotated[
        Path | None,
        _applying(
            "--journal",
            metavar="FILE",
            envvar="ORTHANC_STATE_JOURNAL",
            help_text="Append what is sent to this file, not to one of its own in ~/.local/state/orthanc-state; with "
            "--inventory it is a folder.",
        ),
    ] = None
    keep_journal: Annotated[
        bool, _applying("--keep-journal/--no-journal", metavar="", help_text="Keep a journal of what is sent.")
    ] = True
