"""The plan or the report of a fleet as Markdown that fits a comment: one table, and what there is room for below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.render.code import clipped, fence, span
from orthanc_state.render.markdown import LIMIT, SMALLEST_LIMIT, marker, plan_markdown, report_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.render.fleet import ErrorView, FleetView

_MARGIN = 500
"""Characters kept free for what says that something is not shown."""


def fleet_markdown(fleet: FleetView, limit: int = LIMIT) -> str:
    """A fleet as a comment, with a marker in its first line by which a pipeline finds it again.

    Args:
        fleet: What is shown.
        limit: How many characters it may have. The table comes first; servers for which there is no room are counted.

    Raises:
        ValueError: The limit is below `SMALLEST_LIMIT`.
    """
    if limit < SMALLEST_LIMIT:
        raise ValueError(f"{limit} characters are too few for any fleet: at least {SMALLEST_LIMIT}")
    blocks = list(_head(fleet))
    room = limit - sum(len(block) + 2 for block in blocks) - _MARGIN
    rows = ["| " + " | ".join(fleet.columns) + " |", "|" + " --- |" * len(fleet.columns)]
    rows += ["| " + " | ".join(_cell(cell) for cell in row.cells) + " |" for row in fleet.rows]
    kept, left = _within(rows, room)
    blocks.append("\n".join(kept))
    if left:
        blocks.append(f"There is no room for {left:,} more servers.")
    room -= sum(len(row) + 1 for row in kept)
    details = list(_details(fleet, max(room // max(len(fleet.plans) + len(fleet.reports), 1), SMALLEST_LIMIT)))
    kept, left = _within(details, room)
    if left:
        kept.append(f"There is no room for the details of {left:,} servers.")
    return "\n\n".join([*blocks, *kept]) + "\n"


def _head(fleet: FleetView) -> Iterator[str]:
    yield marker(fleet.command, fleet.inventory)
    yield f"### {fleet.title} · {fleet.headline}"
    if fleet.stopped:
        yield f"**Stopped:** {span(fleet.stopped)}"


def _within(texts: list[str], room: int) -> tuple[list[str], int]:
    """As many texts from the beginning as there is room for, and how many are left."""
    kept: list[str] = []
    for text in texts:
        room -= len(text) + 2
        if room < 0:
            break
        kept.append(text)
    return kept, len(texts) - len(kept)


def _details(fleet: FleetView, limit: int) -> Iterator[str]:
    yield from map(_error, fleet.errors)
    for name, plan in fleet.plans:
        yield _folded(name, plan.headline, plan_markdown(plan, limit))
    for name, report in fleet.reports:
        if not report.ok:
            yield _folded(name, report.headline, report_markdown(report, limit))


def _error(error: ErrorView) -> str:
    lines = [f"  {clipped(text)}" for text in (error.message, *error.problems, error.hint) if text]
    return f"**{span(error.server)}**\n\n{fence(lines)}"


def _folded(name: str, headline: str, text: str) -> str:
    # The marker of one server would be found for that of the fleet.
    body = text.partition("\n")[2].strip()
    return f"<details>\n<summary>{_plain(name)}: {headline}</summary>\n\n{body}\n\n</details>"


def _cell(text: str) -> str:
    # A table ends a cell at a bar, also within code, and forges differ in what a backslash before it means.
    return span(text.replace("|", "\\x7c")) if text else ""


def _plain(name: str) -> str:
    """A server's name, which has nothing but letters, digits, `-`, `_` and `.`, also where a file says otherwise."""
    return "".join(character if character.isalnum() or character in "-_." else "?" for character in name)
