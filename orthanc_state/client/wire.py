"""HTTP/1.1 over a socket: the head of a request, and a whole answer.

What Orthanc says is plain and is read plainly; whatever is not, the standard library reads, which takes headers for
those of an e-mail: that was a third of what a small request costs.
"""

from __future__ import annotations

import http.client
import io
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import httpx

if TYPE_CHECKING:
    import socket

    from _typeshed import WriteableBuffer

Headers = Sequence[tuple[bytes, bytes]]

PIECE = 1 << 16
"""How many bytes are read at once."""

_HEAD = re.compile(rb"HTTP/1\.1 ([2-5][0-9]{2})(?: [^\r\n]*)?\r\n((?:[!#-'*+.0-9A-Z^-z|~-]+:[^\r\n\0]*\r\n)+)\r\n")
"""The head of a final answer without continued lines (RFC 9112, sections 4 and 5)."""

_HEADER = re.compile(rb"([^:]+):[ \t]*([^\r\n]*?)[ \t]*\r\n")

_END_OF_HEAD = b"\r\n\r\n"

_WITHOUT_BODY = (204, 304)

_LENGTH = re.compile(rb"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Head:
    """What comes before the body of an answer.

    Attributes:
        status: The HTTP status.
        headers: The headers.
        names: The names of the headers, in lower case.
    """

    status: int
    headers: Headers
    names: frozenset[bytes]


def answer_head(status: int, headers: Headers) -> Head:
    """The head of an answer."""
    return Head(status, headers, frozenset(name.lower() for name, _ in headers))


@dataclass(frozen=True, slots=True)
class Received:
    """A whole answer as it came.

    Attributes:
        head: What came before the body.
        content: The body, out of its chunks, not decompressed.
        reusable: Whether the connection can be used again.
    """

    head: Head
    content: bytes
    reusable: bool


def request_head(method: str, target: bytes, headers: Headers) -> bytes:
    """The head of a request.

    Raises:
        httpx.LocalProtocolError: A header holds the end of its line.
    """
    lines = [b"%s %s HTTP/1.1" % (method.encode("ascii"), target)]
    lines += [b"%s: %s" % header for header in headers]
    head = b"\r\n".join(lines)
    if head.count(b"\n") != len(headers) or head.count(b"\r") != len(headers) or b"\0" in head:
        raise httpx.LocalProtocolError("a header holds the end of its line")
    return head + b"\r\n\r\n"


def receive(sock: socket.socket, method: str, deadline: float) -> Received:
    """Read a whole answer.

    Args:
        sock: What it arrives on, with its time-out for each part.
        method: The method of the request: what answers HEAD has no body.
        deadline: When an answer that still trickles in is given up, by the monotonic clock.

    Raises:
        httpx.ReadTimeout: It took too long as a whole.
        http.client.HTTPException: It is cut, or no HTTP.
        OSError: The connection failed.
    """
    received = sock.recv(PIECE)
    before, end, begun = received.partition(_END_OF_HEAD)
    plain = _plain(before + end) if end and method != "HEAD" else None
    if plain is None:
        return _by_the_library(sock, received, method, deadline)
    head, length = plain
    pieces = [begun]
    missing = length - len(begun)
    while missing > 0:
        _check(deadline)
        piece = sock.recv(PIECE)
        if not piece:
            raise http.client.IncompleteRead(b"", missing)
        pieces.append(piece)
        missing -= len(piece)
    # Nobody asked for what follows, if anything does: it must not become the next answer.
    return Received(head, b"".join(pieces)[:length], missing == 0)


@lru_cache(64)
def _plain(received: bytes) -> tuple[Head, int] | None:
    """The head of an answer and the length of its body; None where that takes more to know.

    A server says the same thousands of times.
    """
    head = _HEAD.fullmatch(received)
    if head is None:
        return None
    headers = tuple(_HEADER.findall(head[2]))
    named = {name.lower(): value for name, value in headers}
    length = named.get(b"content-length", b"")
    status = int(head[1])
    if (
        len(named) < len(headers)
        or status in _WITHOUT_BODY
        or not _LENGTH.fullmatch(length)
        or b"transfer-encoding" in named
        or named.get(b"connection", b"keep-alive").lower() != b"keep-alive"
    ):
        return None
    return answer_head(status, headers), int(length)


def _by_the_library(sock: socket.socket, received: bytes, method: str, deadline: float) -> Received:
    resumed = cast("socket.socket", _Resumed(sock, received, deadline))
    answer = http.client.HTTPResponse(resumed, method=method)
    try:
        answer.begin()
        headers = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.getheaders())
        head = answer_head(answer.status, headers)
        if len({value for name, value in headers if name.lower() == b"content-length"}) > 1:
            raise http.client.HTTPException("two lengths")
        if method == "HEAD" or head.status in _WITHOUT_BODY:
            # The library would look for the chunks that such an answer only speaks of.
            return Received(head, b"", not answer.will_close and not answer.chunked)
        pieces = []
        while piece := answer.read1(PIECE):
            pieces.append(piece)
        if answer.length:
            raise http.client.IncompleteRead(b"", answer.length)
        return Received(head, b"".join(pieces), not answer.will_close)
    finally:
        answer.close()


class _Resumed(io.RawIOBase):
    """A socket of which something has been read already, as the standard library wants it."""

    def __init__(self, sock: socket.socket, received: bytes, deadline: float) -> None:
        self._sock = sock
        self._received = received
        self._deadline = deadline
        self._is_at_end = not received

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self, PIECE)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        if self._received:
            taken, self._received = self._received[: len(view)], self._received[len(view) :]
            view[: len(taken)] = taken
            return len(taken)
        if self._is_at_end:
            return 0
        _check(self._deadline)
        return self._sock.recv_into(view)


def _check(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise httpx.ReadTimeout("the answer takes too long")
