"""One small request and its whole answer: what thousands of label changes are made of.

The synchronous half speaks through the standard library, which takes a third of the time of a client that is made for
everything; the asynchronous half through httpcore.
"""

from __future__ import annotations

import http.client
import select
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import httpx

from orthanc_state.client.httpcore_errors import ERRORS, mapped

if TYPE_CHECKING:
    from orthanc_state.client._async.network import Network as AsyncNetwork
    from orthanc_state.client._sync.network import Network

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
        content = httpx.Response(status, headers=headers, stream=httpx.ByteStream(content)).read()
    return Reply(status, headers, content)


_OF_THE_WIRE = (b"content-encoding", b"content-length", b"transfer-encoding")


class Exchange:
    """Connections of the standard library to one server, used again, the latest first.

    Args:
        network: The connections of httpcore to it, of which this takes only where they lead.
    """

    def __init__(self, network: Network) -> None:
        self._endpoint = network.endpoint
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
            connection.sock.settimeout(timeout["write"])
            connection.putrequest(method, target.decode("ascii"), skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name.decode("latin-1"), value)
            connection.endheaders(content or None)
            connection.sock.settimeout(timeout["read"])
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
            if time.monotonic() - since < self._endpoint.keep_alive and not _is_readable(connection):
                return connection
            connection.close()
        return None

    def _connected(self, timeout: float | None) -> http.client.HTTPConnection:
        """A new connection, tried again as httpcore does: at once, then after a second."""
        endpoint = self._endpoint
        failures = 0
        while True:
            connection = (
                http.client.HTTPSConnection(endpoint.base.host, endpoint.port, timeout=timeout, context=endpoint.tls)
                if endpoint.base.scheme == "https"
                else http.client.HTTPConnection(endpoint.base.host, endpoint.port, timeout=timeout)
            )
            try:
                connection.connect()
            except OSError as error:
                connection.close()
                if failures == endpoint.retries:
                    kind = httpx.ConnectTimeout if isinstance(error, TimeoutError) else httpx.ConnectError
                    raise kind(str(error)) from error
            else:
                return connection
            time.sleep(failures)
            failures += 1

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
    """As `Exchange`, for the asynchronous client, over the connections that its streams use too."""

    def __init__(self, network: AsyncNetwork) -> None:
        self._network = network

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
        connection = await self._network.taken()
        wire = self._network.wire(method, target, headers, content, {"timeout": timeout})
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
        await self._network.give_back(connection)
        return _reply(answer.status, answer.headers, b"".join(pieces))

    async def aclose(self) -> None:
        """Nothing is left open: the connections belong to the network."""
