"""One small request and its whole answer: what thousands of label changes are made of.

The synchronous half speaks through the standard library, which takes a third of the time of a client that is made for
everything; the asynchronous half through httpcore.
"""

from __future__ import annotations

import http.client
import select
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import httpcore
import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

Headers = list[tuple[bytes, bytes]]

PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer, decompressed.

    Attributes:
        status_code: The HTTP status.
        raw_headers: Its headers.
        content: Its body.
    """

    status_code: int
    raw_headers: Headers
    content: bytes

    @property
    def headers(self) -> httpx.Headers:
        """Its headers by name."""
        return httpx.Headers(self.raw_headers)

    def response(self) -> httpx.Response:
        """The same as httpx has it."""
        headers = [(name, value) for name, value in self.raw_headers if name.lower() not in _OF_THE_WIRE]
        return httpx.Response(self.status_code, headers=headers, content=self.content)


def _reply(status: int, headers: Headers, content: bytes) -> Reply:
    if any(name.lower() == b"content-encoding" for name, _ in headers):
        content = httpx.Response(status, headers=headers, content=None, stream=_Whole(content)).read()
    return Reply(status, headers, content)


_OF_THE_WIRE = (b"content-encoding", b"content-length", b"transfer-encoding")


class Exchange:
    """Connections to one server, used again, the latest first.

    Args:
        base: The URL of the server.
        tls: Whose certificates are trusted, for https.
        keep_alive: Seconds for which an idle connection is kept.
        retries: How often a connection is tried again.
    """

    def __init__(self, base: httpx.URL, tls: ssl.SSLContext, *, keep_alive: float, retries: int) -> None:
        self._host = base.host
        self._port = base.port or (443 if base.scheme == "https" else 80)
        self._tls = tls if base.scheme == "https" else None
        self._keep_alive = keep_alive
        self._retries = retries
        self._idle: list[tuple[float, http.client.HTTPConnection]] = []
        self._closed = False

    def send(
        self,
        method: str,
        target: bytes,
        headers: Headers,
        content: bytes,
        *,
        timeout: dict[str, float | None],
        limit: float,
    ) -> Reply:
        """Send a request and read its whole answer.

        Args:
            method: The HTTP method.
            target: The path and the query.
            headers: All headers.
            content: The body.
            timeout: Seconds for each step, as httpx has them in its extension `timeout`.
            limit: Seconds after which an answer that still trickles in is given up.

        Raises:
            httpx.HTTPError: It failed.
        """
        began = time.monotonic()
        connection = self._taken() or self._connected(timeout["connect"])
        try:
            connection.sock.settimeout(timeout["read"])
            connection.putrequest(method, target.decode("ascii"), skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name.decode("latin-1"), value)
            connection.endheaders(content or None)
            answer = connection.getresponse()
            pieces = []
            while piece := answer.read1(PIECE):
                pieces.append(piece)
                if time.monotonic() - began > limit:
                    raise httpx.ReadTimeout("the answer takes too long")
            if answer.length:
                raise http.client.IncompleteRead(b"", answer.length)
            # Read to its end by hand, it does not know that it is.
            answer.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            raise _failure(error) from error
        except BaseException:
            connection.close()
            raise
        if answer.will_close or self._closed:
            connection.close()
        else:
            self._idle.append((time.monotonic(), connection))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.getheaders()]
        return _reply(answer.status, raw, b"".join(pieces))

    def _taken(self) -> http.client.HTTPConnection | None:
        while self._idle:
            try:
                since, connection = self._idle.pop()
            except IndexError:
                # Another thread was quicker.
                break
            # What a server sends of itself is its farewell.
            if time.monotonic() - since < self._keep_alive and not _is_readable(connection):
                return connection
            connection.close()
        return None

    def _connected(self, timeout: float | None) -> http.client.HTTPConnection:
        for attempt in range(self._retries + 1):
            if self._tls is None:
                connection = http.client.HTTPConnection(self._host, self._port, timeout=timeout)
            else:
                connection = http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=self._tls)
            try:
                connection.connect()
            except TimeoutError as error:
                connection.close()
                if attempt == self._retries:
                    raise httpx.ConnectTimeout(str(error)) from error
            except OSError as error:
                connection.close()
                if attempt == self._retries:
                    raise httpx.ConnectError(str(error)) from error
            else:
                return connection
            time.sleep(0.5 * 2**attempt if attempt else 0)
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._closed = True
        while self._idle:
            self._idle.pop()[1].close()


def _is_readable(connection: http.client.HTTPConnection) -> bool:
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _failure(error: Exception) -> httpx.HTTPError:
    """What the standard library raises, as httpx does."""
    if isinstance(error, TimeoutError):
        return httpx.ReadTimeout(str(error))
    if isinstance(error, http.client.RemoteDisconnected):
        return httpx.RemoteProtocolError("Server disconnected without sending a response.")
    if isinstance(error, http.client.BadStatusLine):
        return httpx.RemoteProtocolError("illegal status line")
    if isinstance(error, http.client.HTTPException | ValueError):
        return httpx.RemoteProtocolError(f"the answer is cut, or no HTTP: {type(error).__name__}")
    if isinstance(error, BrokenPipeError):
        return httpx.WriteError(str(error))
    return httpx.ReadError(str(error))


class AsyncExchange:
    """As `Exchange`, for the asynchronous client."""

    def __init__(self, base: httpx.URL, tls: ssl.SSLContext, *, keep_alive: float, retries: int) -> None:
        port = base.port or (443 if base.scheme == "https" else 80)
        self._origin = httpcore.Origin(base.scheme.encode(), base.raw_host, port)
        self._tls = tls
        self._keep_alive = keep_alive
        self._retries = retries
        self._idle: list[httpcore.AsyncHTTPConnection] = []
        self._closed = False

    async def send(
        self,
        method: str,
        target: bytes,
        headers: Headers,
        content: bytes,
        *,
        timeout: dict[str, float | None],
        limit: float,
    ) -> Reply:
        """See `Exchange.send`."""
        began = time.monotonic()
        connection = await self._taken()
        origin = self._origin
        url = httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=target)
        wire = httpcore.Request(method, url, headers=headers, content=content, extensions={"timeout": timeout})
        pieces = []
        try:
            answer = await connection.handle_async_request(wire)
            stream = cast(httpx.AsyncByteStream, answer.stream)
            try:
                async for piece in stream:
                    pieces.append(piece)
                    if time.monotonic() - began > limit:
                        raise httpx.ReadTimeout("the answer takes too long")
            finally:
                await stream.aclose()
        except ERRORS as error:
            await connection.aclose()
            raise mapped(error) from error
        except BaseException:
            await connection.aclose()
            raise
        if self._closed or not connection.is_idle():
            await connection.aclose()
        else:
            self._idle.append(connection)
        return _reply(answer.status, answer.headers, b"".join(pieces))

    async def _taken(self) -> httpcore.AsyncHTTPConnection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_available() and not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(
            self._origin, ssl_context=self._tls, keepalive_expiry=self._keep_alive, retries=self._retries
        )

    async def aclose(self) -> None:
        """Close the connections that are not in use."""
        self._closed = True
        while self._idle:
            await self._idle.pop().aclose()


ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)
"""What httpcore raises."""


def mapped(error: Exception, request: httpx.Request | None = None) -> httpx.HTTPError:
    """An error of httpcore as that of httpx, which has the same name."""
    kind: type[httpx.RequestError] = getattr(httpx, type(error).__name__)
    return kind(str(error), request=request)


class _Whole(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that is there already, and perhaps compressed."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content
