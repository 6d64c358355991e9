"""What a user wrote, validated: the sections of the kinds, and what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from orthanc_state.document.requirements import Requirements
from orthanc_state.document.safety import Limits
from orthanc_state.errors import UsageError
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthanc_state.document.source import Source
    from orthanc_state.errors import Place, Problem
    from orthanc_state.kinds.fingerprint import Fingerprints
    from orthanc_state.kinds.kind import Kind


@dataclass(frozen=True, slots=True)
class Document(Shown):
    """The desired state of one server, with every value checked that can be checked without it.

    Attributes:
        sections: The validated section of each kind that is declared, by the name of the kind.
        prune: The names of the kinds of which nothing else may be on the server.
        fingerprints: How secrets that the server does not return are told apart.
        protected: The addresses, with wildcards, of what must not be deleted, each with where it says so.
        limits: How much may be deleted without `--allow-deletes`.
        require: What the server itself has to be, for `check`.
        assume: What is taken for true of switches of its configuration, by their names in `orthanc.json`.
        warnings: What is allowed but probably a mistake.
        sources: The files that it was read from, the last one overriding the others; empty when it was not read
            from files.
    """

    sections: Mapping[str, Any]
    prune: frozenset[str]
    fingerprints: Fingerprints
    protected: tuple[tuple[str, tuple[str | int, ...]], ...] = ()
    limits: Limits = field(default_factory=Limits)
    warnings: tuple[Problem, ...] = ()
    sources: tuple[Source, ...] = ()
    require: Requirements = field(default_factory=Requirements)
    assume: Mapping[str, bool] = field(default_factory=dict)

    def pruning(self, names: Sequence[str]) -> Document:
        """The same document, with some kinds of which nothing else may be on the server.

        Raises:
            UsageError: One is no kind that can be pruned, or the document does not declare any of it.
        """
        prunable = [kind.name for kind in all_kinds().values() if kind.prunable]
        for name in names:
            if name not in prunable:
                raise UsageError(f"{name} cannot be pruned", hint=f"What can be is {', '.join(prunable)}.")
            if not self.sections.get(name):
                message = f"{name} is to be pruned, but the document declares none: everything would be deleted"
                raise UsageError(message, hint="Declare what is to stay.")
        return replace(self, prune=self.prune | set(names))

    @property
    def digest(self) -> str:
        """What tells this document from another one; empty when it was not read from files."""
        if not all(source.digest for source in self.sources):
            return ""
        return sha256(" ".join(source.digest for source in self.sources).encode()).hexdigest()

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files that it was read from, each with those that it includes after it."""
        names = (name for source in self.sources for name in source.files)
        return tuple(dict.fromkeys(names))

    @property
    def variables(self) -> frozenset[str]:
        """The names of the variables that its values took."""
        return frozenset(taken.name for source in self.sources for group in source.taken.values() for taken in group)

    @property
    def kinds(self) -> list[Kind]:
        """The kinds that are declared."""
        return [all_kinds()[name] for name in self.sections]

    def place(self, path: Sequence[str | int]) -> Place | None:
        """Where in its files a value stands; its parent when it does not stand anywhere."""
        return place(self.sources, path)


def place(sources: Sequence[Source], path: Sequence[str | int], *, of_key: bool = False) -> Place | None:
    """Where a value, or its key, stands in files of which a later one overrides the earlier ones."""
    best: tuple[int, Place | None] = (-1, None)
    for source in sources:
        for spelling in spellings(path):
            depth, found = source.find(spelling, array_fields, of_key=of_key)
            missing = len(spelling) - depth
            if found is not None and len(path) - missing >= best[0]:
                best = (len(path) - missing, found)
    return best[1]


def spellings(path: Sequence[str | int]) -> list[Sequence[str | int]]:
    """A path as it stands in a document, and as it stands in `orthanc.json`."""
    kind = next((kind for kind in all_kinds().values() if tuple(path[: len(kind.path)]) == kind.path), None)
    if kind is None or not kind.orthanc_name:
        return [path]
    return [path, (*kind.orthanc_path, *path[len(kind.path) :])]


def array_fields(path: Sequence[str | int]) -> Sequence[str]:
    """The fields of an entry that is written as a list, by its path in either spelling."""
    for kind in all_kinds().values():
        if kind.array_form and tuple(path[:-1]) in (kind.path, kind.orthanc_path):
            return kind.array_form
    return ()
