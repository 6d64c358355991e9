"""The DICOM network of an inventory: its nodes, and which of them asks which other one for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ruamel.yaml.nodes import ScalarNode

from orthanc_state.document.explain import dotted, nearest, short
from orthanc_state.document.source import place_of
from orthanc_state.errors import Place, Problem
from orthanc_state.fleet.link import EXAMPLE, TLS, Link, LinkError, Operation, Phrase, Word, read_head, read_operations
from orthanc_state.fleet.node import NodeReader
from orthanc_state.kinds.modalities import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ruamel.yaml.nodes import Node as YamlNode

    from orthanc_state.document.source import Source
    from orthanc_state.fleet.node import Node

    Where = tuple[str | int, ...]

SECTION = "network"


@dataclass(frozen=True)
class Network:
    """Nodes and links.

    Attributes:
        nodes: The nodes by name, in the order of the file.
        links: The links in the order of the file; one that is written `<->` is two.
    """

    nodes: Mapping[str, Node]
    links: tuple[Link, ...]

    @cached_property
    def between(self) -> Mapping[tuple[str, str], tuple[Link, ...]]:
        """The links by who asks and who is asked."""
        found: dict[tuple[str, str], tuple[Link, ...]] = {}
        for link in self.links:
            key = (link.asker, link.asked)
            found[key] = (*found.get(key, ()), link)
        return found

    def node_of(self, server: str) -> Node | None:
        """The node that a server is."""
        return next((node for node in self.nodes.values() if node.server == server), None)

    def neighbours(self, name: str) -> list[str]:
        """The nodes that a node asks, or is asked by, in the order of the file."""
        near = {link.asked for link in self.links if link.asker == name}
        near |= {link.asker for link in self.links if link.asked == name}
        return [other for other in self.nodes if other in near]

    def asks(self, asker: str, asked: str, operation: Operation) -> Place | None:
        """Where it is said that one node may ask something of another one; None where it is not."""
        links = self.between.get((asker, asked), ())
        return next((link.operations[operation] for link in links if operation in link.operations), None)


def read_network(source: Source, servers: Sequence[str]) -> tuple[Network, list[Problem]]:
    """The network that an inventory declares, and what is wrong with how it is written.

    Args:
        source: The inventory as it was read, which has a section `network`.
        servers: The names of its servers.
    """
    reader = _Reader(source, servers)
    network = reader.read(source.data[SECTION])
    return network, reader.problems


class _Reader:
    def __init__(self, source: Source, servers: Sequence[str]) -> None:
        self._source = source
        self._nodes = NodeReader(servers, self._place)
        self._known: Sequence[str] = ()

    @property
    def problems(self) -> list[Problem]:
        return self._nodes.problems

    def read(self, data: Any) -> Network:
        if not isinstance(data, Mapping):
            self._wrong((SECTION,), "expected a mapping of `nodes` and `links`")
            return Network({}, ())
        for key in data:
            if key not in ("nodes", "links"):
                hint = nearest(str(key), ("nodes", "links")) or "valid are nodes, links"
                self._wrong((SECTION, key), f"unknown key `{short(key)}`", hint, of_key=True)
        declared = data.get("nodes") or {}
        if not isinstance(declared, Mapping):
            self._wrong((SECTION, "nodes"), "expected a mapping of names to nodes")
            declared = {}
        self._known = list(declared)
        nodes = {name: self._nodes.read(name, value) for name, value in declared.items()}
        links = [link for written in self._written(data.get("links") or {}) for link in self._links(*written)]
        return Network({name: node for name, node in nodes.items() if node is not None}, tuple(links))

    def _written(self, data: Any) -> Iterator[tuple[_Text, list[_Text]]]:
        """The head of each link, and its operations; they may be written as one text, or as key and value."""
        where: Where = (SECTION, "links")
        if isinstance(data, Mapping):
            yield from self._pairs(where, data)
        elif isinstance(data, list | tuple):
            for index, item in enumerate(data):
                here = (*where, index)
                if isinstance(item, Mapping):
                    yield from self._pairs(here, item)
                elif isinstance(item, str):
                    text = self._text(here, item)
                    head, colon, _ = item.partition(":")
                    if colon:
                        yield text.part(0, len(head)), [text.part(len(head) + 1, len(item))]
                    else:
                        self._wrong_at(text, len(item), "a link says what is asked", f"as in `{EXAMPLE}`")
                else:
                    self._wrong(here, "expected a link", f"as in `{EXAMPLE}`")
        else:
            self._wrong(where, "expected links", f"as in `{EXAMPLE}`")

    def _pairs(self, where: Where, data: Mapping[Any, Any]) -> Iterator[tuple[_Text, list[_Text]]]:
        for key, value in data.items():
            here = (*where, key)
            texts = list(value) if isinstance(value, list | tuple) else [value]
            if not texts or not all(isinstance(text, str) for text in texts):
                self._wrong(here, "expected the operations of the link", f"as in `{EXAMPLE}`")
                continue
            paths = [(*here, index) for index in range(len(texts))] if isinstance(value, list | tuple) else [here]
            yield (
                self._text(here, str(key), of_key=True),
                [self._text(path, text) for path, text in zip(paths, texts, strict=True)],
            )

    def _links(self, head: _Text, rest: Sequence[_Text]) -> Iterator[Link]:
        place = head.place(len(head.text) - len(head.text.lstrip()))
        before = len(self.problems)
        try:
            asker, both, asked = read_head(head.text)
        except LinkError as error:
            self._wrong_at(head, error.at, str(error), error.hint)
            return
        for word in (asker, asked):
            self._check_node(head, word)
        if asker.text == asked.text:
            self._wrong_at(head, asked.at, f"`{asked.text}` asks itself", "a link is between two nodes")
        said: list[tuple[_Text, Phrase]] = []
        for text in rest:
            try:
                said += [(text, phrase) for phrase in read_operations(text.text)]
            except LinkError as error:
                self._wrong_at(text, error.at, str(error), error.hint)
        for text, phrase in said:
            for word in phrase.destinations:
                self._check_node(text, word)
        self._check_words(said)
        if len(self.problems) == before:
            for one, other in [(asker, asked), *([(asked, asker)] if both else [])]:
                yield _link(one.text, other.text, place, said)

    def _check_words(self, said: Sequence[tuple[_Text, Phrase]]) -> None:
        words: set[str] = set()
        for text, phrase in said:
            if phrase.word.text in words:
                self._wrong_at(text, phrase.word.at, f"`{phrase.word.text}` is said twice", "once is enough")
            words.add(phrase.word.text)
        if words == {TLS}:
            self._wrong_at(said[0][0], said[0][1].word.at, "a link says what is asked", f"as in `{EXAMPLE}, tls`")

    def _check_node(self, text: _Text, word: Word) -> None:
        if word.text not in self._known:
            hint = nearest(word.text, self._known) or "declare it under `nodes`"
            self._wrong_at(text, word.at, f"there is no node `{short(word.text)}`", hint)

    def _text(self, where: Where, text: str, *, of_key: bool = False) -> _Text:
        depth, owner, node = self._source.locate(where, _arrays, of_key=of_key)
        found = node if depth == len(where) and isinstance(node, ScalarNode) else None
        return _Text(text, owner.name, found, self._place(where, of_key=of_key))

    def _place(self, where: Where, *, of_key: bool = False) -> Place:
        return self._source.find(where, _arrays, of_key=of_key)[1] or Place(self._source.name)

    def _wrong(self, where: Where, message: str, hint: str = "", *, of_key: bool = False) -> None:
        self.problems.append(Problem(message, self._place(where, of_key=of_key), dotted(where), hint))

    def _wrong_at(self, text: _Text, at: int, message: str, hint: str = "") -> None:
        self.problems.append(Problem(message, text.place(at), f"{SECTION}.links", hint))


def _link(asker: str, asked: str, place: Place, said: Sequence[tuple[_Text, Phrase]]) -> Link:
    operations: dict[Operation, Place] = {}
    destinations: dict[str, Place] = {}
    tls = None
    for text, phrase in said:
        here = text.place(phrase.word.at)
        if phrase.word.text == TLS:
            tls = here
            continue
        operation = Operation(phrase.word.text)
        operations[operation] = here
        if operation is Operation.MOVE:
            destinations = {word.text: text.place(word.at) for word in phrase.destinations} or {asker: here}
    return Link(asker, asked, operations, destinations, place, tls)


def _arrays(path: Sequence[str | int]) -> Sequence[str]:
    return KIND.array_form if tuple(path[:2]) == (SECTION, "nodes") else ()


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of the inventory, of which each character has a place.

    Attributes:
        text: What it says.
        file: Where it stands.
        node: Its node, if it is a scalar.
        start: Where it begins, in case that no more is known.
        offset: How many characters of the node stand before it.
    """

    text: str
    file: str
    node: YamlNode | None
    start: Place
    offset: int = 0

    def part(self, begin: int, end: int) -> _Text:
        return _Text(self.text[begin:end], self.file, self.node, self.start, self.offset + begin)

    def place(self, at: int) -> Place:
        node = self.node
        # In a text of several lines, or one with escapes, characters are not where they seem to be.
        if node is None or node.start_mark.line != node.end_mark.line:
            return self.start
        begin = place_of(self.file, node)
        quotes = 1 if getattr(node, "style", None) in ("'", '"') else 0
        return Place(self.file, begin.line, begin.column + quotes + self.offset + at)
