"""Makes the pages that follow from the source: commands, errors, and the manual page.

With `--check`, only tells whether one is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.command_line import Command, Parameter

COMMANDS = """\
# Commands

`orthanc-state COMMAND --help` tells the same on a terminal, and so does `man orthanc-state`. This page is made by
`tools/make_pages.py` of the command line itself.

Every command ends with exit code 0 when all is well, 2 when changes are pending (`drift`, `plan
--detailed-exitcode`), and 1 for anything else; what went wrong has a code, which the page on
[errors](errors.md) explains.
"""

ERRORS = """\
# Errors

What goes wrong is one block on standard error. Its first line says what was wrong and ends with a code; the lines below
say where, and what to do. With `--json`, the same is data on standard output, with `code` among it.

<!-- exits: 1 -->
```console
$ orthanc-state plan site.yaml --url http://127.0.0.1:1
Error: cannot connect to http://127.0.0.1:1: ... Connection refused [server-unreachable]
  Check the URL, and that the server is running and can be reached.
```

A code never changes its meaning, so that a program may rely on it; messages may change. `orthanc-state explain CODE`
tells what stands here. This page is made by `tools/make_pages.py` of what the errors say of themselves.

In Python each error is an exception, and all of them are an `OrthancStateError` with `message`, `hint`, `code` and,
where several things were found at once, `problems`.
"""


def pages() -> dict[Path, str]:
    """Each page with what it has to be."""
    from tools.man_page import man_page

    return {
        ROOT / "docs" / "commands.md": commands_page(),
        ROOT / "docs" / "errors.md": errors_page(),
        ROOT / "man" / "orthanc-state.1": man_page(),
    }


def commands_page() -> str:
    """The reference of commands."""
    from tools.command_line import commands, groups

    root, *found = commands()
    lines = [COMMANDS]
    for command in found:
        lines += _command(command)
    lines += ["## Options of every command", "", "They stand before the command.", "", *_table(root.options)]
    for group, options in groups(found).items():
        lines += [f"## {group} options", "", *_table(options)]
    return "\n".join(lines).rstrip("\n") + "\n"


def errors_page() -> str:
    """The reference of errors."""
    from orthanc_state.codes import ENDS, codes

    found = codes()
    errors = [code for code in found.values() if code.error]
    lines = [ERRORS, "## Errors of a command, and exceptions", ""]
    for code in errors:
        lines += [f"### `{code.name}`", "", code.meaning, "", code.remedy, "", f"In Python: `{code.error}`.", ""]
    lines += [
        "## Other ends of a command",
        "",
        "Here the result itself says what is so; the exit code goes with it.",
        "",
    ]
    for code in ENDS:
        lines += [f"### `{code.name}`", "", code.meaning, "", code.remedy, "", f"Exit code {code.exit_code}.", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _command(command: Command) -> Iterator[str]:
    from tools.command_line import OWN

    yield f"## `{command.name}`"
    yield ""
    yield command.summary
    yield ""
    yield from ("```text", f"orthanc-state {command.name} {command.usage}", "```", "")
    if command.arguments or command.of(OWN):
        yield from _table([*command.arguments, *command.of(OWN)])
    shared = list(dict.fromkeys(option.group for option in command.options if option.group))
    for group in shared:
        names = ", ".join(f"`{option.name}`" for option in command.of(group))
        yield f"- [{group} options](#{group.lower()}-options): {names}"
    if shared:
        yield ""


def _table(parameters: list[Parameter] | tuple[Parameter, ...]) -> Iterator[str]:
    yield from ("| written | means | default |", "| --- | --- | --- |")
    for each in parameters:
        variable = f" Also `{each.variable}`." if each.variable else ""
        default = f"`{each.default}`" if each.default else ""
        yield f"| `{_cell(each.spelling)}` | {_cell(each.help)}{variable} | {default} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """Generate, or check; 1 when something is stale."""
    sys.path.insert(0, str(ROOT))
    stale = {
        path: made for path, made in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != made
    }
    for path, made in stale.items():
        if "--check" in sys.argv:
            sys.stderr.write(f"stale, run tools/make_pages.py: {path.relative_to(ROOT)}\n")
        else:
            path.write_text(made, encoding="utf-8")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
