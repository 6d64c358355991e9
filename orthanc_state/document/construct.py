"""Makes plain data of YAML nodes: dict, list, str, int, float, bool, None, and what the tags make."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from orthanc_state.document.include import TAG as INCLUDE
from orthanc_state.document.source import MERGE, place_of
from orthanc_state.document.variables import BEGIN, VariableError
from orthanc_state.errors import Problem
from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from ruamel.yaml.nodes import Node

    from orthanc_state.document.source import Source
    from orthanc_state.document.variables import Variables
    from orthanc_state.errors import Place

    Tag = Callable[[str, Place], Any]
    Open = Callable[[str, Source], Source]

MAX_DEPTH = 50
MAX_VALUES = 300_000
"""How many values a document may come to when all its aliases are followed; a YAML bomb comes to billions."""

_PREFIX = "tag:yaml.org,2002:"
_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")


class TooManyValuesError(Exception):
    """The aliases of a document come to more values than anybody would write."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node = node


class Constructor:
    """Makes the data of one file and of those that it includes, and notes what is wrong with them.

    Args:
        source: The file; its problems are added to. What makes a value of a tagged scalar of it may raise `ValueError`
            with the reason.
        variables: What is put into its texts; None where a text is only that.
        include: Reads a file that is included, by its name and the file that includes it; it raises `ValueError` with
            the reason. None where nothing can be included.
    """

    def __init__(self, source: Source, variables: Variables | None = None, include: Open | None = None) -> None:
        self._source = source
        self._variables = variables
        self._include = include
        self._values = 0
        self._open: set[int] = set()

    def construct(self, node: Node, depth: int) -> Any:
        """The data of a node.

        Raises:
            TooManyValuesError: This is a YAML bomb.
        """
        self._values += 1
        if type(node) is ScalarNode:
            return self._scalar(node, depth)
        if self._values > MAX_VALUES:
            raise TooManyValuesError(node)
        if id(node) in self._open:
            return self._problem(node, "an alias to something that it is part of")
        if depth > MAX_DEPTH:
            return self._problem(node, f"nested deeper than {MAX_DEPTH} levels")
        self._open.add(id(node))
        data: Any
        if str(node.tag) not in (_PREFIX + "map", _PREFIX + "seq"):
            data = self._unknown_tag(node)
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
            if key_node.tag == MERGE:
                merged = {**self._merged(value_node, depth), **merged}
                continue
            key = self._key(key_node)
            if key is None:
                continue
            if key in data:
                self._problem(key_node, "this key is given twice", hint="the first one stands above")
                continue
            data[key] = self.construct(value_node, depth + 1)
        return {**merged, **data} if merged else data

    def _key(self, node: Node) -> str | None:
        """A key as it is written: `1`, `on` and `null` are names like any other."""
        if type(node) is not ScalarNode or not str(node.tag).startswith(_PREFIX):
            self._problem(node, "a key must be plain text")
            return None
        return self._character_by_character(node)

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

    def _scalar(self, node: ScalarNode, depth: int) -> Any:
        tag = str(node.tag)
        if tag == "tag:yaml.org,2002:str":
            text = self._character_by_character(node)
            # A text without variables is most of a document: it is told apart at once.
            return self._with_variables(node, text) if text is not None and BEGIN in text else text
        if tag.startswith(_PREFIX):
            return self._standard(node, tag.removeprefix(_PREFIX))
        if tag == INCLUDE and self._include is not None:
            return self._included(node, depth, self._include)
        make = self._source.tags.get(tag)
        if make is None:
            return self._unknown_tag(node)
        text = self._character_by_character(node)
        try:
            if self._variables is not None and text is not None and BEGIN in text:
                raise ValueError(f"{tag} takes no variables; a variable can be a reference itself")
            return make(text, place_of(self._source.name, node)) if text is not None else None
        except ValueError as error:
            self._problem(node, str(error))
            # It stands for the secret that is missing, so that this is said once.
            return Secret("", tag)

    def _with_variables(self, node: ScalarNode, text: str) -> Any:
        if self._variables is None:
            return text
        try:
            value, taken = self._variables.put_into(text)
        except VariableError as error:
            self._problem(node, str(error), error.hint)
            return Secret("", "${}")
        self._source.taken[place_of(self._source.name, node)] = taken
        return value

    def _included(self, node: ScalarNode, depth: int, include: Open) -> Any:
        """The data of a file in the place of a node, which keeps its own lines and its own relative paths."""
        outer = self._source
        inner = outer.includes.get(id(node))
        if inner is None:
            try:
                inner = include(self._character_by_character(node) or "", outer)
            except ValueError as error:
                self._problem(node, str(error))
                return Secret("", INCLUDE)
            inner.included_at = (*outer.included_at, place_of(outer.name, node))
            outer.includes[id(node)] = inner
        if inner.root is None:
            # What is wrong with the file was noted.
            return Secret("", INCLUDE)
        if type(inner.root) is ScalarNode:
            return self._problem(node, "an included file holds a mapping or a list: write the value itself")
        self._source = inner
        try:
            return self.construct(inner.root, depth)
        finally:
            self._source = outer

    def _standard(self, node: ScalarNode, kind: str) -> Any:
        """A number, a truth value, nothing, or a date, which stays text."""
        text = node.value
        if kind == "null":
            # An anchor to nothing is longer than nothing; libyaml does not tell it otherwise.
            if text == "" and (node.start_mark.line, node.start_mark.column) != (
                node.end_mark.line,
                node.end_mark.column,
            ):
                return self._problem(node, "an anchor to nothing", "quote text that begins with `&`")
            return None
        if kind == "int":
            return self._number(node, text)
        if kind == "bool":
            if text in _TRUE or text in _FALSE:
                return text in _TRUE
            return self._problem(node, "this is neither true nor false")
        if kind == "float":
            with suppress(ValueError):
                return float(text.replace("_", ""))
            return text
        return text if kind == "timestamp" else self._unknown_tag(node)

    def _number(self, node: ScalarNode, text: str) -> int | str:
        digits = text.replace("_", "").lstrip("+-")
        if len(digits) > 1 and digits.isdigit() and digits.startswith("0"):
            # 0104 is 104 for some readers of YAML and 68 for others.
            self._problem(node, "a number that begins with 0", hint="write it without the 0, or quote it if it is text")
        try:
            return int(text.replace("_", ""), 0 if not digits.isdigit() else 10)
        except ValueError:
            return text

    def _character_by_character(self, node: ScalarNode) -> str | None:
        """A text; the two halves in which JSON writes a character are made one, and a half alone is refused."""
        text: str = node.value
        if text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self._problem(node, "an escape that stands for half a character")
            return None

    def _unknown_tag(self, node: Node) -> Any:
        tags = [*self._source.tags, *([INCLUDE] if self._include is not None else [])]
        known = ", ".join(sorted(tags))
        return self._problem(node, f"an unknown tag; known are {known}", hint="quote text that begins with `!`")

    def _problem(self, node: Node, message: str, hint: str = "") -> Any:
        self._source.problems.append(Problem(message, place_of(self._source.name, node), hint=hint))
