"""Where a value came from, as lines of text and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.render.line import Line, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.document.origin import Origin, Saying
    from orthanc_state.errors import Place


def origin_lines(origin: Origin) -> Iterator[Line]:
    """The value, what says it, and what that overrides."""
    yield (("strong", safe(origin.path)), ("", f": {safe(origin.value)}" if origin.value else ": taken away"))
    if origin.default:
        yield (("", "  Orthanc's default: no file says it"),)
    for index, saying in enumerate(origin.said):
        word = "" if index == 0 else f"overrides {safe(saying.value)} of "
        yield (("" if index == 0 else "dim", f"  {word}{safe(saying.place)}"), ("dim", safe(_details(saying))))


def _details(saying: Saying) -> str:
    included = [f", included at {place}" for place in reversed(saying.included_at)]
    variables = [
        f", from the variable {each.name}{f' ({each.variable.place})' if each.variable.place else ''}"
        for each in saying.variables
    ]
    return "".join([*included, *variables])


def origin_data(origin: Origin) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "path": origin.path,
        "value": origin.value,
        "default": origin.default,
        "said": [
            {
                **_place(saying.place),
                "value": saying.value,
                "takes_away": saying.takes_away,
                "included_at": [_place(place) for place in saying.included_at],
                "variables": [{"name": each.name, **_place(each.variable.place)} for each in saying.variables],
            }
            for saying in origin.said
        ],
    }


def _place(place: Place | None) -> dict[str, Any]:
    return {
        "file": place.file if place else None,
        "line": place.line or None if place else None,
        "column": place.column or None if place else None,
    }
