"""Code in Markdown: the only place where a text that came from somewhere else may stand.

In code no forge looks for mentions, links, commands, HTML or anything else; nothing in a text can end the code either.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthanc_state.render.line import safe

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 400
"""Up to how many characters of one text are shown, so that one alone cannot use up the room of all others."""

LONGEST_SPAN = 100
"""The same within a line."""

_BACKTICKS = re.compile("`+")


def clipped(text: str, longest: int = LONGEST) -> str:
    """A text on one line, with nothing in it that steers what shows it; what is too long of it is only counted."""
    shown = safe(text)
    return shown if len(shown) <= longest else f"{shown[:longest]}… ({len(shown) - longest:,} characters more)"


def span(text: str) -> str:
    """A text as code within a line."""
    shown = clipped(text, LONGEST_SPAN) or '""'
    ticks = _longer_than_any([shown], 1)
    # One space at either end belongs to the marks, where the text would run into them or begin and end with a space;
    # not where there is nothing but spaces.
    space = " " if shown.strip(" ") and (shown[0] in " `" or shown[-1] in " `") else ""
    return f"{ticks}{space}{shown}{space}{ticks}"


def fence(lines: Iterable[str], language: str = "") -> str:
    """Lines as a block of code.

    Args:
        lines: Each on one line already: what is `clipped`, or own words.
        language: How they are coloured.
    """
    lines = list(lines)
    ticks = _longer_than_any(lines, 3)
    return "\n".join([ticks + language, *lines, ticks])


def _longer_than_any(texts: Iterable[str], least: int) -> str:
    runs = (len(run) for text in texts for run in _BACKTICKS.findall(text))
    return "`" * max(least, 1 + max(runs, default=0))
