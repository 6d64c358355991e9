"""Answers that are read as a whole before anybody sees them."""

from __future__ import annotations

import time
from typing import cast

import httpx

STREAM = "orthanc_state.stream"
"""The extension of a request whose answer is read piece by piece by the caller."""


LIMIT = "orthanc_state.limit"
"""The extension of a request whose answer may take longer, in seconds."""


class WholeAnswers(httpx.AsyncBaseTransport):
    """Reads the body of an answer within the transport, so that one that is cut can be asked for again.

    Args:
        transport: What sends.
        limit: Seconds after which an answer that still trickles in is given up.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, limit: float) -> None:
        self._transport = transport
        self._limit = limit

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        began = time.monotonic()
        limit = request.extensions.get(LIMIT, self._limit)
        response = await self._transport.handle_async_request(request)
        if request.extensions.get(STREAM):
            return response
        pieces = []
        body = cast(httpx.AsyncByteStream, response.stream)
        try:
            async for piece in body:
                pieces.append(piece)
                if time.monotonic() - began > limit:
                    raise httpx.ReadTimeout("the answer takes too long", request=request)
        finally:
            await body.aclose()
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=httpx.ByteStream(b"".join(pieces)),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._transport.aclose()
