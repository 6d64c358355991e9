# Generated from ../_async by tools/make_sync.py: change it there.
"""The connections to one server, which are used again, the latest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import httpcore
import httpx

from orthanc_state.client.httpcore_errors import ERRORS, mapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.client.endpoint import Endpoint


class Network(httpx.BaseTransport):
    """Sends requests to one server over as many connections as are needed at once.

    httpx's own pool looks at every connection for every request, which is most of what a small request costs when
    many are under way; all that is needed for one server is a stack.

    Args:
        endpoint: The server.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._origin = endpoint.origin
        self._idle: list[httpcore.HTTPConnection] = []
        self._closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        connection = self.taken()
        wire = self.wire(request.method, request.url.raw_path, request.headers.raw, request.stream, request.extensions)
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

    def wire(
        self,
        method: str,
        target: bytes,
        headers: list[tuple[bytes, bytes]],
        content: Any,
        extensions: dict[str, Any],
    ) -> httpcore.Request:
        """A request to this server as httpcore has it."""
        origin = self._origin
        url = httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=target)
        return httpcore.Request(method, url, headers=headers, content=content, extensions=extensions)

    def taken(self) -> httpcore.HTTPConnection:
        """A connection that nobody else uses, until it is given back or closed."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                # Another thread was quicker.
                break
            if connection.is_available() and not connection.has_expired():
                return connection
            connection.close()
        endpoint = self.endpoint
        return httpcore.HTTPConnection(
            self._origin, ssl_context=endpoint.tls, keepalive_expiry=endpoint.keep_alive, retries=endpoint.retries
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
