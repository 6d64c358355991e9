"""Files that a command writes: whole or not at all."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from orthanc_state.client.partial_file import PartialFile
from orthanc_state.errors import UnwritableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_files(texts: Mapping[Path, str]) -> None:
    """Write files together; each is put in its place when all of them are written.

    Raises:
        UnwritableError: One cannot be written.
    """
    path = None
    try:
        with ExitStack() as open_files:
            for path, text in texts.items():
                file = open_files.enter_context(PartialFile(path))
                file.write(text.encode())
                file.sync()
    except (OSError, ValueError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else "no file can have this name"
        raise UnwritableError(f"cannot write {path}: {reason}") from None
