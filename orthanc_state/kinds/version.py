"""Versions of Orthanc, so that they can be compared."""

from __future__ import annotations

import re

Version = tuple[int, ...]

MAINLINE: Version = (9999,)
"""What a development build (`mainline`) counts as: newer than every release."""


def parse_version(text: str) -> Version:
    """`1.12.7` as `(1, 12, 7)`; what follows the numbers (`-beta`, a commit) is left out."""
    match = re.match(r"[0-9]{1,6}(?:\.[0-9]{1,6})*", text)
    return tuple(map(int, match.group().split("."))) if match else MAINLINE
