"""One file as it was read: its data, and where each value of it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from orthanc_state.errors import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ruamel.yaml.nodes import Node

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
        digest: SHA-256 of what was read; empty for data that came from no file.
    """

    name: str
    data: Any = field(default=None, repr=False)
    root: Node | None = field(default=None, repr=False)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    digest: str = ""
    _pairs: dict[int, dict[str, tuple[Node, Node]]] = field(default_factory=dict, repr=False)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a document may hold secrets, and is not to be stored")

    def find(self, path: Sequence[str | int], arrays: ArrayFields, *, of_key: bool = False) -> tuple[int, Place | None]:
        """How many keys of a path are in this file, and where the last of them stands.

        Args:
            path: The keys in their canonical spelling; the file may have Orthanc's.
            arrays: Gives the names of the fields of an entry that is written as a list, by its path.
            of_key: Whether the place of the last key is asked for, and not that of its value.
        """
        node, depth, found = self.root, 0, self.root
        for key in path:
            if isinstance(node, MappingNode):
                pair = self._pair(node, str(key))
                if pair is None:
                    break
                found, node = pair
            elif isinstance(node, SequenceNode):
                names = arrays(path[:depth])
                index = key if isinstance(key, int) else names.index(key) if key in names else len(node.value)
                if index >= len(node.value):
                    break
                found = node = node.value[index]
            else:
                break
            depth += 1
        if depth == len(path) and isinstance(node, ScalarNode) and not of_key:
            found = node
        return depth, place_of(self.name, found) if found is not None else None

    def _pair(self, node: MappingNode, key: str) -> tuple[Node, Node] | None:
        """The key and the value of one key of a mapping, those that it merges in included."""
        pairs = self._pairs.get(id(node))
        if pairs is None:
            pairs = self._pairs[id(node)] = self._collected(node, set())
        return pairs.get(key)

    def _collected(self, node: MappingNode, open_nodes: set[int]) -> dict[str, tuple[Node, Node]]:
        """Each key in its own spelling, and in the canonical one where no other key has that."""
        pairs: dict[str, tuple[Node, Node]] = {}
        own: dict[str, tuple[Node, Node]] = {}
        open_nodes = open_nodes | {id(node)}
        for key, value in node.value:
            if key.tag == MERGE:
                for part in value.value if isinstance(value, SequenceNode) else [value]:
                    if isinstance(part, MappingNode) and id(part) not in open_nodes:
                        pairs = {**self._collected(part, open_nodes), **pairs}
            elif isinstance(key, ScalarNode):
                own.setdefault(key.value, (key, value))
        pairs.update(own)
        return {**{snake_case(key): pair for key, pair in pairs.items()}, **pairs}


def snake_case(key: str) -> str:
    """Orthanc's spelling of a key as the canonical one: `AllowNAction` is `allow_n_action`."""
    return _WORD_START.sub("_", key).lower()


def place_of(name: str, node: Node) -> Place:
    """Where a node begins."""
    return Place(name, node.start_mark.line + 1, node.start_mark.column + 1)
