"""The command line as data: what the pages about it are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = ""
"""The group of the options that are of one command alone."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument or an option.

    Attributes:
        spelling: How it is written: `--out FILE`, `-y, --yes`.
        name: Its longest name, or what stands for it.
        help: What it means.
        default: Its default as a text; empty where there is none worth telling.
        variable: The environment variable that gives it; empty where there is none.
        group: The group that several commands share; empty for its own.
    """

    spelling: str
    name: str
    help: str
    default: str
    variable: str
    group: str


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: What is written for it, with those above it: `journal verify`.
        usage: What is written after its name.
        summary: What it does.
        arguments: What it takes without a name.
        options: What it takes by name.
    """

    name: str
    usage: str
    summary: str
    arguments: tuple[Parameter, ...]
    options: tuple[Parameter, ...]

    def of(self, group: str) -> list[Parameter]:
        """The options of one group."""
        return [option for option in self.options if option.group == group]


def commands() -> list[Command]:
    """Every command, in the order in which `--help` lists them; the first one is what all of them share."""
    import typer
    from typer.main import get_command

    from orthanc_state.cli.app import app

    root = get_command(app)
    return list(_walk(typer.Context(root, info_name="orthanc-state"), root, ""))


def groups(found: list[Command]) -> dict[str, list[Parameter]]:
    """The options that several commands share, by their group; each once."""
    shared: dict[str, dict[str, Parameter]] = {}
    for command in found:
        for option in command.options:
            if option.group:
                shared.setdefault(option.group, {}).setdefault(option.name, option)
    return {name: list(options.values()) for name, options in shared.items()}


def _walk(context: Any, command: Any, name: str) -> Iterator[Command]:
    import typer

    parameters = [each for each in command.params if not getattr(each, "hidden", False)]
    arguments = tuple(_argument(each) for each in parameters if each.param_type_name == "argument")
    options = tuple(_option(each) for each in parameters if each.param_type_name == "option")
    usage = " ".join(["[OPTIONS]", *(argument.spelling for argument in arguments)])
    below = getattr(command, "commands", {})
    if not below or not name:
        yield Command(name, "[OPTIONS] COMMAND ..." if below else usage, _text(command.help), arguments, options)
    for word, each in below.items():
        inner = typer.Context(each, info_name=word, parent=context)
        yield from _walk(inner, each, f"{name} {word}".strip())


def _argument(parameter: Any) -> Parameter:
    spelling = f"{parameter.metavar}{'...' if parameter.nargs != 1 else ''}"
    spelling = spelling if parameter.required else f"[{spelling}]"
    return Parameter(spelling, parameter.metavar, _text(parameter.help), _default(parameter), "", OWN)


def _option(parameter: Any) -> Parameter:
    names = sorted(parameter.opts, key=len)
    value = "" if parameter.is_flag else f" {parameter.metavar}"
    off = f"/{parameter.secondary_opts[0]}" if parameter.secondary_opts else ""
    return Parameter(
        f"{', '.join(names)}{off}{value}",
        names[-1],
        _text(parameter.help),
        _default(parameter),
        parameter.envvar or "",
        parameter.rich_help_panel or OWN,
    )


def _default(parameter: Any) -> str:
    default = parameter.default
    if default is None or default in ("", False, True) or callable(default) or not parameter.show_default:
        return ""
    return str(getattr(default, "value", default))


def _text(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()
