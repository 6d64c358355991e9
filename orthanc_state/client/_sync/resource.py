# Generated from ../_async by tools/make_sync.py: change it there.
"""What all parts of the API share: a place in the tree of paths, and the connection that reaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.client.path import join

if TYPE_CHECKING:
    from orthanc_state.client._sync.connection import Connection


class Resource:
    """One node of the REST API; children are made by giving further path segments."""

    def __init__(self, connection: Connection, *segments: str) -> None:
        self._connection = connection
        self._segments = segments

    def _path(self, *segments: str) -> str:
        return join(*self._segments, *segments)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._path()} of {self._connection.url}>"
