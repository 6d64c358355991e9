"""Errors as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.render.line import Line, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.errors import OrthancStateError, Problem, ProblemsError


def error_lines(error: OrthancStateError | ProblemsError) -> Iterator[Line]:
    """An error as a block: what is wrong, where, and what to do."""
    yield (("error", "Error: "), ("", safe(error.message)), ("dim", f" [{error.code}]"))
    problems: tuple[Problem, ...] = getattr(error, "problems", ())
    for problem in problems:
        yield from problem_lines(problem)
    if error.hint:
        yield (("dim", f"  {safe(error.hint)}"),)


def problem_lines(problem: Problem) -> Iterator[Line]:
    """One problem: the place and the field on one line, what is wrong below."""
    where = " ".join(safe(part) for part in (problem.place, problem.field) if part)
    if where:
        yield (("strong", f"  {where}"),)
    hint = f" ({safe(problem.hint)})" if problem.hint else ""
    yield (("", f"    {safe(problem.message)}"), ("dim", hint))
