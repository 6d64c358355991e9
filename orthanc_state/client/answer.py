"""What a server answered, taken as what it should be or refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from orthanc_state.client.errors import UnexpectedAnswerError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its HTTP status, its body, and the revision of what it tells of (`ETag`)."""

    status: int
    content: bytes
    revision: str | None


_HINT = "Is this an Orthanc? A proxy or a login page may stand in between."


def parsed(method: str, path: str, content: bytes) -> Any:
    """The data in an answer that should be JSON.

    Raises:
        UnexpectedAnswerError: It is something else.
    """
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise UnexpectedAnswerError(
            f"{method} {path} should answer JSON, but answered {_what(content)}", hint=_HINT
        ) from None


def word(path: str, content: bytes, expected: str) -> str:
    """The text of an answer that should be a single word."""
    text = content.strip().decode("utf-8", "replace")
    if not text.isascii() or not text.isalnum() or not text[:1].isalpha():
        raise unexpected("GET", path, expected, content)
    return text


def unexpected(method: str, path: str, expected: str, content: bytes | None = None) -> UnexpectedAnswerError:
    """The error for an answer that has not the shape of Orthanc's."""
    found = f"but answered {_what(content)}" if content is not None else "but answered something else"
    return UnexpectedAnswerError(f"{method} {path} should answer {expected}, {found}", hint=_HINT)


def strings(path: str, answer: Any, method: str = "GET") -> list[str]:
    """An answer that should be a list of strings."""
    if not isinstance(answer, list) or not all(isinstance(item, str) for item in answer):
        raise unexpected(method, path, "a list of texts")
    return answer


def configuration(path: str, answer: Any) -> dict[str, Any]:
    """An answer that should be the configuration of one modality or peer: plain values, and lists of names."""
    if not isinstance(answer, dict) or not all(_is_plain(value) for value in answer.values()):
        raise unexpected("GET", path, "a configuration")
    if not isinstance(answer.get("HttpHeaders", []), list):
        raise unexpected("GET", path, "a configuration")
    return answer


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return value is None or isinstance(value, str | int)


def _what(content: bytes) -> str:
    start = content[:200].strip()
    if not start:
        return "nothing"
    return "HTML" if start.startswith(b"<") else "something else"


def mapping(kind: type[T], path: str, answer: Any, method: str = "GET") -> T:
    """An answer that should be a JSON object, as a typed dictionary; its fields are taken as they are."""
    if not isinstance(answer, dict):
        raise unexpected(method, path, "an object")
    return cast(T, answer)


def mappings(kind: type[T], path: str, answer: Any, method: str = "GET") -> list[T]:
    """An answer that should be a list of JSON objects, as typed dictionaries."""
    if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
        raise unexpected(method, path, "a list of objects")
    return answer


def numbers(path: str, answer: Any) -> list[int]:
    """An answer that should be a list of whole numbers."""
    if not isinstance(answer, list) or not all(type(item) is int for item in answer):
        raise unexpected("GET", path, "a list of numbers")
    return answer


def identifier(path: str, answer: Any) -> str:
    """The identifier of what a POST has made."""
    made = answer.get("ID") if isinstance(answer, dict) else None
    if not isinstance(made, str):
        raise unexpected("POST", path, "the identifier of what it made")
    return made


def text(path: str, content: bytes) -> str:
    """An answer that is a text."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise unexpected("GET", path, "a text", content) from None


def integer(path: str, content: bytes) -> int:
    """An answer that should be a whole number as text."""
    if not content.isdigit():
        raise unexpected("GET", path, "a number", content)
    return int(content)


def switched(path: str, content: bytes) -> bool:
    """An answer that should be 0 or 1."""
    if content not in (b"0", b"1"):
        raise unexpected("GET", path, "0 or 1", content)
    return content == b"1"


def moment(path: str, word: str) -> datetime:
    """An answer that should be a date and a time, such as `20260131T235959`."""
    try:
        return datetime.strptime(word, "%Y%m%dT%H%M%S")
    except ValueError:
        raise unexpected("GET", path, "a date and a time") from None
