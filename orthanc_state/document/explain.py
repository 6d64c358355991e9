"""What pydantic found wrong, said so that the author of a document can mend it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from orthanc_state.errors import Problem
from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic import ValidationError

    from orthanc_state.errors import Place
    from orthanc_state.kinds.kind import Kind

_MESSAGES = {
    "bool_parsing": "expected true or false",
    "bool_type": "expected true or false",
    "dict_type": "expected a mapping of names to entries",
    "int_from_float": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_type": "expected a whole number",
    "model_attributes_type": "expected a mapping of fields",
    "model_type": "expected a mapping of fields",
    "string_type": "expected text",
    "tuple_type": "expected a list",
}


def nearest(word: str, words: Iterable[str]) -> str:
    """The most similar of some words, as a hint; empty when none is similar."""
    by_lower = {known.lower(): known for known in words}
    found = get_close_matches(word.lower(), by_lower, n=1)
    return f"did you mean `{by_lower[found[0]]}`?" if found else ""


def explained(error: ValidationError, kind: Kind) -> Iterator[tuple[tuple[str | int, ...], Problem]]:
    """Each problem of a section with its path in the document, its place still to be found."""
    for item in error.errors(include_url=False):
        where = kind.location(item["loc"])
        path = (*kind.path, *where)
        message, hint = _said(item, kind, where)
        yield path, Problem(message, field=dotted(path), hint=hint)


def dotted(path: Sequence[str | int]) -> str:
    """A path as text: `modalities.pacs.aet`."""
    return ".".join(map(str, path))


def placed(problem: Problem, place: Place | None) -> Problem:
    """A problem with its place."""
    return Problem(problem.message, place, problem.field, problem.hint)


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _said(item: Any, kind: Kind, where: Sequence[str | int]) -> tuple[str, str]:
    kind_of_error, context, given = item["type"], item.get("ctx", {}), item.get("input")
    keys = kind.valid_keys(where)
    if kind_of_error == "missing":
        return f"`{where[-1]}` is missing", ""
    if kind_of_error == "extra_forbidden":
        if not keys or where[-1] in keys:
            return f"`{where[-1]}` cannot stand here", "an entry with `state: absent` takes no other field"
        return f"unknown key `{where[-1]}`", nearest(str(where[-1]), keys) or f"valid are {', '.join(keys)}"
    if isinstance(given, Secret):
        return "this field is not a secret", "!env and !file are for secrets only: write the value itself"
    shown = f"`{given}`: " if _is_plain(given) and not kind.is_secret(where) else ""
    if kind_of_error == "literal_error":
        words = [word.strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")]
        return f"{shown}expected one of {', '.join(words)}", nearest(str(given), words) if shown else ""
    if kind_of_error == "greater_than_equal":
        return f"{shown}expected {context['ge']} or more", ""
    if kind_of_error == "less_than_equal":
        return f"{shown}expected {context['le']} or less", ""
    if kind_of_error == "string_type" and _is_plain(given):
        return f"{shown}expected text", "quote it"
    if kind_of_error in _MESSAGES:
        return shown + _MESSAGES[kind_of_error], ""
    words = context.get("expected", ())
    word = str(context.get("given") or context.get("name") or given)
    return item["msg"], nearest(word, words) if words and not kind.is_secret(where) else ""
