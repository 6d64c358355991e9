"""What pydantic found wrong, said so that the author of a document can mend it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Protocol

from orthanc_state.errors import Problem
from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic import ValidationError

    from orthanc_state.errors import Place

SHOWN = 60
"""How many characters of a text a message repeats."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")

_MESSAGES = {
    "bool_parsing": "expected true or false",
    "bool_type": "expected true or false",
    "dict_type": "expected a mapping of names to entries",
    "float_type": "expected a number",
    "int_from_float": "expected a whole number",
    "finite_number": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_parsing_size": "expected a whole number",
    "int_type": "expected a whole number",
    "string_type": "expected text",
    "tuple_type": "expected a list",
}


class Described(Protocol):
    """What a part of a file has to say of itself, so that its problems can be explained; each kind does."""

    @property
    def path(self) -> tuple[str, ...]:
        """Where it stands in the file."""

    @property
    def array_form(self) -> tuple[str, ...]:
        """The fields of an entry that is written as a list."""

    def location(self, path: Sequence[str | int]) -> tuple[str | int, ...]:
        """The place in it that a validation error is about."""

    def valid_keys(self, path: Sequence[str | int]) -> Sequence[str]:
        """The keys that are allowed at a place in it."""

    def is_secret(self, path: Sequence[str | int]) -> bool:
        """Whether what stands at a place in it may be a secret."""

    def hides_key(self, path: Sequence[str | int]) -> bool:
        """Whether a key stands among secrets, and may be one that was run together with its name."""


def nearest(word: str, words: Iterable[str]) -> str:
    """The most similar of some words, as a hint; empty when none is similar."""
    by_lower = {known.lower(): known for known in words}
    found = get_close_matches(short(word).lower(), by_lower, n=1)
    return f"did you mean `{by_lower[found[0]]}`?" if found else ""


def short(text: object) -> str:
    """A text of the document as a message repeats it."""
    shown = str(text)
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…"


def explained(
    error: ValidationError, kind: Described, *, missing_said: bool = True
) -> Iterator[tuple[tuple[str | int, ...], bool, Problem]]:
    """Each problem of a section: its path in the document, whether it is one of the key there, and what to say.

    Args:
        error: What pydantic found.
        kind: What the section is.
        missing_said: Whether it was said already of a secret that it is missing, so that nothing more is.
    """
    for item in error.errors(include_url=False):
        if missing_said and isinstance(item.get("input"), Secret) and item["input"].missing:
            continue
        where = kind.location(item["loc"])
        path = (*kind.path, *where)
        if item["loc"][-1:] == ("[key]",) and len(where) > 2:
            # The name of a header that is none may be a name and a secret run together.
            where = (*where[:-2], "…")
        message, hint = _said(item, kind, where)
        of_key = item["type"] == "extra_forbidden" or item["loc"][-1:] == ("[key]",)
        shown = (*kind.path, *(_shown_key(kind, where[:depth]) for depth in range(1, len(where) + 1)))
        yield path, of_key, Problem(message, field=dotted(shown), hint=hint)


def dotted(path: Sequence[str | int]) -> str:
    """A path as text: `modalities.pacs.aet`."""
    return ".".join(short(key) for key in path)


def _shown_key(kind: Described, where: Sequence[str | int]) -> str | int:
    """The last key of a path; among secrets, one that is no word may be one: `password:hunter2`."""
    key = where[-1]
    if not isinstance(key, str) or not key or not kind.hides_key(where):
        return key
    keys = kind.valid_keys(where)
    return key if key in keys or (_WORD.fullmatch(key) and nearest(key, keys)) else "…"


def placed(problem: Problem, place: Place | None) -> Problem:
    """A problem with its place."""
    return Problem(problem.message, place, problem.field, problem.hint)


def _is_plain(value: object) -> bool:
    return isinstance(value, str) or _is_number(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _said(item: Any, kind: Described, where: Sequence[str | int]) -> tuple[str, str]:
    kind_of_error, context, given = item["type"], item.get("ctx", {}), item.get("input")
    keys = kind.valid_keys(where)
    if kind_of_error == "missing":
        return f"`{where[-1]}` is missing", ""
    if kind_of_error == "extra_forbidden":
        return _unknown_key(str(where[-1]), short(_shown_key(kind, where)), keys)
    if isinstance(given, Secret):
        return "this field is not a secret", "!env and !file are for secrets only: write the value itself"
    shown = f"`{short(given)}`: " if _is_plain(given) and not kind.is_secret(where) else ""
    if kind_of_error == "literal_error":
        words = [word.strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")]
        return f"{shown}expected one of {', '.join(words)}", nearest(str(given), words) if shown else ""
    if kind_of_error in ("greater_than_equal", "less_than_equal"):
        bound = f"{context['ge']} or more" if "ge" in context else f"{context['le']} or less"
        return f"{shown}expected {bound}", ""
    if kind_of_error == "string_type" and _is_number(given):
        return f"{shown}expected text", "quote it"
    if kind_of_error in ("model_type", "model_attributes_type"):
        array = f", or a list of {', '.join(kind.array_form)}" if kind.array_form else ""
        return f"expected a mapping of fields{array}", ""
    if kind_of_error in _MESSAGES:
        return shown + _MESSAGES[kind_of_error], ""
    words = context.get("expected", ())
    word = str(context.get("given") or context.get("name") or given)
    return item["msg"], nearest(word, words) if words and not kind.is_secret(where) else ""


def _unknown_key(key: str, shown: str, keys: Sequence[str]) -> tuple[str, str]:
    if not keys or key in keys:
        return f"`{shown}` cannot stand here", "an entry with `state: absent` takes no other field"
    hint = nearest(key, keys)
    if not hint:
        hint = f"valid are {', '.join(keys)}"
    return f"unknown key `{shown}`" if shown != "…" else "unknown key", hint
