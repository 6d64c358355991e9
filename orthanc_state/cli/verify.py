"""`apply --verify`: which links work before and after, and what undoes an apply that broke one."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from orthanc_state.cli.output import print_lines
from orthanc_state.render.line import Line, safe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from orthanc_state.checks.links import Links
    from orthanc_state.checks.result import Result


def show_links(links: Links, lost: Sequence[Result], *, error: bool) -> None:
    """Say which links no longer work.

    Args:
        links: Those that worked before.
        lost: Those that do no longer.
        error: Whether it is said on standard error, since standard output is for something else.
    """
    lines: list[Line] = []
    if not lost:
        lines.append((("strong", "Links: "), ("", f"all that worked before still do ({links.count}).")))
    for result in lost:
        where = f"{safe(result.server)} {safe(result.target)}"
        lines.append((("error", "No longer works: "), ("", f"{where} ({result.check}): {safe(result.message)}")))
    print_lines(lines, error=error)


def offer_rollback(journals: Sequence[Path], *, ask: bool) -> bool:
    """Say what undoes an apply, and ask whether to do so.

    Args:
        journals: Where what was sent stands; nothing where none was kept.
        ask: Whether there may be somebody to ask.

    Returns:
        Whether it is to be undone now.
    """
    if not journals:
        print_lines([(("", "No journal was kept, so it cannot be rolled back."),)], error=True)
        return False
    print_lines([(("", "This undoes it (with the same options for the server):"),)], error=True)
    for journal in journals:
        print_lines([(("strong", f"  orthanc-state rollback {shlex.quote(safe(journal))}"),)], error=True)
    if not ask or not sys.stdin.isatty():
        return False
    sys.stdout.write("\nRoll back now? Only `yes` will do: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip() == "yes"
