"""YAML with file, line and column: nodes from ruamel.yaml (libyaml where it is installed), data of our own making.

Everything that is wrong with the YAML itself is found here: what is no text, no YAML, a bomb, a key given twice.
No message quotes the text of a document, since that may be a secret.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from orthanc_state.errors import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ruamel.yaml.nodes import Node

    Tag = Callable[[str, Place], Any]
    ArrayFields = Callable[[Sequence[str | int]], Sequence[str]]

MAX_BYTES = 32 * 2**20
MAX_DEPTH = 50
MAX_VALUES = 2_000_000
"""How many values a document may come to when all its aliases are followed; a YAML bomb comes to billions."""

MAX_UNCHECKED = 2_000
"""Up to how many opening brackets, or columns in a line, no text can be nested so deep that libyaml overflows."""

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_PREFIX = "tag:yaml.org,2002:"
_TRUE = ("true", "True", "TRUE")


@dataclass(slots=True)
class Source:
    """One file as it was read: its data, and where each value stands."""

    name: str
    data: Any = field(default=None, repr=False)
    root: Node | None = field(default=None, repr=False)
    problems: list[Problem] = field(default_factory=list)

    def find(self, path: Sequence[str | int], arrays: ArrayFields) -> tuple[int, Place | None]:
        """How many keys of a path are in this file, and where the last of them stands.

        Args:
            path: The keys in their canonical spelling; the file may have Orthanc's.
            arrays: Gives the names of the fields of an entry that is written as a list, by its path.
        """
        node, depth, found = self.root, 0, self.root
        for key in path:
            if isinstance(node, MappingNode):
                pair = next((pair for pair in node.value if key in (pair[0].value, snake_case(pair[0].value))), None)
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
        if depth == len(path) and isinstance(node, ScalarNode):
            found = node
        return depth, place_of(self.name, found) if found is not None else None


def snake_case(key: object) -> str:
    """Orthanc's spelling of a key as the canonical one: `AllowNAction` is `allow_n_action`."""
    return _WORD_START.sub("_", str(key)).lower()


def place_of(name: str, node: Node) -> Place:
    """Where a node begins."""
    return Place(name, node.start_mark.line + 1, node.start_mark.column + 1)


def parse(content: bytes, name: str, tags: dict[str, Tag]) -> Source:
    """Read one YAML file.

    Args:
        content: The bytes of the file.
        name: What it is called in messages.
        tags: What makes a value of a tagged scalar (`!env`): it may raise `ValueError` with the reason.

    Returns:
        The data with all problems that were found; data is None when there is nothing to go on with.
    """
    source = Source(name)
    text = _text(content, source)
    if text is None:
        return source
    try:
        source.root = _compose(text)
    except MarkedYAMLError as error:
        source.problems.append(_explained(error, name))
    except (YAMLError, ValueError) as error:
        source.problems.append(Problem(f"this is not YAML: {str(error).splitlines()[0]}", Place(name)))
    if source.root is not None:
        try:
            source.data = _Constructor(source, tags).construct(source.root, 0)
        except _TooManyValuesError as error:
            message = "the aliases of this document come to too many values: is this a YAML bomb?"
            source.problems.append(Problem(message, place_of(name, error.node)))
    elif not source.problems:
        source.problems.append(Problem("the file is empty", Place(name), hint="A document begins with `version: 1`."))
    return source


def _text(content: bytes, source: Source) -> str | None:
    if len(content) > MAX_BYTES:
        source.problems.append(Problem(f"the file has more than {MAX_BYTES // 2**20} MiB", Place(source.name)))
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        source.problems.append(Problem("this is not text in UTF-8", Place(source.name, line, 1)))
        return None
    bad = _CONTROL.search(text)
    if bad is not None:
        start = bad.start()
        place = Place(source.name, text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))
        message = f"a control character (0x{ord(bad.group()):02x}): is this a binary file?"
        source.problems.append(Problem(message, place))
        return None
    return text


def _compose(text: str) -> Node | None:
    fast = YAML(typ="safe")
    if text.count("[") + text.count("{") > MAX_UNCHECKED or max(map(len, text.splitlines()), default=0) > MAX_UNCHECKED:
        _check_depth(fast, text)
    node: Node | None
    try:
        node = fast.compose(text)
    except YAMLError:
        # libyaml knows YAML 1.1 and refuses what 1.2 allows, a URL in a flow mapping for one.
        node = YAML(typ="safe", pure=True).compose(text)
    return node


def _check_depth(loader: YAML, text: str) -> None:
    """Refuse what would overflow the stack of libyaml's composer, which does not look after itself."""
    depth = 0
    for event in loader.parse(text):
        kind = type(event).__name__
        if kind.endswith("EndEvent"):
            depth -= 1
        elif kind.endswith("StartEvent"):
            depth += 1
            if depth > MAX_DEPTH:
                raise ValueError(f"nested deeper than {MAX_DEPTH} levels")


def _explained(error: MarkedYAMLError, name: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
    what = error.problem or error.context or "this is not YAML"
    if "cannot start any token" in what and "\\t" in what:
        return Problem("a tab in the indentation", place, hint="YAML is indented with spaces only")
    if "cannot start any token" in what:
        return Problem("a character that cannot stand here", place, hint="quote the text that it belongs to")
    if "another document" in what:
        return Problem("a second document begins here", place, hint="one file holds one document")
    if "mapping values are not allowed" in what:
        return Problem("a `:` that cannot stand here", place, hint="check the indentation, or quote the text")
    context = f"{error.context}: " if error.context and error.context != what else ""
    return Problem(f"not YAML: {context}{what}", place)


class _TooManyValuesError(Exception):
    """The aliases of a document come to more values than anybody would write."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node = node


class _Constructor:
    """Makes plain data of nodes: dict, list, str, int, float, bool, None, and what the tags make."""

    def __init__(self, source: Source, tags: dict[str, Tag]) -> None:
        self._source = source
        self._tags = tags
        self._values = 0
        self._open: set[int] = set()

    def construct(self, node: Node, depth: int) -> Any:
        self._values += 1
        if type(node) is ScalarNode:
            return self._scalar(node)
        if self._values > MAX_VALUES:
            raise _TooManyValuesError(node)
        if id(node) in self._open:
            return self._problem(node, "an alias to something that it is part of")
        if depth > MAX_DEPTH:
            return self._problem(node, f"nested deeper than {MAX_DEPTH} levels")
        self._open.add(id(node))
        data: Any
        if not str(node.tag).startswith(_PREFIX):
            data = None
            self._unknown_tag(node)
        elif type(node) is MappingNode:
            data = self._mapping(node, depth)
        else:
            data = [self.construct(item, depth + 1) for item in node.value]
        self._open.discard(id(node))
        return data

    def _mapping(self, node: MappingNode, depth: int) -> dict[Any, Any]:
        data: dict[Any, Any] = {}
        merged: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            tag = key_node.tag
            if tag == "tag:yaml.org,2002:merge":
                merged = {**self._merged(value_node, depth), **merged}
                continue
            key = self._scalar(key_node) if type(key_node) is ScalarNode else None
            if not isinstance(key, str):
                if type(key_node) is not ScalarNode or not str(tag).startswith(_PREFIX):
                    self._problem(key_node, "a key must be plain text")
                    continue
                key = key_node.value
            if key in data:
                self._problem(key_node, f"the key `{key}` is given twice", hint="the first one stands above")
                continue
            data[key] = self.construct(value_node, depth + 1)
        return {**merged, **data} if merged else data

    def _merged(self, node: Node, depth: int) -> dict[Any, Any]:
        parts = node.value if isinstance(node, SequenceNode) else [node]
        data: dict[Any, Any] = {}
        for part in parts:
            value = self.construct(part, depth + 1)
            if isinstance(value, dict):
                data = {**value, **data}
            else:
                self._problem(part, "`<<` takes a mapping, or a list of mappings")
        return data

    def _scalar(self, node: ScalarNode) -> Any:
        tag = str(node.tag)
        if tag == "tag:yaml.org,2002:str":
            return node.value
        if tag.startswith(_PREFIX):
            return self._standard(node, tag.removeprefix(_PREFIX))
        make = self._tags.get(tag)
        if make is None:
            return self._unknown_tag(node)
        try:
            return make(node.value, place_of(self._source.name, node))
        except ValueError as error:
            return self._problem(node, str(error))

    def _standard(self, node: ScalarNode, kind: str) -> Any:
        """A number, a truth value or nothing; anything else is text, dates too."""
        text = node.value
        if kind == "int":
            return self._number(node, text)
        if kind == "bool":
            return text in _TRUE
        if kind == "null":
            return None
        if kind == "float":
            with suppress(ValueError):
                return float(text.replace("_", ""))
        return text

    def _number(self, node: ScalarNode, text: str) -> int | str:
        digits = text.replace("_", "").lstrip("+-")
        if len(digits) > 1 and digits.isdigit() and digits.startswith("0"):
            # 0104 is 104 for some readers of YAML and 68 for others.
            self._problem(node, "a number that begins with 0", hint="write it without the 0, or quote it if it is text")
        try:
            return int(text.replace("_", ""), 0 if not digits.isdigit() else 10)
        except ValueError:
            return text

    def _unknown_tag(self, node: Node) -> Any:
        known = ", ".join(sorted(self._tags))
        return self._problem(node, f"an unknown tag; known are {known}", hint="quote text that begins with `!`")

    def _problem(self, node: Node, message: str, hint: str = "") -> Any:
        self._source.problems.append(Problem(message, place_of(self._source.name, node), hint=hint))
