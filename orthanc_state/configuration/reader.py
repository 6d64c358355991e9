"""JSON as Orthanc reads it (jsoncpp), with line and column.

Beside JSON it takes comments, a comma before a closing bracket, a key that is given twice (the last one counts), signs
and zeros before numbers, and anything after the last brace; until 1.12 also line breaks in texts. No library that keeps
places reads the same: JSON5 and YAML take much that Orthanc refuses, and refuse some of this.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ruamel.yaml.error import StreamMark
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from orthanc_state.configuration.variables import Reference, Substituted, substituted
from orthanc_state.document.explain import short
from orthanc_state.document.source import Source
from orthanc_state.errors import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ruamel.yaml.nodes import Node

MAX_DEPTH = 100
MAX_BYTES = 32 * 2**20

_BLANK = re.compile(r"(?:[ \t\r\n]+|//[^\n\r]*|/\*.*?\*/)*", re.DOTALL)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?(?![\w.])")
_WORDS = {"true": True, "false": False, "null": None}
_WORD = re.compile(r"(?:true|false|null)\b")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f]")
_DECODER = json.JSONDecoder(strict=False)
_TAG = "tag:yaml.org,2002:"


class Text(str):
    """A text of a configuration file that knows where it stands and which references gave it.

    Attributes:
        place: Where it begins.
        references: The references in it.
        whole: The only one, where the text is nothing but its value.
    """

    __slots__ = ("place", "references", "whole")

    place: Place
    references: tuple[Reference, ...]
    whole: Reference | None


def text_of(value: str, place: Place, references: tuple[Reference, ...], *, whole: bool) -> Text:
    """A text with what is known of it."""
    text = Text(value)
    text.place = place
    text.references = references
    text.whole = references[0] if whole and len(references) == 1 else None
    return text


def parse(content: bytes, name: str, environment: Mapping[str, str]) -> Source:
    """Read one configuration file.

    Args:
        content: The bytes of the file.
        name: What it is called in messages.
        environment: The values of the environment variables that it refers to.

    Returns:
        The data with all problems that were found; its texts are `Text`. What Orthanc takes but was hardly meant is a
        problem in `Source.warnings`.
    """
    source = Source(name)
    if len(content) > MAX_BYTES:
        source.problems.append(Problem(f"the file has more than {MAX_BYTES // 2**20} MiB", Place(name)))
        return source
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        source.problems.append(Problem("this is not text in UTF-8", Place(name, line, 1)))
        return source
    reader = _Reader(source, text, substituted(text, environment))
    try:
        source.data, source.root = reader.document()
    except _SyntaxError as error:
        source.problems.append(error.problem)
    return source


class _SyntaxError(Exception):
    """Orthanc would not start with this file."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.problem = problem


class _Reader:
    def __init__(self, source: Source, original: str, given: Substituted) -> None:
        self._source = source
        self._given = given
        self._text = given.text
        self._lines = [0, *(match.end() for match in re.finditer("\r\n|\r|\n", original))]
        self._at = 0

    def document(self) -> tuple[dict[str, Any], Node]:
        """The whole of the file.

        Raises:
            _SyntaxError: It is not what Orthanc reads.
        """
        self._skip()
        if not self._text.startswith("{", self._at):
            raise self._wrong("expected a `{`, with which every configuration file begins")
        data, node = self._value(0)
        self._skip()
        if self._at < len(self._text) and not self._text.startswith("/*", self._at):
            self._warn(self._at, "Orthanc reads nothing of what stands after the last brace")
        return data, node

    def _value(self, depth: int) -> tuple[Any, Node]:
        if depth > MAX_DEPTH:
            raise self._wrong(f"nested deeper than {MAX_DEPTH} levels")
        start = self._at
        first = self._text[start : start + 1]
        if first == "{":
            return self._object(depth)
        if first == "[":
            return self._array(depth)
        if first == '"':
            text = self._string()
            return text, self._scalar(start, "str", text)
        number = _NUMBER.match(self._text, start)
        if number is not None:
            self._at = number.end()
            return _number(number), self._scalar(start, "float" if number[1] or number[2] else "int", number[0])
        word = _WORD.match(self._text, start)
        if word is None:
            raise self._wrong("expected a value: a text in double quotes, a number, true, false, null, `{` or `[`")
        self._at = word.end()
        return _WORDS[word[0]], self._scalar(start, "null" if word[0] == "null" else "bool", word[0])

    def _object(self, depth: int) -> tuple[dict[str, Any], Node]:
        start = self._open()
        data: dict[str, Any] = {}
        pairs: dict[str, tuple[Node, Node]] = {}
        while not self._closed("}"):
            at = self._at
            if self._text[at : at + 1] != '"':
                raise self._wrong("expected a key in double quotes, or `}`")
            key = self._string()
            for reference in key.references:
                if not reference.known:
                    self._warn(at, f"the value of `{short(reference.name)}` is not known: this key is read without it")
            self._skip()
            if self._text[self._at : self._at + 1] != ":":
                raise self._wrong("expected a `:` after the key")
            self._at += 1
            self._skip()
            if key in data:
                self._warn(at, "this key is given twice: Orthanc takes the last one")
            data[str(key)], node = self._value(depth + 1)
            pairs[key] = (self._scalar(at, "str", key), node)
            self._separated("}")
        return data, MappingNode(_TAG + "map", list(pairs.values()), *self._marks(start))

    def _array(self, depth: int) -> tuple[list[Any], Node]:
        start = self._open()
        data: list[Any] = []
        nodes: list[Node] = []
        while not self._closed("]"):
            item, node = self._value(depth + 1)
            data.append(item)
            nodes.append(node)
            self._separated("]")
        return data, SequenceNode(_TAG + "seq", nodes, *self._marks(start))

    def _string(self) -> Text:
        start = self._at
        token = _STRING.match(self._text, start)
        if token is None:
            raise self._wrong("this text has no end: a double quote is missing")
        try:
            value, end = _DECODER.raw_decode(self._text, start)
        except ValueError:
            raise self._wrong("this text holds an escape that JSON does not know") from None
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise self._wrong("this text holds an escape that stands for half a character")
        if _CONTROL.search(token[0]):
            self._warn(start, "a line break or a tab in a text: Orthanc 1.13 refuses the file, write it as an escape")
        self._at = end
        references = self._given.within(start + 1, end - 1)
        whole = len(references) == 1 and references[0].span == (start + 1, end - 1)
        return text_of(value, self._place(start), references, whole=whole)

    def _open(self) -> int:
        start = self._at
        self._at += 1
        self._skip()
        return start

    def _closed(self, bracket: str) -> bool:
        if not self._text.startswith(bracket, self._at):
            return False
        self._at += 1
        return True

    def _separated(self, bracket: str) -> None:
        """Go past the comma after an item; only the last one needs none."""
        self._skip()
        if self._text.startswith(",", self._at):
            self._at += 1
            self._skip()
        elif not self._text.startswith(bracket, self._at):
            raise self._wrong(f"expected `,` or `{bracket}`")

    def _skip(self) -> None:
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at

    def _scalar(self, start: int, kind: str, text: str) -> Node:
        return ScalarNode(_TAG + kind, text, *self._marks(start))

    def _marks(self, start: int) -> tuple[StreamMark, StreamMark]:
        return self._mark(start), self._mark(self._at)

    def _mark(self, index: int) -> StreamMark:
        place = self._place(index)
        return StreamMark(self._source.name, index, place.line - 1, place.column - 1)

    def _place(self, index: int) -> Place:
        return self._place_of(self._given.origin(index))

    def _place_of(self, origin: int) -> Place:
        line = bisect_right(self._lines, origin)
        return Place(self._source.name, line, origin - self._lines[line - 1] + 1)

    def _warn(self, index: int, message: str) -> None:
        self._source.warnings.append(Problem(message, self._place(index)))

    def _wrong(self, message: str) -> _SyntaxError:
        hint, place = "", self._place(self._at)
        # A value that is not there, or that breaks the text, shows just after its reference.
        near = [reference for reference in self._given.references if reference.span[0] <= self._at][-1:]
        if near and self._at - near[0].span[1] < 2:
            name = short(near[0].name)
            place = self._place_of(near[0].origin[0])
            hint = f"`${{{name}}}` is not known: give its value with --env-file or --environment"
            if near[0].known:
                hint = f"Orthanc puts the value of `${{{name}}}` in as it is: quotes and backslashes have to be escaped"
        return _SyntaxError(Problem(message, place, hint=hint))


def _number(match: re.Match[str]) -> int | float:
    with suppress(ValueError):
        if not (match[1] or match[2]):
            return int(match[0])
    # What has thousands of digits is not read as a whole number.
    return float(match[0])


def nodes_of(data: Any, place: Place) -> Node:
    """The nodes of data that stands at one place, all at that place."""
    mark = StreamMark(place.file, 0, place.line - 1, place.column - 1)
    if isinstance(data, dict):
        pairs = [(nodes_of(str(key), place), nodes_of(value, place)) for key, value in data.items()]
        return MappingNode(_TAG + "map", pairs, mark, mark)
    if isinstance(data, list):
        return SequenceNode(_TAG + "seq", [nodes_of(item, place) for item in data], mark, mark)
    return ScalarNode(_TAG + "str", str(data), mark, mark)
