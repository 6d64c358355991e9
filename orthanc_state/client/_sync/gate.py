# Generated from ../_async by tools/make_sync.py: change it there.
"""The read-only gate: what may be sent while nothing may be changed."""

from __future__ import annotations

import httpx

from orthanc_state.client.errors import ReadOnlyError
from orthanc_state.client.query import is_disguised, is_query, is_reading_script


class ReadOnlyGate(httpx.BaseTransport):
    """A transport that lets only questions through, whatever code it is that asks.

    It sits between httpx and the network, so no caller can go round it by using another method of the client.
    Closing it leaves the transport behind it open: that one belongs to the client that made it.
    """

    def __init__(self, transport: httpx.BaseTransport, base_path: str) -> None:
        self._transport = transport
        self._base_path = base_path

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        below = request.url.path.startswith(self._base_path + "/")
        path = request.url.path.removeprefix(self._base_path)
        asks = is_query(request.method, path) or is_reading_script(request, path)
        if not below or not asks or is_disguised(request.url.params, request.headers):
            raise ReadOnlyError(
                f"{request.method} {path} was stopped: it may write, and this client only reads",
                hint="Use a client that is not read-only for what changes the server.",
            )
        return self._transport.handle_request(request)
