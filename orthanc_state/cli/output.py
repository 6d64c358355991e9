"""Printing: colour only on a terminal, data only on standard output."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from orthanc_state.render.line import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthanc_state.render.line import Line

STYLES = {
    "create": "green",
    "update": "yellow",
    "delete": "red",
    "already": "dim",
    "dim": "dim",
    "strong": "bold",
    "warning": "bold yellow",
    "error": "bold red",
}


def print_lines(lines: Iterable[Line], *, error: bool = False) -> None:
    """Print lines, with colour when it is a terminal that shows it (and `NO_COLOR` is not set)."""
    stream = sys.stderr if error else sys.stdout
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        stream.writelines(plain(line) + "\n" for line in lines)
        return
    # Takes 40 ms to import, and does nothing where there is no colour.
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False)
    for line in lines:
        console.print(Text.assemble(*((text, STYLES.get(role, "")) for role, text in line)), soft_wrap=True)


def print_json(data: Any) -> None:
    """Print data as JSON."""
    sys.stdout.write(json_text(data))


def json_text(data: Any) -> str:
    """Data as JSON, in what the terminal can show."""
    return json.dumps(data, indent=2, ensure_ascii=not _unicode()) + "\n"


def print_html(page: str) -> None:
    """Print a page or a picture; what the output cannot hold is a character reference, the same to a browser."""
    sys.stdout.write(page if _unicode() else page.encode("ascii", "xmlcharrefreplace").decode("ascii"))


def _unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
