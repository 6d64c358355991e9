"""A plan or a report as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.execution.report import Outcome
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.planning.change import Action, PolicyChange
from orthanc_state.planning.fields import field_changes
from orthanc_state.render.line import Line, safe
from orthanc_state.render.policy import effect_summaries, query_text
from orthanc_state.render.value import change_text, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthanc_state.errors import Problem
    from orthanc_state.execution.report import Report, Result
    from orthanc_state.kinds.live import Server
    from orthanc_state.planning.change import Change
    from orthanc_state.planning.fields import FieldChange
    from orthanc_state.planning.plan import Plan

_SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}

_REST = {
    Outcome.ALREADY: "already so",
    Outcome.MOVED: "changed since the plan and left alone",
    Outcome.FAILED: "failed",
    Outcome.NOT_TRIED: "not tried",
}

SHOWN_NAMES = 8
"""How many names of what is left alone are shown."""


def plan_lines(plan: Plan) -> Iterator[Line]:
    """What a plan would do, one block for each change, and a sum at the end."""
    yield _server_line(plan.server)
    yield ()
    for change in plan.changes:
        yield from change_lines(change)
    for by_policy in plan.by_policies:
        yield from policy_lines(by_policy)
    if not plan.empty:
        yield ()
    if plan.unmanaged:
        yield (("dim", f"Left alone, since not declared: {_names(plan.unmanaged)}."),)
        yield ()
    yield from _notes(plan)
    yield _summary(plan)


def _notes(plan: Plan) -> Iterator[Line]:
    if plan.notes:
        yield (("warning", "Cannot be undone:"),)
        for note in plan.notes:
            yield (("", f"  {safe(note)}"),)
        yield ()
    for reason in plan.over_limits:
        yield (("warning", "Needs --allow-deletes: "), ("", safe(reason)))
    if plan.over_limits:
        yield ()


def change_lines(change: Change) -> Iterator[Line]:
    """One change with its fields."""
    kind = all_kinds()[change.kind]
    role = change.action.value
    head = f"  {_SIGNS[change.action]} {safe(change.address)}"
    reason = f"  ({change.reason})" if change.reason else ""
    fields = _shown_fields(change)
    if not change.name or [field.path for field in fields] == ["level"]:
        # A setting has one value, which needs no line and no name of its own.
        yield ((role, head), ("", f": {change_text(fields[0], kind)}" if fields else ""), ("dim", reason))
        yield from _list_lines(fields, change)
        return
    yield ((role, head), ("dim", reason))
    if change.action is Action.DELETE:
        return
    width = max((len(field.path) for field in fields), default=0)
    for field in fields:
        text = value_text(field.after, kind) if change.action is Action.CREATE else change_text(field, kind)
        yield (("dim", f"      {safe(field.path):<{width}}  "), ("", text))


def policy_lines(change: PolicyChange) -> Iterator[Line]:
    """What a policy changes: a line for each effect, with a count and a few examples."""
    selected = f"  ({safe(query_text(change))}; {change.selected:,} selected)"
    yield (("update", f"  ~ {safe(change.address)}"), ("dim", selected))
    effects = effect_summaries(change)
    words = [safe(effect.text) for effect in effects]
    width = max(map(len, words))
    for effect, word in zip(effects, words, strict=True):
        more = ", …" if effect.count > len(effect.examples) else ""
        sign = _SIGNS[Action(effect.action)]
        yield (
            (effect.action, f"      {sign} {word:<{width}}"),
            ("", f"  {effect.count:,}"),
            ("dim", f"  {', '.join(effect.examples)}{more}"),
        )


def _list_lines(fields: Sequence[FieldChange], change: Change) -> Iterator[Line]:
    kind = all_kinds()[change.kind]
    for field in fields:
        for item in field.removed:
            yield (("delete", f"      - {value_text(item, kind)}"),)
        for item in field.added:
            yield (("create", f"      + {value_text(item, kind)}"),)


def _shown_fields(change: Change) -> tuple[FieldChange, ...]:
    fields = field_changes(change.before, change.after)
    if change.action is not Action.CREATE:
        return fields
    defaults = all_kinds()[change.kind].defaults()
    return tuple(
        field
        for field in fields
        if field.after is not None and (field.path not in defaults or field.after != defaults[field.path])
    )


def result_line(result: Result) -> Line:
    """What became of one change."""
    change = result.change
    if isinstance(change, PolicyChange) and result.tally is not None:
        role = "update" if result.outcome is Outcome.APPLIED else "error"
        sign = "~" if result.outcome is Outcome.APPLIED else "!"
        reason = "" if result.outcome is Outcome.APPLIED or result.reason == result.tally.text else result.reason
        return (
            (role, f"  {sign} {safe(change.address)}"),
            ("", f"  {result.tally.text}{': ' if reason else ''}{safe(reason)}"),
        )
    if result.outcome is Outcome.APPLIED:
        return (
            (change.action.value, f"  {_SIGNS[change.action]} {safe(change.address)}"),
            ("", f"  {_DONE[change.action]}"),
        )
    if result.outcome is Outcome.ALREADY:
        return (("dim", f"  = {safe(change.address)}"), ("", "  already so"))
    word = {Outcome.FAILED: "failed", Outcome.MOVED: "not written"}.get(result.outcome, "not tried")
    return (("error", f"  ! {safe(change.address)}"), ("", f"  {word}: {safe(result.reason)}"))


def difference_lines(result: Result) -> Iterator[Line]:
    """What the server has instead of what was sent, and why single changes of a policy failed."""
    if result.tally is not None:
        for reason, (count, examples) in result.tally.failures.items():
            more = ", …" if count > len(examples) else ""
            yield (("", f"      {count:,} failed: {safe(reason)}"), ("dim", f"  {', '.join(examples)}{more}"))
    kind = all_kinds()[result.change.kind]
    for field in result.differences:
        if field.added or field.removed:
            for item in field.added:
                yield (("", f"      {value_text(item, kind)} was sent and is not there"),)
            for item in field.removed:
                yield (("", f"      {value_text(item, kind)} is there and was not sent"),)
        else:
            sent, found = value_text(field.after, kind), value_text(field.before, kind)
            yield (("", f"      {safe(field.path)}: sent {sent}, found {found}"),)


def report_lines(report: Report) -> Iterator[Line]:
    """The sum of an apply."""
    counts = {outcome: len(report.of(outcome)) for outcome in Outcome}
    rest = [f"{counts[outcome]} {words}" for outcome, words in _REST.items() if counts[outcome]]
    text = f"Applied {counts[Outcome.APPLIED]} of {len(report.results)}"
    yield (("strong" if report.ok else "error", "; ".join([text, *rest]) + "."),)
    if not report.ok:
        yield (("", "A second apply takes up what is left."),)


def warning_line(problem: Problem) -> Line:
    """Something that the author of a document should know."""
    return (("warning", "Warning: "), ("", safe(problem)))


def _server_line(server: Server) -> Line:
    name = f"Orthanc {safe(server.name)}" if server.name else "Orthanc"
    return (("strong", name), ("dim", f"  {safe(server.version)} at {server.url}"))


def _summary(plan: Plan) -> Line:
    unchanged = f"{len(plan.unchanged)} unchanged"
    if plan.empty:
        return (("strong", "In sync: nothing to change"), ("", f" ({unchanged})."))
    words = {Action.CREATE: "to create", Action.UPDATE: "to update", Action.DELETE: "to delete"}
    counts = [(action, plan.count(action)) for action in Action]
    parts = [f"{count} {words[action]}" for action, count in counts if count]
    if plan.by_policies:
        what = "policy" if len(plan.by_policies) == 1 else "policies"
        single = sum(change.count for change in plan.by_policies)
        parts.append(f"{single:,} changes of resources by {len(plan.by_policies)} {what}")
    return (("strong", "Plan: "), ("", f"{', '.join(parts)}, {unchanged}."))


def _names(addresses: Sequence[str]) -> str:
    shown = ", ".join(safe(address) for address in addresses[:SHOWN_NAMES])
    more = len(addresses) - SHOWN_NAMES
    return f"{shown} and {more} more" if more > 0 else shown
