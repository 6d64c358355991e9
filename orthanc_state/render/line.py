"""Lines of text with the roles of their parts, so that one renderer serves terminals with and without colour."""

from __future__ import annotations

import re

Line = tuple[tuple[str, str], ...]
"""Parts of a line, each a role (`create`, `update`, `delete`, `dim`, `strong`, `warning`, `error`, none) and a text."""

_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f"  # control characters
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what turns the direction of text
    r"\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\U000e0000-\U000e0fff"  # what is not seen, or ends a line
    r"\ud800-\udfff]"  # halves of characters
)


def safe(text: object) -> str:
    """Text that came from somewhere else, with everything escaped that could steer what shows it, or hide in it."""
    return _UNSAFE.sub(lambda match: ascii(match.group())[1:-1], str(text))


def plain(line: Line) -> str:
    """A line without its roles."""
    return "".join(text for _, text in line)
