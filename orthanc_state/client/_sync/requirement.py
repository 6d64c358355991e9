# Generated from ../_async by tools/make_sync.py: change it there.
"""Refuses what a server is too old for and would ignore without a word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthanc_state.client.errors import UnsupportedError

if TYPE_CHECKING:
    from orthanc_state.client._sync.connection import Connection


def require(connection: Connection, what: str, since: str) -> None:
    """Refuse a write on a server that is older than a version; a development build knows everything.

    Raises:
        UnsupportedError: The server is older.
    """
    if connection.read_only:
        # It is refused anyway, and before anything is asked.
        return
    version = (connection.system())["Version"]
    if version[:1].isdigit() and _numbers(version) < _numbers(since):
        raise UnsupportedError(
            f"{what} is not known to Orthanc {version}, which would ignore it", hint=f"It needs Orthanc {since}."
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"[0-9]+", version)[:4]))
