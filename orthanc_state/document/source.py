"""One file as it was read, with those that it includes: its data, and where each value of it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from orthanc_state.errors import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ruamel.yaml.nodes import MappingNode, Node

    from orthanc_state.document.construct import Tag
    from orthanc_state.document.variables import Taken

    Pair = tuple["Source", Node, Node]
    ArrayFields = Callable[[Sequence[str | int]], Sequence[str]]

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

MERGE = "tag:yaml.org,2002:merge"


@dataclass(slots=True)
class Source:
    """One file.

    Attributes:
        name: What it is called in messages; empty for data that came from no file.
        data: What it says; secrets may stand in it, so it is never shown and never stored.
        root: The node of the whole of it.
        problems: What is wrong with it.
        warnings: What is allowed but probably a mistake.
        digest: SHA-256 of what was read, of the files that it includes, and of the variables that it takes; empty for
            data that came from no file.
        folder: What the paths in it are relative to.
        tags: What makes a value of a tagged scalar of it.
        chain: The files, resolved, by which it came to be included, and itself at the end.
        included_at: Where each of them includes the next one.
        includes: The files that it includes, by the identity of the node that does.
        taken: The variables that the value at a place takes, those in included files too.
    """

    name: str
    data: Any = field(default=None, repr=False)
    root: Node | None = field(default=None, repr=False)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    digest: str = ""
    folder: Path = field(default_factory=Path)
    tags: Mapping[str, Tag] = field(default_factory=dict, repr=False)
    chain: tuple[Path, ...] = ()
    included_at: tuple[Place, ...] = ()
    includes: dict[int, Source] = field(default_factory=dict, repr=False)
    taken: dict[Place, tuple[Taken, ...]] = field(default_factory=dict, repr=False)
    _pairs: dict[int, dict[str, Pair]] = field(default_factory=dict, repr=False)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a document may hold secrets, and is not to be stored")

    def find(self, path: Sequence[str | int], arrays: ArrayFields, *, of_key: bool = False) -> tuple[int, Place | None]:
        """How many keys of a path are in this file, and where the last of them stands.

        Args:
            path: The keys in their canonical spelling; the file may have Orthanc's.
            arrays: Gives the names of the fields of an entry that is written as a list, by its path.
            of_key: Whether the place of the last key is asked for, and not that of its value.
        """
        depth, owner, found = self.locate(path, arrays, of_key=of_key)
        return depth, place_of(owner.name, found) if found is not None else None

    def locate(
        self, path: Sequence[str | int], arrays: ArrayFields, *, of_key: bool = False
    ) -> tuple[int, Source, Node | None]:
        """As `find`, but with the file and the node, which may be those of an included file."""
        if self.root is None:
            return 0, self, None
        # Here, and not above: data that came from no file is read without YAML.
        from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

        source: Source = self
        node: Node | None = self.root
        depth, owner, found = 0, self, self.root
        for key in path:
            if node is not None:
                source, node = source.through(node)
            if isinstance(node, MappingNode):
                pair = source._pair(node, str(key))
                if pair is None:
                    break
                owner, found, node = pair
                source = owner
            elif isinstance(node, SequenceNode):
                names = arrays(path[:depth])
                index = key if isinstance(key, int) else names.index(key) if key in names else len(node.value)
                if index >= len(node.value):
                    break
                owner, found = source, node.value[index]
                node = found
            else:
                break
            depth += 1
        if depth == len(path) and isinstance(node, ScalarNode) and not of_key:
            owner, found = source, node
        return depth, owner, found

    @property
    def files(self) -> Iterator[str]:
        """Its name and those of the files that it includes; none for data that came from no file."""
        if self.name:
            yield self.name
        for included in self.includes.values():
            yield from included.files

    def through(self, node: Node) -> tuple[Source, Node]:
        """The node that stands for a node, and its file: those of the included file, where it includes one."""
        source: Source = self
        while (included := source.includes.get(id(node))) is not None and included.root is not None:
            source, node = included, included.root
        return source, node

    def _pair(self, node: MappingNode, key: str) -> Pair | None:
        """The key and the value of one key of a mapping, those that it merges in included, and the file of them."""
        pairs = self._pairs.get(id(node))
        if pairs is None:
            pairs = self._pairs[id(node)] = self._collected(node, set())
        return pairs.get(key)

    def _collected(self, node: MappingNode, open_nodes: set[int]) -> dict[str, Pair]:
        """Each key in its own spelling, and in the canonical one where no other key has that."""
        from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

        pairs: dict[str, Pair] = {}
        own: dict[str, Pair] = {}
        open_nodes = open_nodes | {id(node)}
        for key, value in node.value:
            if key.tag == MERGE:
                for part in value.value if isinstance(value, SequenceNode) else [value]:
                    source, mapping = self.through(part)
                    if isinstance(mapping, MappingNode) and id(mapping) not in open_nodes:
                        pairs = {**source._collected(mapping, open_nodes), **pairs}
            elif isinstance(key, ScalarNode):
                own.setdefault(key.value, (self, key, value))
        pairs.update(own)
        return {**{snake_case(key): pair for key, pair in pairs.items()}, **pairs}


def snake_case(key: str) -> str:
    """Orthanc's spelling of a key as the canonical one: `AllowNAction` is `allow_n_action`."""
    return _WORD_START.sub("_", key).lower()


def place_of(name: str, node: Node) -> Place:
    """Where a node begins."""
    return Place(name, node.start_mark.line + 1, node.start_mark.column + 1)
