"""One small request and its whole answer: what thousands of label changes are made of.

The synchronous half speaks over sockets, which takes a fraction of the time of a client that is made for everything;
the asynchronous half through httpcore.
"""

from __future__ import annotations

import http.client
import select
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import httpx

from orthanc_state.client.httpcore_errors import ERRORS, mapped
from orthanc_state.client.wire import PIECE, Head, Headers, answer_head, receive, request_head

if TYPE_CHECKING:
    from orthanc_state.client._async.network import Network as AsyncNetwork
    from orthanc_state.client._sync.network import Network
    from orthanc_state.client.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer.

    Attributes:
        head: What came before the body.
        content: Its body, decompressed.
    """

    head: Head
    content: bytes

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self.head.status

    @property
    def headers(self) -> httpx.Headers:
        """Its headers by name."""
        return httpx.Headers(self.head.headers)

    def response(self) -> httpx.Response:
        """The same as httpx has it."""
        headers = [(name, value) for name, value in self.head.headers if name.lower() not in _OF_THE_WIRE]
        return httpx.Response(self.status_code, headers=headers, content=self.content)


def _reply(head: Head, content: bytes) -> Reply:
    if b"content-encoding" in head.names:
        content = httpx.Response(head.status, headers=head.headers, stream=httpx.ByteStream(content)).read()
    return Reply(head, content)


_OF_THE_WIRE = (b"content-encoding", b"content-length", b"transfer-encoding")


class Exchange:
    """Connections to one server, used again, the latest first.

    Args:
        network: The connections of httpcore to it, of which this takes only where they lead.
    """

    def __init__(self, network: Network) -> None:
        self._endpoint = network.endpoint
        self._idle: list[tuple[float, socket.socket]] = []
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
        head = request_head(method, target, headers)
        deadline = time.monotonic() + limit
        sock = self._taken() or self._connected(timeout["connect"])
        try:
            _allow(sock, timeout["write"])
            if len(content) < PIECE:
                sock.sendall(head + content)
            else:
                sock.sendall(head)
                sock.sendall(content)
            _allow(sock, timeout["read"])
            answer = receive(sock, method, deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:
            sock.close()
            raise _failure(error) from error
        except BaseException:
            sock.close()
            raise
        if answer.reusable and not self._closed:
            self._idle.append((time.monotonic(), sock))
        else:
            sock.close()
        return _reply(answer.head, answer.content)

    def _taken(self) -> socket.socket | None:
        while self._idle:
            try:
                since, sock = self._idle.pop()
            except IndexError:
                # Another thread was quicker.
                break
            # What a server sends of itself is its farewell.
            if time.monotonic() - since < self._endpoint.keep_alive and not _is_readable(sock):
                return sock
            sock.close()
        return None

    def _connected(self, timeout: float | None) -> socket.socket:
        """A new connection, tried again as httpcore does: at once, then after a second."""
        failures = 0
        while True:
            try:
                return _connection(self._endpoint, timeout)
            except OSError as error:
                if failures == self._endpoint.retries:
                    kind = httpx.ConnectTimeout if isinstance(error, TimeoutError) else httpx.ConnectError
                    raise kind(str(error)) from error
            time.sleep(failures)
            failures += 1

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._closed = True
        while self._idle:
            self._idle.pop()[1].close()


def _connection(endpoint: Endpoint, timeout: float | None) -> socket.socket:
    host = endpoint.base.host
    sock = socket.create_connection((host, endpoint.port), timeout)
    try:
        # A body must not wait until the head has been acknowledged.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return endpoint.tls.wrap_socket(sock, server_hostname=host) if endpoint.base.scheme == "https" else sock
    except BaseException:
        sock.close()
        raise


def _allow(sock: socket.socket, timeout: float | None) -> None:
    """Set how long each step may take, which asks the system: only where it is another time than before."""
    if sock.gettimeout() != timeout:
        sock.settimeout(timeout)


def _is_readable(sock: socket.socket) -> bool:
    poll = select.poll()
    poll.register(sock, select.POLLIN)
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
        wire = self._network.wire(method, target, list(headers), content, {"timeout": timeout})
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
        return _reply(answer_head(answer.status, answer.headers), b"".join(pieces))

    async def aclose(self) -> None:
        """Nothing is left open: the connections belong to the network."""
