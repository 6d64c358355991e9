"""Reads the files of a document, those included in them, and the values of their variables and references."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from orthanc_state.document.include import Includes
from orthanc_state.document.secrets import SecretReader, UnreadSecrets
from orthanc_state.document.source import Source
from orthanc_state.document.variables import digestible
from orthanc_state.document.yaml import MAX_BYTES, compose, parse
from orthanc_state.errors import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from orthanc_state.document.construct import Tag
    from orthanc_state.document.variables import Variables


class Reader:
    """Reads the files of one document.

    Args:
        environment: Where `!env` looks; None where no secret is to be read.
        variables: What is put into their texts.
        root: The folder that nothing is included from outside of. For a file that is not in it, that is the file's own
            folder, as for all files if None.
    """

    def __init__(self, environment: Mapping[str, str] | None, variables: Variables, root: Path | None) -> None:
        self._environment = environment
        self._variables = variables
        self._root = root

    def read(self, path: Path) -> Source:
        """One file, with those that it includes, and everything that is wrong with their YAML."""
        content, problem = content_of(path)
        if problem is not None:
            return Source(str(path), problems=[problem])
        return self.parsed(content, path.parent, str(path), path)

    def parsed(self, content: bytes, folder: Path, name: str, path: Path | None = None) -> Source:
        """One file, by what it says.

        Args:
            content: Its bytes.
            folder: What the paths in it are relative to.
            name: What it is called in messages.
            path: Where it is; None for what is no file.
        """
        chain = () if path is None else (path.resolve(),)
        wide = self._root is not None and all(file.is_relative_to(self._root.resolve()) for file in chain)
        includes = Includes(self._root if self._root is not None and wide else folder)
        source = Source(name, folder=folder, tags=self._tags(folder), chain=chain)

        def include(wanted: str, outer: Source) -> Source:
            found = includes.find(wanted, outer)
            inner = Source(
                str(found),
                problems=source.problems,
                folder=found.parent,
                tags=self._tags(found.parent),
                chain=(*outer.chain, found.resolve()),
                taken=source.taken,
            )
            content, problem = content_of(found)
            before = len(source.problems)
            if problem is not None:
                source.problems.append(problem)
            elif compose(content, inner).root is None and len(source.problems) == before:
                source.problems.append(Problem("the file is empty", Place(inner.name)))
            return inner

        parse(content, source, variables=self._variables, include=include)
        source.digest = _digest(source)
        return source

    def _tags(self, folder: Path) -> Mapping[str, Tag]:
        environment = self._environment
        reader = UnreadSecrets() if environment is None else SecretReader(folder, environment)
        return {"!env": reader.env, "!file": reader.file}


def content_of(path: Path) -> tuple[bytes, Problem | None]:
    """The bytes of a file, or why it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1), None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file can have this name"
        return b"", Problem(f"cannot be read: {reason}", Place(str(path)))


def _digest(source: Source) -> str:
    """What tells a file from another one: what it says, what it includes, and what its variables are."""
    included = sorted(_included_digests(source))
    taken = {each.name: each.variable for group in source.taken.values() for each in group}
    if not included and not taken:
        return source.digest
    parts = [source.digest, *included, json.dumps(digestible(taken), sort_keys=True)]
    return sha256(" ".join(parts).encode()).hexdigest()


def _included_digests(source: Source) -> Iterator[str]:
    for inner in source.includes.values():
        yield inner.digest
        yield from _included_digests(inner)
