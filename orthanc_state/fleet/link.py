"""One link between two DICOM nodes, and the small language in which it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from orthanc_state.document.explain import nearest, short

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthanc_state.errors import Place

TLS = "tls"
"""The word that says that the connections of a link are made with DICOM TLS."""

EXAMPLE = "ct1 -> pacs: store, echo"

_HEAD = re.compile(r"\s*(?P<asker>[^\s<>-][^\s<>]*?)\s*(?P<arrow><->|->)\s*(?P<asked>[^\s<>-][^\s<>]*?)\s*\Z")
_TOKEN = re.compile(r"(?P<word>[A-Za-z0-9_-]+)|(?P<sign>[(),])|(?P<other>[^\sA-Za-z0-9_(),-])")


class Operation(StrEnum):
    """What one node may ask of another one."""

    ECHO = "echo"
    STORE = "store"
    FIND = "find"
    WORKLIST = "worklist"
    MOVE = "move"
    GET = "get"
    COMMIT = "commit"


class LinkError(ValueError):
    """A link cannot be read.

    Attributes:
        at: How many characters of it stand before what is wrong.
        hint: What to do about it.
    """

    def __init__(self, message: str, at: int, hint: str = "") -> None:
        super().__init__(message)
        self.at = at
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a link, and how many characters of the text stand before it."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """One operation as it is written.

    Attributes:
        word: The operation, or `tls`.
        destinations: Where a C-MOVE sends to; empty for the one who asks.
    """

    word: Word
    destinations: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """What one node asks of another one.

    Attributes:
        asker: The node that asks: the SCU.
        asked: The node that is asked: the SCP.
        operations: What it may ask, each with where that is said.
        destinations: The nodes to which a C-MOVE may send, each with where that is said.
        place: Where the link stands.
        tls: Where it says that the asker connects with DICOM TLS; None if it does not.
    """

    asker: str
    asked: str
    operations: Mapping[Operation, Place]
    destinations: Mapping[str, Place]
    place: Place
    tls: Place | None = None

    @property
    def name(self) -> str:
        """How it is called: `ct1 -> pacs`."""
        return f"{self.asker} -> {self.asked}"

    def __str__(self) -> str:
        return f"{self.name}: {', '.join(self.words())}"

    def words(self) -> Iterator[str]:
        """The operations as they are written."""
        for operation in Operation:
            if operation not in self.operations:
                continue
            others = [name for name in self.destinations if name != self.asker]
            if operation is Operation.MOVE and others:
                yield f"move(to {', '.join(self.destinations)})"
            else:
                yield operation.value
        if self.tls is not None:
            yield TLS


def read_head(text: str) -> tuple[Word, bool, Word]:
    """The two nodes of a link: who asks, whether each asks the other, and who is asked.

    Raises:
        LinkError: They are not written as `ct1 -> pacs` or `viewer <-> pacs`.
    """
    found = _HEAD.match(text)
    if found is None:
        arrow = re.search(r"<?[-=]+>|<[-=]+|[→↔⇒]", text)
        at = arrow.start() if arrow else len(text) - len(text.lstrip())
        raise LinkError(f"`{short(text.strip())}` is no link", at, "write `ct1 -> pacs` or `viewer <-> pacs`")
    asker, asked = (Word(found[name], found.start(name)) for name in ("asker", "asked"))
    return asker, found["arrow"] == "<->", asked


def read_operations(text: str) -> Iterator[Phrase]:
    """The operations of a link: `echo, move(to viewer, archive), tls`.

    Raises:
        LinkError: They are not written so, or one is not known.
    """
    tokens = _Tokens(text)
    while True:
        word = tokens.word("an operation")
        known = [*Operation, TLS]
        if word.text not in known:
            hint = nearest(word.text, known) or f"known are {', '.join(known)}"
            raise LinkError(f"unknown operation `{short(word.text)}`", word.at, hint)
        yield Phrase(word, tuple(tokens.destinations(word)) if tokens.skip("(") else ())
        if not tokens.skip(","):
            break
    tokens.end()


class _Tokens:
    def __init__(self, text: str) -> None:
        self._tokens = [(found.lastgroup or "", found[0], found.start()) for found in _TOKEN.finditer(text)]
        # What stands after the last one.
        self._tokens.append(("end", "", len(text)))
        self._next = 0

    def skip(self, sign: str) -> bool:
        if self._tokens[self._next][:2] != ("sign", sign):
            return False
        self._next += 1
        return True

    def word(self, what: str) -> Word:
        group, text, at = self._tokens[self._next]
        if group != "word":
            raise LinkError(f"expected {what}{_instead(text)}", at, f"as in `{EXAMPLE}`")
        self._next += 1
        return Word(text, at)

    def destinations(self, word: Word) -> Iterator[Word]:
        if word.text != Operation.MOVE:
            raise LinkError(f"`{word.text}` takes nothing in brackets", word.at, "only `move(to NODE)` does")
        to = self.word("`to`")
        if to.text != "to":
            raise LinkError(f"expected `to`{_instead(to.text)}", to.at, "as in `move(to viewer)`")
        yield self.word("the name of a node")
        while self.skip(","):
            yield self.word("the name of a node")
        if not self.skip(")"):
            _, text, at = self._tokens[self._next]
            raise LinkError(f"expected `)`{_instead(text)}", at, "as in `move(to viewer)`")

    def end(self) -> None:
        group, text, at = self._tokens[self._next]
        if group != "end":
            raise LinkError(f"expected a comma{_instead(text)}", at, f"as in `{EXAMPLE}`")


def _instead(text: str) -> str:
    return f" instead of `{short(text)}`" if text else ""
