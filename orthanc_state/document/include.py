"""The files that a document takes in with `!include`."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orthanc_state.document.source import Source

TAG = "!include"
MAX_DEPTH = 10
"""How many files may include each other in a row."""

MAX_FILES = 1_000
"""How many files one document may be made of."""


class Includes:
    """Finds the files that one document includes; it gives none that is outside of a folder.

    Args:
        root: That folder. Symbolic links are followed before it is looked where a file is.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._shown = root
        self._count = 0

    def find(self, name: str, source: Source) -> Path:
        """The path of a file that another one includes.

        Args:
            name: The path, relative to the folder of the file that includes it.
            source: That file.

        Raises:
            ValueError: It cannot be included; with the reason.
        """
        if "${" in name:
            raise ValueError("the name of an included file holds no variables")
        if not name or "\0" in name:
            raise ValueError("expected the path of a file")
        path = source.folder / name
        try:
            resolved = path.resolve()
            if not resolved.is_relative_to(self._root):
                raise ValueError(f"{name} is outside of {self._shown}, and only files in it are included")
            regular = stat.S_ISREG(resolved.stat().st_mode)
        except (OSError, RuntimeError) as error:
            # A loop of symbolic links is a `RuntimeError` before Python 3.13.
            raise ValueError(f"cannot read {name}: {getattr(error, 'strerror', 'a loop of symbolic links')}") from None
        if not regular:
            raise ValueError(f"{name} is not a regular file")
        if resolved in source.chain:
            files = [*source.chain[source.chain.index(resolved) :], resolved]
            raise ValueError(f"a file that includes itself: {' → '.join(file.name for file in files)}")
        if len(source.chain) > MAX_DEPTH:
            raise ValueError(f"more than {MAX_DEPTH} files include each other in a row")
        self._count += 1
        if self._count > MAX_FILES:
            raise ValueError(f"more than {MAX_FILES} files are included")
        return path
