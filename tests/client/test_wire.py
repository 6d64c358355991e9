"""What is read plainly is what the standard library reads, however it arrives."""

from __future__ import annotations

import http.client
import itertools
import socket
import time
from typing import TYPE_CHECKING, cast

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_state.client.wire import Received, receive, request_head

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMES = st.sampled_from(["Content-Type", "ETag", "X-Content-Type-Options", "Keep-Alive", "Server", "WWW-Authenticate"])
_VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20)
_HEADERS = st.lists(st.tuples(_NAMES, _VALUES), max_size=4)
_STATUSES = st.sampled_from([200, 201, 204, 206, 301, 304, 400, 404, 412, 500, 503])


@st.composite
def _answers(draw: st.DrawFn) -> tuple[str, bytes]:
    """The method of a request, and a whole answer to it, framed in one of the ways that there are."""
    method = draw(st.sampled_from(["GET", "PUT", "DELETE", "HEAD"]))
    status, headers, body = draw(_STATUSES), draw(_HEADERS), draw(st.binary(max_size=300))
    framing = draw(st.sampled_from(["length", "chunks", "end", "both"]))
    if method == "HEAD" or status in (204, 304):
        body = b""
    if framing in ("length", "both"):
        headers.append((draw(st.sampled_from(["Content-Length", "content-length"])), str(len(body))))
    if framing in ("chunks", "both"):
        headers.append(("Transfer-Encoding", "chunked"))
        size = draw(st.integers(1, 100))
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        if method != "HEAD" and status not in (204, 304):
            body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])
    if framing == "end":
        headers.append(("Connection", "close"))
    elif draw(st.booleans()):
        headers.append(("Connection", draw(st.sampled_from(["keep-alive", "Keep-Alive", "close"]))))
    before = draw(st.sampled_from([b"", b"", b"HTTP/1.1 100 Continue\r\n\r\n"]))
    head = f"HTTP/1.{draw(st.sampled_from('1110'))} {status} {draw(st.sampled_from(['OK', '']))}\r\n"
    lines = "".join(f"{name}:{draw(st.sampled_from([' ', '', '  ']))}{value}\r\n" for name, value in headers)
    return method, before + (head + lines + "\r\n").encode() + body


class _Arriving:
    """A socket on which pieces arrive, one for each time that it is read, and then the end of the connection."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = list(pieces)

    def recv(self, size: int) -> bytes:
        piece = self._pieces.pop(0) if self._pieces else b""
        if piece[size:]:
            self._pieces.insert(0, piece[size:])
        return piece[:size]

    def recv_into(self, buffer: memoryview) -> int:
        piece = self.recv(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _arriving(pieces: Iterable[bytes], method: str, *, seconds: float = 10) -> Received:
    """What is read of pieces that arrive one after the other."""
    return receive(cast("socket.socket", _Arriving(pieces)), method, time.monotonic() + seconds)


def _by_the_library(answer: bytes, method: str) -> tuple[int, list[tuple[str, str]], bytes]:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(answer)
        there.shutdown(socket.SHUT_WR)
        response = http.client.HTTPResponse(here, method=method)
        response.begin()
        # It looks for the chunks that an answer without a body only speaks of (RFC 9112, section 6.3).
        has_body = method != "HEAD" and response.status not in (204, 304)
        return response.status, response.getheaders(), response.read() if has_body else b""


@given(_answers(), st.lists(st.integers(0, 600), max_size=3))
def test_an_answer_in_pieces_is_what_the_library_reads_as_a_whole(
    exchanged: tuple[str, bytes], cuts: list[int]
) -> None:
    method, answer = exchanged
    edges = [0, *sorted(cut for cut in cuts if cut < len(answer)), len(answer)]
    pieces = [answer[begin:end] for begin, end in itertools.pairwise(edges) if begin < end]
    received = _arriving(pieces, method)
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in received.head.headers]
    status, expected, content = _by_the_library(answer, method)
    assert (received.head.status, received.content) == (status, content)
    # The library keeps blanks at the end of a value, which are none of it (RFC 9112, section 5.1).
    assert headers == [(name, value.strip(" ")) for name, value in expected] or headers == expected


@given(_answers(), st.integers(0, 600))
def test_a_cut_answer_is_an_error_or_ends_where_the_connection_does(exchanged: tuple[str, bytes], cut: int) -> None:
    method, answer = exchanged
    shorter = answer[: min(cut, len(answer) - 1)]
    try:
        expected: object = _by_the_library(shorter, method)[2]
    except http.client.HTTPException:
        expected = None
    try:
        received: object = _arriving([shorter], method).content
    except http.client.HTTPException:
        received = None
    assert received == expected


PLAIN = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize(
    ("answer", "reusable"),
    [
        (PLAIN, True),
        (PLAIN.replace(b"keep-alive", b"close"), False),
        (PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0").replace(b"keep-alive", b"close"), False),
        # Nobody asked for it, and it must not become the next answer.
        (PLAIN + PLAIN, False),
        (PLAIN + b"\r\n", False),
    ],
)
def test_a_connection_is_used_again_only_if_nothing_is_left_on_it(answer: bytes, reusable: bool) -> None:
    received = _arriving([answer], "GET")
    assert (received.content, received.reusable) == (b"{}", reusable)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_answer_is_an_error(answer: bytes) -> None:
    with pytest.raises(http.client.HTTPException):
        _arriving([answer], "GET")


@pytest.mark.parametrize(
    "answer", [PLAIN, PLAIN.replace(b": 2", b": 200"), PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"), PLAIN[:20]]
)
def test_an_answer_that_trickles_is_given_up(answer: bytes) -> None:
    """Also one of which the head never ends."""
    with pytest.raises(httpx.ReadTimeout):
        _arriving([answer[at : at + 1] for at in range(len(answer))], "GET", seconds=-1)


def test_a_head_holds_what_it_is_given() -> None:
    head = request_head("PUT", b"/a?b=c", [(b"Host", b"h"), (b"X-A", b"1")])
    assert head == b"PUT /a?b=c HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n\r\n"


@pytest.mark.parametrize("value", [b"1\r\nX-B: 2", b"1\n", b"1\r", b"1\0"])
def test_a_header_cannot_smuggle_another(value: bytes) -> None:
    with pytest.raises(httpx.LocalProtocolError):
        request_head("GET", b"/", [(b"X-A", value)])
