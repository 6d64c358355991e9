"""What a server answered, taken as what it should be or refused."""

from __future__ import annotations

import json
from typing import Any

from orthanc_state.client.errors import UnexpectedAnswerError

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


def strings(path: str, answer: Any) -> list[str]:
    """An answer that should be a list of strings."""
    if not isinstance(answer, list) or not all(isinstance(item, str) for item in answer):
        raise unexpected("GET", path, "a list of texts")
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
