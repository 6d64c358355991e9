# Generated from ../_async by tools/make_sync.py: change it there.
"""An answer while it arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.client.request import revision_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


class Opened:
    """An answer of which only the head has arrived.

    Attributes:
        status: The HTTP status.
        length: Bytes of the body, where the server says so.
        revision: The revision of what it tells of (`ETag`), where it has one.
    """

    def __init__(self, response: httpx.Response) -> None:
        length = response.headers.get("Content-Length", "")
        encoded = "Content-Encoding" in response.headers
        self.status = response.status_code
        self.length = int(length) if length.isdigit() and not encoded else None
        self.revision = revision_of(response)
        self._response = response

    def pieces(self) -> Iterator[bytes]:
        """The body as it arrives."""
        return self._response.iter_bytes()
