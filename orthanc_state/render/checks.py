"""What checks found, as lines of text or as data."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from orthanc_state.checks.result import Status
from orthanc_state.render.line import Line, safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthanc_state.checks.result import Result

_ROLES = {Status.OK: "create", Status.WARNING: "warning", Status.FAILED: "error"}
_WORDS = {
    Status.OK: "ok",
    Status.WARNING: "with a warning",
    Status.FAILED: "failed",
    Status.SKIPPED: "skipped",
    Status.UNKNOWN: "not known",
}


def check_lines(results: Sequence[Result]) -> Iterator[Line]:
    """A block for each server, a line for each result, and a sum at the end."""
    for server, found in groupby(results, lambda result: result.server):
        rows = list(found)
        yield (("strong", safe(server)),)
        names = max(len(row.check) for row in rows)
        targets = max(len(safe(row.target)) for row in rows)
        for row in rows:
            role = _ROLES.get(row.status, "dim")
            head = f"{row.check:<{names}}  {safe(row.target):<{targets}}  "
            yield ((role, f"  {row.status:<7}  "), ("", head), ("", safe(row.message)))
            if row.status is not Status.OK:
                yield from (((("dim", f"           {safe(text)}"),)) for text in (row.place, row.hint) if text)
        yield ()
    yield (("strong", "Checks: "), ("", f"{summary(results)}."))


def summary(results: Sequence[Result]) -> str:
    """How many came to what, in words."""
    counts = ((sum(result.status is status for result in results), words) for status, words in _WORDS.items())
    return ", ".join(f"{count} {words}" for count, words in counts if count) or "nothing to look at"


def check_data(results: Sequence[Result]) -> dict[str, Any]:
    """Results as plain data."""
    return {
        "ok": all(result.status is not Status.FAILED for result in results),
        "summary": {status.value: sum(result.status is status for result in results) for status in Status},
        "results": [_data(result) for result in results],
    }


def _data(result: Result) -> dict[str, Any]:
    place = result.place
    return {
        "check": result.check,
        "server": result.server,
        "target": result.target,
        "status": result.status.value,
        "message": result.message,
        "hint": result.hint,
        "file": place.file if place else None,
        "line": place.line or None if place else None,
        "column": place.column or None if place else None,
        "seconds": result.seconds,
    }
