"""A file that appears under its name only when it is whole."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import BinaryIO, Self

_AHEAD = 2 * 2**20
"""Bytes after which the disk is asked to begin, so that what is large is not waited for at its end."""


class PartialFile:
    """Takes what is written, beside its final place; leaving it without an error puts it there.

    After an error nothing is left, and a file that was there before is as it was.

    Args:
        target: The final path.
        mode: The rights of a new file, of which the user's umask takes away.

    Raises:
        OSError: It cannot be written there.
    """

    def __init__(self, target: str | os.PathLike[str], mode: int = 0o666) -> None:
        self._target = Path(target)
        self._mode = mode
        self._partial = self._target.with_name(f".{self._target.name[:200]}.{secrets.token_hex(4)}.part")

    def __enter__(self) -> Self:
        if self._target.is_dir():
            raise IsADirectoryError(f"{self._target} is a folder: name the file to write")
        # The rights are those that the user's umask leaves, which those of `tempfile` are not.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(self._partial, flags, self._mode)
        self._file: BinaryIO = os.fdopen(descriptor, "wb", buffering=0)
        self._written = self._begun = 0
        return self

    def write(self, piece: bytes) -> None:
        """Append a piece."""
        left = memoryview(piece)
        while left:
            left = left[self._file.write(left) :]
        self._written += len(piece)
        if self._written - self._begun >= _AHEAD:
            self._begin()

    def _begin(self) -> None:
        # Linux begins to write what is said not to be needed, and waits for none of it.
        if hasattr(os, "posix_fadvise"):
            size = self._written - self._begun
            with suppress(OSError):  # some file systems take no advice; all is written in the end
                os.posix_fadvise(self._file.fileno(), self._begun, size, os.POSIX_FADV_DONTNEED)
        self._begun = self._written

    def sync(self) -> None:
        """Wait until what was written is on the disk."""
        os.fsync(self._file.fileno())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
        try:
            if error is None:
                self._partial.replace(self._target)
        finally:
            self._partial.unlink(missing_ok=True)
