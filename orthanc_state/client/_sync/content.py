# Generated from ../_async by tools/make_sync.py: change it there.
"""What Orthanc gives as bytes: files, images, archives. Nothing is asked for before it is used."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from orthanc_state.client.concurrency import blocking
from orthanc_state.client.errors import UnexpectedAnswerError
from orthanc_state.client.partial_file import PartialFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from os import PathLike
    from typing import BinaryIO

    from orthanc_state.client._sync.connection import Connection
    from orthanc_state.client._sync.opened import Opened


class Content:
    """The bytes of one answer, to be read, streamed or saved; each of these sends the request once.

    The methods that give it name its operation. The status is checked before the first byte is given or written.

    Raises: Each of the methods: `ClientError`, as the operation says.
    """

    def __init__(
        self,
        connection: Connection,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        placeholder: str | None = None,
    ) -> None:
        self._connection = connection
        self._method = method
        self._path = path
        self._options: dict[str, Any] = {"params": params, "body": body, "headers": headers, "patient": True}
        self._placeholder = placeholder

    def stream(self) -> Iterator[bytes]:
        """The bytes as they arrive, in constant memory."""
        with self._opened() as answer:
            yield from answer.pieces()

    def read(self) -> bytes:
        """All bytes at once."""
        with self._connection.slots:
            pieces = bytearray()
            for piece in self.stream():
                pieces += piece
            return bytes(pieces)

    def buffer(self) -> bytearray:
        """All bytes in one buffer of the right size: what is large is not copied once more."""
        with (
            self._connection.slots,
            self._opened() as answer,
        ):
            taken = bytearray(answer.length or 0)
            filled = 0
            for piece in answer.pieces():
                # What goes beyond the end, or has no known end, is appended.
                taken[filled : filled + len(piece)] = piece
                filled += len(piece)
            return taken

    def save(
        self,
        target: str | PathLike[str] | BinaryIO,
        *,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> int:
        """Write the bytes to a file as they arrive, in constant memory.

        A file that is named appears under its name only when it is whole; after a failure nothing is left of it.

        Args:
            target: The path of the file, or a binary file that is open for writing.
            progress: Called after each piece with the bytes so far, and with their number in all where it is known.

        Returns:
            The number of bytes.

        Raises:
            OSError: The file cannot be written.
        """
        with (
            self._connection.slots,
            self._opened() as answer,
        ):
            if hasattr(target, "write"):
                return _copy(answer, target.write, progress)
            with PartialFile(target) as file:
                size = _copy(answer, file.write, progress)
                blocking(file.sync)
                return size

    @contextmanager
    def _opened(self) -> Iterator[Opened]:
        redirects = self._placeholder is not None
        with self._connection.opened(self._method, self._path, redirects=redirects, **self._options) as answer:
            if answer.status < 300:
                self._check_range(answer)
                yield answer
                return
        # Where the redirect leads is known and the same in all versions; what it says is not relied on.
        with self._connection.opened("GET", self._placeholder or "/") as answer:
            yield answer

    def _check_range(self, answer: Opened) -> None:
        if "Range" in (self._options["headers"] or {}) and answer.status == 200:
            raise UnexpectedAnswerError(
                f"{self._method} {self._path} gave everything where a range was asked for",
                hint="Ranges need Orthanc 1.12.5 or later.",
            )

    def __repr__(self) -> str:
        return f"<Content of {self._method} {self._path}>"


def _copy(answer: Opened, write: Callable[[bytes], Any], progress: Callable[[int, int | None], None] | None) -> int:
    done = 0
    for piece in answer.pieces():
        write(piece)
        done += len(piece)
        if progress is not None:
            progress(done, answer.length)
    return done
