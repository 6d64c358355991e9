"""The connections to one server, which are used again, the latest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import httpcore
import httpx

from orthanc_state.client.exchange import ERRORS, mapped

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator


class Network(httpx.AsyncBaseTransport):
    """Sends requests to one server over as many connections as are needed at once.

    httpx's own pool looks at every connection for every request, which is most of what a small request costs when
    many are under way; all that is needed for one server is a stack.

    Args:
        base: The URL of the server.
        tls: Whose certificates are trusted, for https.
        keep_alive: Seconds for which an idle connection is kept.
        retries: How often a connection is tried again.
    """

    def __init__(self, base: httpx.URL, tls: ssl.SSLContext, *, keep_alive: float, retries: int) -> None:
        port = base.port or (443 if base.scheme == "https" else 80)
        self._origin = httpcore.Origin(base.scheme.encode(), base.raw_host, port)
        self._tls = tls
        self._keep_alive = keep_alive
        self._retries = retries
        self._idle: list[httpcore.AsyncHTTPConnection] = []
        self._closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        connection = await self._taken()
        url = httpcore.URL(
            scheme=self._origin.scheme,
            host=self._origin.host,
            port=self._origin.port,
            target=request.url.raw_path,
        )
        wire = httpcore.Request(
            method=request.method,
            url=url,
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            response = await connection.handle_async_request(wire)
        except ERRORS as error:
            await connection.aclose()
            raise mapped(error, request) from error
        except BaseException:
            await connection.aclose()
            raise
        body = cast(httpx.AsyncByteStream, response.stream)
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(body, connection, self, request),
            extensions=response.extensions,
        )

    async def _taken(self) -> httpcore.AsyncHTTPConnection:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                # Another thread was quicker.
                break
            if connection.is_available() and not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(
            self._origin, ssl_context=self._tls, keepalive_expiry=self._keep_alive, retries=self._retries
        )

    async def give_back(self, connection: httpcore.AsyncHTTPConnection) -> None:
        """Take a connection whose answer has been read, or was not wanted to its end."""
        if self._closed or not connection.is_idle():
            await connection.aclose()
        else:
            self._idle.append(connection)

    async def aclose(self) -> None:
        self._closed = True
        while self._idle:
            await self._idle.pop().aclose()


class _Body(httpx.AsyncByteStream):
    """The body of an answer, after which the connection is free."""

    def __init__(
        self,
        stream: httpx.AsyncByteStream,
        connection: httpcore.AsyncHTTPConnection,
        network: Network,
        request: httpx.Request,
    ) -> None:
        self._stream = stream
        self._connection = connection
        self._network = network
        self._request = request
        self._given_back = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._stream:
                yield piece
        except ERRORS as error:
            raise mapped(error, self._request) from error

    async def aclose(self) -> None:
        if self._given_back:
            return
        self._given_back = True
        await self._stream.aclose()
        await self._network.give_back(self._connection)
