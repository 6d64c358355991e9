"""The manual page, in the language of troff."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.command_line import OWN, commands, groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tools.command_line import Command, Parameter

ENVIRONMENT = {
    "ORTHANC_PASSWORD": "The password of the user. It is never an argument.",
    "ORTHANC_TOKEN": "A bearer token, where no user is given.",
    "ORTHANC_CLIENT_KEY_PASSWORD": "The password of the private key.",
    "HTTPS_PROXY, HTTP_PROXY, NO_PROXY": "Proxies, as other programs take them.",
    "XDG_STATE_HOME": "Where journals are kept; ~/.local/state if it is not set.",
    "NO_COLOR": "No colour, whatever the terminal shows.",
}
EXITS = {
    "0": "In sync, or applied.",
    "2": "Changes are pending: of drift, and of plan with --detailed-exitcode.",
    "1": "Anything else. The first line on standard error ends with a code; `orthanc-state explain CODE` tells it.",
}
EXAMPLES = {
    "A document to begin with:": "orthanc-state init site.yaml",
    "What would change:": "orthanc-state plan site.yaml --url http://localhost:8042",
    "Make it so:": "orthanc-state apply site.yaml --url http://localhost:8042",
    "Look for drift, from a timer:": "orthanc-state drift site.yaml --json",
    "Many servers, in waves:": "orthanc-state apply --inventory fleet.yaml --waves 1,25%,100%",
}


def man_page() -> str:
    """The whole page."""
    root, *found = commands()
    shared = groups(found)
    lines = [
        '.\\" Made by tools/make_pages.py of the command line: change it there.',
        '.TH ORTHANC\\-STATE 1 "" "orthanc\\-state" "User Commands"',
        ".SH NAME",
        "orthanc\\-state \\- declarative configuration of Orthanc DICOM servers",
        ".SH SYNOPSIS",
        ".B orthanc\\-state",
        "[\\fIOPTIONS\\fR] \\fICOMMAND\\fR ...",
        ".SH DESCRIPTION",
        _escaped(root.summary),
        "A document says what a server should be; plan shows the difference, apply makes it so and reads it back.",
        ".SH COMMANDS",
    ]
    for command in found:
        lines += _command(command)
    lines += [".SH OPTIONS OF EVERY COMMAND", *_parameters(root.options)]
    for group, options in shared.items():
        lines += [f".SH {group.upper()} OPTIONS", *_parameters(options)]
    variables = {option.variable: option for command in found for option in command.options if option.variable}
    lines += [".SH ENVIRONMENT"]
    lines += _terms((name, f"What {option.name} gives.") for name, option in variables.items())
    lines += _terms(ENVIRONMENT.items())
    lines += [".SH EXIT STATUS", *_terms(EXITS.items()), ".SH EXAMPLES"]
    for what, written in EXAMPLES.items():
        lines += [".TP", _escaped(what), f".B {_escaped(written)}"]
    lines += [".SH SEE ALSO", "orthanc\\-state explain tells what a document can say.", ".BR Orthanc (1)"]
    return "\n".join(lines) + "\n"


def _command(command: Command) -> Iterator[str]:
    yield f".SS {_escaped(command.name)}"
    yield f".B orthanc\\-state {_escaped(command.name)}"
    yield _escaped(command.usage)
    yield ".PP"
    yield _escaped(command.summary)
    yield from _parameters([*command.arguments, *command.of(OWN)])
    for group in dict.fromkeys(option.group for option in command.options if option.group):
        names = ", ".join(option.name for option in command.of(group))
        yield ".PP"
        yield _escaped(f"{group} options, below: {names}.")


def _parameters(parameters: Iterable[Parameter]) -> Iterator[str]:
    for each in parameters:
        facts = [each.help, f"Default: {each.default}." if each.default else ""]
        yield from _terms([(each.spelling, " ".join(filter(None, facts)))])


def _terms(terms: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, text in terms:
        yield ".TP"
        yield f".B {_escaped(term)}"
        yield _escaped(text)


def _escaped(text: str) -> str:
    """A line of text that troff takes for nothing else; hyphens are those that can be copied."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("~", "\\(ti").replace("^", "\\(ha")
    escaped = re.sub(r"`([^`]*)`", r"\\fB\1\\fR", escaped)
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped
