# Generated from ../_async by tools/make_sync.py: change it there.
"""Answers that are read as a whole before anybody sees them."""

from __future__ import annotations

import time
from typing import cast

import httpx

STREAM = "orthanc_state.stream"
"""The extension of a request whose answer is read piece by piece by the caller."""


LIMIT = "orthanc_state.limit"
"""The extension of a request whose answer may take longer, in seconds."""


class WholeAnswers(httpx.BaseTransport):
    """Reads the body of an answer within the transport, so that one that is cut can be asked for again.

    Args:
        transport: What sends.
        limit: Seconds after which an answer that still trickles in is given up.
    """

    def __init__(self, transport: httpx.BaseTransport, limit: float) -> None:
        self._transport = transport
        self._limit = limit

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        began = time.monotonic()
        limit = request.extensions.get(LIMIT, self._limit)
        response = self._transport.handle_request(request)
        if request.extensions.get(STREAM):
            return response
        pieces = []
        body = cast(httpx.SyncByteStream, response.stream)
        try:
            for piece in body:
                pieces.append(piece)
                if time.monotonic() - began > limit:
                    raise httpx.ReadTimeout("the answer takes too long", request=request)
        finally:
            body.close()
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=httpx.ByteStream(b"".join(pieces)),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._transport.close()
