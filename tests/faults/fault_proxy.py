"""A TCP and TLS proxy in front of a real Orthanc, which records what passes and may cut, stall or replace answers."""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

LOOPBACK = "127.0.0.1"
HOP_BY_HOP = frozenset({"connection", "keep-alive", "proxy-connection", "transfer-encoding", "content-length"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived.

    Attributes:
        method: The HTTP method.
        target: What stood in the request line, quoted as it was sent.
        headers: The headers, their names in lower case.
        body: The body.
        connection: On which connection it came; they count from 1.
        at: When it came, on the clock of `time.monotonic`.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int
    at: float

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, from the server or in its place."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def head(self, *, length: int | None = None) -> bytes:
        """The status line and the headers; without a length, the end of the connection ends the body."""
        reason = http.client.responses.get(self.status, "Unknown")
        lines = [f"HTTP/1.1 {self.status} {reason}", *(f"{name}: {value}" for name, value in self.headers)]
        lines.append("Connection: close" if length is None else f"Content-Length: {length}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


@dataclass(slots=True)
class Exchange:
    """One request in hand, and what can be done about it."""

    request: Seen
    proxy: FaultProxy
    connection: socket.socket
    open: bool = field(default=True)

    def forward(self) -> Answer:
        """Ask the real server."""
        target = self.request.target
        if not target.startswith("/"):
            # Asked as a forward proxy (HTTP_PROXY): the whole URL stands in the request line.
            parts = urlsplit(target)
            target = parts._replace(scheme="", netloc="").geturl()
        if not target.startswith(self.proxy.prefix + "/"):
            return Answer(404, b"<html>there is no such site</html>", (("Content-Type", "text/html"),))
        upstream = http.client.HTTPConnection(*self.proxy.upstream, timeout=30)
        try:
            upstream.putrequest(
                self.request.method, target.removeprefix(self.proxy.prefix), skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.request.headers.items():
                if name not in HOP_BY_HOP:
                    upstream.putheader(name, value)
            if self.request.body or self.request.method in {"PUT", "POST"}:
                upstream.putheader("Content-Length", str(len(self.request.body)))
            upstream.endheaders(self.request.body or None)
            response = upstream.getresponse()
            headers = tuple((name, value) for name, value in response.getheaders() if name.lower() not in HOP_BY_HOP)
            return Answer(response.status, response.read(), headers)
        finally:
            upstream.close()

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.connection.sendall(data)

    def reply(self, answer: Answer) -> None:
        """Send a whole answer, as it should be."""
        body = b"" if self.request.method == "HEAD" else answer.body
        self.send(answer.head(length=len(answer.body)) + body)

    def reset(self) -> None:
        """End the connection the hard way, as a process does that died."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.open = False

    def wait(self, seconds: float | None = None) -> bool:
        """Wait, or until the proxy is closed; whether it is."""
        return self.proxy.closing.wait(seconds)


Fault = Callable[[Exchange], None]


def forward(exchange: Exchange) -> None:
    """No fault: the real answer."""
    exchange.reply(exchange.forward())


def reset(exchange: Exchange) -> None:
    """The connection is reset before the server has seen the request."""
    exchange.reset()


def lose_answer(exchange: Exchange) -> None:
    """The server does as it is told, and its answer is lost."""
    exchange.forward()
    exchange.reset()


def duplicate(exchange: Exchange) -> None:
    """The server gets the request twice, and the second answer is the one that comes."""
    exchange.forward()
    exchange.reply(exchange.forward())


def hang_up(exchange: Exchange) -> None:
    """The connection is closed without a word."""
    exchange.open = False


def stall(exchange: Exchange) -> None:
    """Nothing comes any more."""
    exchange.wait()
    exchange.open = False


def replace(body: bytes | str, status: int = 200, content_type: str = "application/json", **headers: str) -> Fault:
    """Another answer comes instead, and the server sees nothing of the request. `Retry_After` is `Retry-After`."""
    content = body.encode() if isinstance(body, str) else body
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())

    def fault(exchange: Exchange) -> None:
        exchange.reply(Answer(status, content, (("Content-Type", content_type), *given)))

    return fault


def raw(data: bytes) -> Fault:
    """Bytes that may be no HTTP at all, and the end of the connection."""

    def fault(exchange: Exchange) -> None:
        exchange.send(data)
        exchange.open = False

    return fault


def cut(*, announced: bool = True, stalled: bool = False) -> Fault:
    """Half of the real answer, and then the end of the connection, or nothing any more.

    Args:
        announced: Whether the head says how long the whole answer is.
        stalled: Whether the connection stays open, and silent.
    """

    def fault(exchange: Exchange) -> None:
        answer = exchange.forward()
        exchange.send(answer.head(length=len(answer.body) if announced else None))
        exchange.send(answer.body[: len(answer.body) // 2])
        if stalled:
            exchange.wait()
        exchange.open = False

    return fault


def trickle(interval: float, *, lasting: float) -> Fault:
    """An answer that comes byte by byte, always soon enough for the next one, and never to its end.

    Args:
        interval: Seconds between two bytes.
        lasting: Seconds after which the connection is closed, so that a client that never gives up ends all the same.
    """

    def fault(exchange: Exchange) -> None:
        exchange.send(Answer().head(length=10**6))
        deadline = time.monotonic() + lasting
        while time.monotonic() < deadline and not exchange.wait(interval):
            exchange.send(b" ")
        exchange.open = False

    return fault


def delay(seconds: float) -> Fault:
    """The server gets the request late, and answers later still; it does get it, also when nobody waits any more."""

    def fault(exchange: Exchange) -> None:
        exchange.wait(seconds)
        exchange.reply(exchange.forward())

    return fault


def late(exchange: Exchange) -> None:
    """The server gets the request only when nobody waits for its answer any more, or after two seconds."""
    readable, _, _ = select.select([exchange.connection], [], [], 2)
    if readable:
        # Whoever gave up does something else meanwhile.
        exchange.wait(0.2)
    exchange.reply(exchange.forward())


def tunnel(upstream: str) -> Fault:
    """What a forward proxy does about CONNECT: bytes are passed on both ways to one server, whatever was asked for."""

    def fault(exchange: Exchange) -> None:
        exchange.open = False
        parts = urlsplit(upstream)
        with socket.create_connection((parts.hostname or "", parts.port or 443), timeout=30) as far:
            exchange.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            near = exchange.connection
            while True:
                readable, _, _ = select.select([near, far], [], [], 0.1)
                for source in readable:
                    data = source.recv(65536)
                    if not data:
                        return
                    (far if source is near else near).sendall(data)
                if exchange.proxy.closing.is_set():
                    return

    return fault


def first(count: int, fault: Fault, then: Fault = forward) -> Fault:
    """A fault that passes after some requests."""
    lock = threading.Lock()
    left = count

    def passing(exchange: Exchange) -> None:
        nonlocal left
        with lock:
            hit, left = left > 0, left - 1
        (fault if hit else then)(exchange)

    return passing


def nth(number: int, fault: Fault, otherwise: Fault = forward) -> Fault:
    """A fault of one request only, which is counted from 1."""
    return first(number - 1, otherwise, first(1, fault, otherwise))


def on(method: str, path: str, fault: Fault, otherwise: Fault = forward) -> Fault:
    """A fault of one operation only; an empty path for every one of the method."""

    def chosen(exchange: Exchange) -> None:
        hit = exchange.request.method == method and path in {"", exchange.request.path}
        (fault if hit else otherwise)(exchange)

    return chosen


class FaultProxy:
    """Stands in front of a server, as long as the `with` block lasts.

    Like Orthanc, it closes an idle connection after one second.

    Args:
        upstream: The URL of the real server.
        fault: What is done about each request.
        tls: Speak TLS to the clients, in this way.
        prefix: A path below which the server is published, such as `/orthanc`.
        greeting: Send this at once to who connects, and close: a port on which something else listens.
        port: The port to listen on; 0 for any that is free.

    Attributes:
        seen: Every request that arrived, in its order.
        connections: How many connections were accepted.
        failures: What went wrong in TLS handshakes.
        fault: What is done about each request; may be set at any time.
    """

    def __init__(
        self,
        upstream: str,
        fault: Fault = forward,
        *,
        tls: ssl.SSLContext | None = None,
        prefix: str = "",
        greeting: bytes = b"",
        port: int = 0,
    ) -> None:
        parts = urlsplit(upstream)
        self.upstream = (parts.hostname or "", parts.port or 80)
        self.fault = fault
        self.prefix = prefix
        self.seen: list[Seen] = []
        self.failures: list[str] = []
        self.connections = 0
        self.closing = threading.Event()
        self._tls = tls
        self._greeting = greeting
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server((LOOPBACK, port))
        self.port = int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """Where it is reached, with the prefix."""
        return f"{'https' if self._tls else 'http'}://{LOOPBACK}:{self.port}{self.prefix}"

    @property
    def methods(self) -> list[str]:
        """The methods of the requests that arrived."""
        return [each.method for each in self.seen]

    def __enter__(self) -> Self:
        self._spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.closing.set()
        with self._lock:
            waiting = [self._listener, *self._sockets]
        for each in waiting:
            # Whoever reads from it wakes up.
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _spawn(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                number = self.connections
                self._sockets.add(accepted)
            self._spawn(self._serve, accepted, number)

    def _serve(self, accepted: socket.socket, number: int) -> None:
        connection = accepted
        try:
            accepted.settimeout(30)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._greeting:
                accepted.sendall(self._greeting)
            elif self._tls is None:
                self._converse(accepted, number)
            else:
                connection = self._tls.wrap_socket(accepted, server_side=True)
                with self._lock:
                    self._sockets.add(connection)
                self._converse(connection, number)
        except ssl.SSLError as error:
            self.failures.append(error.reason or str(error))
        except OSError:
            pass  # The client has gone, which is its right.
        finally:
            with self._lock:
                self._sockets -= {accepted, connection}
            connection.close()
            accepted.close()

    def _converse(self, connection: socket.socket, number: int) -> None:
        with cast("BinaryIO", connection.makefile("rb")) as stream:
            keep = True
            while keep and not self.closing.is_set():
                request = _read_request(stream, number)
                if request is None:
                    return
                with self._lock:
                    self.seen.append(request)
                exchange = Exchange(request, self, connection)
                self.fault(exchange)
                connection.settimeout(1)
                keep = exchange.open and request.headers.get("connection", "").lower() != "close"


def _read_request(stream: BinaryIO, connection: int) -> Seen | None:
    """The next request; None when there is none, or it is not HTTP."""
    words = stream.readline(65537).decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/"):
        return None
    headers = {name.lower(): value for name, value in http.client.parse_headers(stream).items()}
    body = stream.read(int(headers.get("content-length", 0)))
    return Seen(words[0], words[1], headers, body, connection, time.monotonic())


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        return int(listener.getsockname()[1])


def paths(seen: Iterable[Seen]) -> list[str]:
    """Method and target of each request."""
    return [str(each) for each in seen]
