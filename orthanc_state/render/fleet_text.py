"""The plan and the report of a fleet as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.render.line import Line, safe
from orthanc_state.render.text import plan_lines, result_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.render.fleet import ErrorView, FleetView, RowView
    from orthanc_state.render.model import ReportView


def fleet_lines(fleet: FleetView) -> Iterator[Line]:
    """What each server is to become, what is wrong with some, and one table with a sum."""
    for name, plan in fleet.plans:
        yield (("strong", f"{safe(name)}:"),)
        yield from plan_lines(plan)
        yield ()
    for error in fleet.errors:
        yield from error_lines(error)
        yield ()
    yield from table_lines(fleet)
    yield ()
    if fleet.stopped:
        yield (("warning", "Stopped: "), ("", f"{safe(fleet.stopped)}."))
    yield (("strong", f"{fleet.title}: "), ("", f"{fleet.headline}."))


def error_lines(error: ErrorView) -> Iterator[Line]:
    """Why one server has no plan, or was not applied."""
    yield (("strong", f"{safe(error.server)}: "), ("error", safe(error.message)), ("dim", f" [{safe(error.code)}]"))
    for problem in error.problems:
        yield (("", f"    {safe(problem)}"),)
    if error.hint:
        yield (("dim", f"  {safe(error.hint)}"),)


def server_lines(row: RowView, report: ReportView | None) -> Iterator[Line]:
    """What became of one server, and of its changes those that are not as they were to be."""
    name, done, why = row.cells
    yield ((row.role, f"  {safe(name)}  "), ("", safe(done)), ("dim", f"  {safe(why)}" if why else ""))
    for result in report.results if report is not None else ():
        if not result.ok:
            yield from result_lines(result)


def table_lines(fleet: FleetView) -> Iterator[Line]:
    """Columns as wide as they need to be; numbers stand at the right, and the last column is as long as it is."""
    head = fleet.columns
    shown = [tuple(map(safe, row.cells)) for row in fleet.rows]
    widths = [max(map(len, column)) for column in zip(head, *shown, strict=True)]
    columns = zip(*shown, strict=True)
    numbers = [all(not cell or cell.replace(",", "").isdigit() for cell in column) for column in columns]

    def start(cells: tuple[str, ...]) -> str:
        padded = (
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(cells[:-1], widths[:-1], numbers[:-1], strict=True)
        )
        return "".join(f"{cell}  " for cell in padded)

    yield (("dim", start(head) + head[-1]),)
    for row, cells in zip(fleet.rows, shown, strict=True):
        yield (("", start(cells)), (row.role, cells[-1]))
