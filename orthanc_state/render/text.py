"""A plan or a report as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.render.line import Line, safe
from orthanc_state.render.model import LIMITS, NOTES
from orthanc_state.render.role import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthanc_state.errors import Problem
    from orthanc_state.kinds.live import Server
    from orthanc_state.render.model import ChangeView, FieldView, PlanView, PolicyView, ReportView, ResultView

SHOWN_NAMES = 8
"""How many names of what is left alone are shown."""


def plan_lines(plan: PlanView) -> Iterator[Line]:
    """What a plan would do, one block for each change, and a sum at the end."""
    yield _server_line(plan.server)
    yield ()
    for change in plan.changes:
        yield from change_lines(change)
    for policy in plan.policies:
        yield from policy_lines(policy)
    if not plan.in_sync:
        yield ()
    if plan.unmanaged:
        yield (("dim", f"Left alone, since not declared: {_names(plan.unmanaged)}."),)
        yield ()
    if plan.notes:
        yield (("warning", f"{NOTES}:"),)
        for note in plan.notes:
            yield (("", f"  {safe(note)}"),)
        yield ()
    for limit in plan.limits:
        yield (("warning", f"{LIMITS}: "), ("", safe(limit)))
    if plan.limits:
        yield ()
    yield _summary(plan)
    if plan.restart:
        yield (("dim", safe(plan.restart)),)


def change_lines(change: ChangeView) -> Iterator[Line]:
    """One change with its fields."""
    head = f"  {change.role.sign} {safe(change.address)}"
    reason = f"  ({safe(change.reason)})" if change.reason else ""
    if change.single:
        value = "".join(f": {safe(field.text)}" for field in change.fields)
        yield ((change.role, head), ("", value), ("dim", reason))
        for field in change.fields:
            yield from _list_lines(field)
        return
    yield ((change.role, head), ("dim", reason))
    if change.role is Role.DELETE:
        # What it was is of no use on a terminal, where nothing is kept.
        return
    paths = [safe(field.path) for field in change.fields]
    width = max(map(len, paths), default=0)
    for field, path in zip(change.fields, paths, strict=True):
        yield (("dim", f"      {path:<{width}}  "), ("", safe(field.text)))


def policy_lines(policy: PolicyView) -> Iterator[Line]:
    """What a policy changes: a line for each effect, with a count and a few examples."""
    selected = f"  ({safe(policy.query)}; {policy.selected:,} selected)"
    yield ((policy.role, f"  {policy.role.sign} {safe(policy.address)}"), ("dim", selected))
    words = [safe(effect.text) for effect in policy.effects]
    width = max(map(len, words), default=0)
    for effect, word in zip(policy.effects, words, strict=True):
        yield (
            (effect.role, f"      {effect.role.sign} {word:<{width}}"),
            ("", f"  {effect.count:,}"),
            ("dim", f"  {safe(effect.examples_text)}"),
        )


def _list_lines(field: FieldView) -> Iterator[Line]:
    for role, items in ((Role.DELETE, field.removed), (Role.CREATE, field.added)):
        for item in items:
            yield ((role, f"      {role.sign} {safe(item)}"),)


def result_lines(result: ResultView) -> Iterator[Line]:
    """What became of one change, and below it what is not as it was to be."""
    yield ((result.role, f"  {result.role.sign} {safe(result.address)}"), ("", f"  {safe(result.text)}"))
    for failure in result.failures:
        yield (("", f"      {safe(failure.text)}"), ("dim", f"  {safe(failure.examples_text)}"))
    for comparison in result.comparisons:
        for text in comparison.texts:
            yield (("", f"      {safe(text)}"),)


def report_lines(report: ReportView) -> Iterator[Line]:
    """The sum of an apply."""
    code = f" [{report.code}]" if report.code else ""
    yield (("strong" if report.ok else "error", f"{report.headline.capitalize()}."), ("dim", code))
    if report.advice:
        yield (("", report.advice),)


def warning_line(problem: Problem) -> Line:
    """Something that the author of a document should know."""
    return (("warning", "Warning: "), ("", safe(problem)))


def _server_line(server: Server) -> Line:
    name = f"Orthanc {safe(server.name)}" if server.name else "Orthanc"
    return (("strong", name), ("dim", f"  {safe(server.version)} at {safe(server.url)}"))


def _summary(plan: PlanView) -> Line:
    if plan.in_sync:
        return (("strong", plan.headline.capitalize()), ("", f" ({plan.unchanged_text})."))
    return (("strong", "Plan: "), ("", f"{plan.headline}, {plan.unchanged_text}."))


def _names(addresses: Sequence[str]) -> str:
    shown = ", ".join(safe(address) for address in addresses[:SHOWN_NAMES])
    more = len(addresses) - SHOWN_NAMES
    return f"{shown} and {more} more" if more > 0 else shown
