"""What a code means and what to do about it, as lines of text or as data."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from orthanc_state.render.line import Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.codes import Code


def code_lines(code: Code, width: int) -> Iterator[Line]:
    """A code with what has happened and what can be done.

    Args:
        code: The code.
        width: Columns of the terminal.
    """
    yield (("strong", code.name),)
    for text in (code.meaning, code.remedy):
        yield from ((("", f"  {line}"),) for line in wrap(text, width - 2, break_on_hyphens=False))
        yield ()
    yield (("dim", "  Exit code      "), ("", str(code.exit_code)))
    if code.error:
        yield (("dim", "  In Python      "), ("", code.error))


def code_data(code: Code) -> dict[str, Any]:
    """A code as plain data."""
    return {
        "code": code.name,
        "meaning": code.meaning,
        "remedy": code.remedy,
        "exit_code": code.exit_code,
        "error": code.error or None,
    }
