"""The conditions of both forges, as far as the examples use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def value(text: str, lookup: Callable[[str], str | bool]) -> str | bool:
    """What an expression of `||`, `&&`, `==`, `!=`, `!`, texts and names comes to; there are no parentheses in it.

    Args:
        text: The expression.
        lookup: Gives the value of a name, as of `vars.NAME` or `$NAME`; empty where it has none.
    """
    text = text.strip()
    if "||" in text:
        return _until(text.split("||"), lookup, stop=True)
    if "&&" in text:
        return _until(text.split("&&"), lookup, stop=False)
    for sign, same in (("==", True), ("!=", False)):
        left, found, right = text.partition(sign)
        if found:
            return (value(left, lookup) == value(right, lookup)) is same
    if text.startswith("!"):
        return not value(text[1:], lookup)
    if text[0] in "'\"":
        return text[1:-1]
    return lookup(text)


def _until(parts: list[str], lookup: Callable[[str], str | bool], *, stop: bool) -> str | bool:
    found: str | bool = ""
    for part in parts:
        found = value(part, lookup)
        if bool(found) is stop:
            break
    return found
