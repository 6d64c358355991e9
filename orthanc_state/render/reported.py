"""Makes the model of a report: what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.execution.report import Outcome
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.planning.change import Action, PolicyChange
from orthanc_state.planning.fields import FieldChange
from orthanc_state.render.model import ComparisonView, FailureView, ReportView, ResultView
from orthanc_state.render.moved import FOUND, PLANNED, moved_fields
from orthanc_state.render.role import Role
from orthanc_state.render.value import change_texts, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.execution.report import Report, Result
    from orthanc_state.kinds.kind import Kind
    from orthanc_state.kinds.state import Value

_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}
_NOT_DONE = {Outcome.MOVED: "not written", Outcome.FAILED: "failed", Outcome.NOT_TRIED: "not tried"}
_REST = {
    Outcome.ALREADY: "already so",
    Outcome.MOVED: "changed since the plan and left alone",
    Outcome.FAILED: "failed",
    Outcome.NOT_TRIED: "not tried",
}


def report_view(report: Report) -> ReportView:
    """What a report shows."""
    applied = f"applied {len(report.of(Outcome.APPLIED))} of {len(report.results)}"
    counts = [(len(report.of(outcome)), word) for outcome, word in _REST.items()]
    return ReportView(
        server=report.server,
        results=tuple(map(result_view, report.results)),
        headline="; ".join([applied, *(f"{count} {word}" for count, word in counts if count)]),
        ok=report.ok,
        advice=_advice(report),
        code=report.code,
    )


def _advice(report: Report) -> str:
    """What to do about what was not done."""
    if report.ok:
        return ""
    if report.of(Outcome.MOVED):
        return "What has changed needs a new plan; then a second apply takes up what is left."
    return "A second apply takes up what is left."


def result_view(result: Result) -> ResultView:
    """What became of one change."""
    change, tally = result.change, result.tally
    kind = all_kinds()[change.kind]
    failures = tally.failures.items() if tally is not None else ()
    return ResultView(
        _role(result),
        change.address,
        _text(result),
        result.outcome.ok,
        (
            *(_sent_and_found(field, kind) for field in result.differences),
            *_moved(result, kind),
        ),
        tuple(FailureView(reason, count, tuple(examples)) for reason, (count, examples) in failures),
    )


def _role(result: Result) -> Role:
    if result.outcome is Outcome.ALREADY:
        return Role.ALREADY
    return Role(result.change.action) if result.outcome.ok else Role.ERROR


def _text(result: Result) -> str:
    if result.tally is not None:
        reason = "" if result.outcome.ok or result.reason == result.tally.text else result.reason
        return f"{result.tally.text}: {reason}" if reason else result.tally.text
    if result.outcome in _NOT_DONE:
        return f"{_NOT_DONE[result.outcome]}: {result.reason}"
    return _REST.get(result.outcome, _DONE[result.change.action])


def _sent_and_found(field: FieldChange, kind: Kind) -> ComparisonView:
    if field.added or field.removed:
        missing = (f"{value_text(item, kind)} was sent and is not there" for item in field.added)
        extra = (f"{value_text(item, kind)} is there and was not sent" for item in field.removed)
        return ComparisonView(field.path, remarks=(*missing, *extra))
    readings = (("sent", value_text(field.after, kind)), ("found", value_text(field.before, kind)))
    return ComparisonView(field.path, readings)


def _moved(result: Result, kind: Kind) -> Iterator[ComparisonView]:
    if result.outcome is not Outcome.MOVED or isinstance(result.change, PolicyChange):
        return
    if result.found is None:
        yield ComparisonView("", remarks=("it is not there any more",))
    elif result.change.before is None:
        yield ComparisonView("", remarks=("it is there by now",))
    for field in moved_fields(result):
        before, found = field.values.get(PLANNED), field.values[FOUND]
        readings = tuple((word, _reading(value, before, kind)) for word, value in field.values.items())
        remarks: list[str] = []
        if isinstance(before, tuple) and isinstance(found, tuple):
            remarks += [f"{value_text(item, kind)} has come in since the plan" for item in found if item not in before]
            remarks += [f"{value_text(item, kind)} has gone since the plan" for item in before if item not in found]
        yield ComparisonView(field.path, readings, tuple(remarks))


def _reading(value: Value, before: Value, kind: Kind) -> str:
    """A value beside the one that was planned from: secrets are told apart, of lists there is only the length."""
    if isinstance(value, tuple):
        return str(len(value))
    if value == before:
        return value_text(value, kind)
    return change_texts(FieldChange("", before, value), kind)[1]
