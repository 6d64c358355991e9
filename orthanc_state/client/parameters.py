"""Keyword arguments in snake_case, as Orthanc spells them in a query or in a body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_BODY = {
    "aet": "AET",
    "move_originator_id": "MoveOriginatorID",
}
"""The names of fields whose spelling follows from no rule."""

_QUERY = {"return_unsupported_image": "returnUnsupportedImage"}
"""The same for the parameters of a query, which are else written with hyphens."""


def query(separator: str = ";", **arguments: Any) -> dict[str, str]:
    """Arguments as parameters of a URL: what is None or False is left out, a list is joined.

    Orthanc takes the presence of most switches for true, so a switch that is off must not be there at all.
    """
    parameters = {}
    for name, value in arguments.items():
        if value is None or value is False or value == []:
            continue
        key = _QUERY.get(name, name.replace("_", "-"))
        if value is True:
            parameters[key] = "true"
        elif isinstance(value, str | int | float):
            parameters[key] = str(value)
        elif value := list(value):
            parameters[key] = separator.join(value)
    return parameters


def body(options: Mapping[str, Any], allowed: type) -> dict[str, Any]:
    """Options as the fields of a JSON body; what is None is left out.

    Args:
        options: The keyword arguments.
        allowed: The typed dictionary that names them. Orthanc ignores what it does not know, so a typing error
            in `keep` or `remove` must not reach it.

    Raises:
        TypeError: An option is none of them.
    """
    check(options, allowed)
    return {field(name): value for name, value in options.items() if value is not None}


def field(name: str) -> str:
    """The name of a field in Orthanc's spelling: `keep_source` is `KeepSource`."""
    return _BODY.get(name) or "".join(part.capitalize() for part in name.split("_"))


def checked(options: Mapping[str, Any], allowed: type) -> dict[str, str]:
    """Options as parameters of a URL, as `query` and `body`.

    Raises:
        TypeError: An option is none of them.
    """
    check(options, allowed)
    return query(**options)


def check(options: Mapping[str, Any], allowed: type) -> None:
    """Refuse what a typed dictionary does not name.

    Raises:
        TypeError: An option is none of them.
    """
    unknown = sorted(set(options) - set(allowed.__annotations__))
    if unknown:
        raise TypeError(f"no such option: {', '.join(unknown)}; there are {', '.join(sorted(allowed.__annotations__))}")
