"""What is sent: bytes, a file on the disk or an open one, read piece by piece."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

Source = bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryIO
"""Bytes, the path of a file, or a binary file that is open."""

PIECE = 1 << 18
"""Bytes of a file that are read at once."""

SMALL = 1 << 20
"""A file of up to so many bytes is read as a whole: it is sent faster."""


class Body:
    """The body of a request, made of a source, as often as it is asked for.

    A path is opened anew each time, so what failed can be sent again. A file that is open is sent from where it
    stands, and again only where it can seek.

    Args:
        source: What to send.
        sent: Called with the size of each piece when the next one is asked for.

    Raises:
        OSError: The file cannot be read.
    """

    def __init__(self, source: Source, sent: Callable[[int], None] | None = None) -> None:
        self._sent = sent or (lambda size: None)
        self._path: Path | None = None
        self._file: BinaryIO | None = None
        self._start = 0
        self._content: bytes | None = None
        self.size: int | None = None
        if isinstance(source, str | os.PathLike):
            self._path = Path(source)
            self.size = self._path.stat().st_size
            if self.size <= SMALL:
                self._content = self._path.read_bytes()
        elif isinstance(source, bytes | bytearray | memoryview):
            self._content = bytes(source)
        elif hasattr(source, "read"):
            self._file = source
            if source.seekable():
                self._start = source.tell()
                self.size = source.seek(0, io.SEEK_END) - self._start
                source.seek(self._start)
        else:
            raise TypeError(f"bytes, a path or a binary file can be sent, not {type(source).__name__}")
        if self._content is not None:
            self.size = len(self._content)

    @property
    def content(self) -> Any:
        """What httpx takes: bytes, or this object, which it iterates."""
        return self._content if self._content is not None else self

    @property
    def async_content(self) -> Any:
        """The same for the asynchronous client."""
        return self._content if self._content is not None else _AsyncBody(self)

    @property
    def headers(self) -> dict[str, str]:
        """The length, where it is known: without it the body goes in chunks."""
        return {} if self.size is None else {"Content-Length": str(self.size)}

    def __iter__(self) -> Iterator[bytes]:
        if self._path is not None:
            with self._path.open("rb", buffering=0) as file:
                yield from self._pieces(cast(BinaryIO, file))
        elif self._file is not None:
            if self._file.seekable():
                self._file.seek(self._start)
            yield from self._pieces(self._file)

    def _pieces(self, file: BinaryIO) -> Iterator[bytes]:
        while piece := file.read(PIECE):
            if isinstance(piece, str):
                raise TypeError("the file was opened as text: open it with mode 'rb'")
            yield piece
            self._sent(len(piece))


class _AsyncBody:
    """The same for the asynchronous client: httpx takes what can be iterated both ways for the synchronous one."""

    def __init__(self, body: Body) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._body:
            yield piece
