# Generated from ../_async by tools/make_sync.py: change it there.
"""The connections to one server, which are used again, the latest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import httpcore
import httpx

from orthanc_state.client.exchange import ERRORS, mapped

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator


class Network(httpx.BaseTransport):
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
        self._idle: list[httpcore.HTTPConnection] = []
        self._closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        connection = self._taken()
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
            response = connection.handle_request(wire)
        except ERRORS as error:
            connection.close()
            raise mapped(error, request) from error
        except BaseException:
            connection.close()
            raise
        body = cast(httpx.SyncByteStream, response.stream)
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(body, connection, self, request),
            extensions=response.extensions,
        )

    def _taken(self) -> httpcore.HTTPConnection:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                # Another thread was quicker.
                break
            if connection.is_available() and not connection.has_expired():
                return connection
            connection.close()
        return httpcore.HTTPConnection(
            self._origin, ssl_context=self._tls, keepalive_expiry=self._keep_alive, retries=self._retries
        )

    def give_back(self, connection: httpcore.HTTPConnection) -> None:
        """Take a connection whose answer has been read, or was not wanted to its end."""
        if self._closed or not connection.is_idle():
            connection.close()
        else:
            self._idle.append(connection)

    def close(self) -> None:
        self._closed = True
        while self._idle:
            self._idle.pop().close()


class _Body(httpx.SyncByteStream):
    """The body of an answer, after which the connection is free."""

    def __init__(
        self,
        stream: httpx.SyncByteStream,
        connection: httpcore.HTTPConnection,
        network: Network,
        request: httpx.Request,
    ) -> None:
        self._stream = stream
        self._connection = connection
        self._network = network
        self._request = request
        self._given_back = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except ERRORS as error:
            raise mapped(error, self._request) from error

    def close(self) -> None:
        if self._given_back:
            return
        self._given_back = True
        self._stream.close()
        self._network.give_back(self._connection)
