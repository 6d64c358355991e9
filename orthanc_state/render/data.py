"""A plan or a report as plain data, for `--json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.kinds.match import shown
from orthanc_state.planning.change import Action, PolicyChange
from orthanc_state.planning.fields import field_changes
from orthanc_state.render.default import goes_without_saying
from orthanc_state.render.moved import moved_fields
from orthanc_state.render.policy import effect_summaries
from orthanc_state.render.value import value_data

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthanc_state.errors import OrthancStateError, Problem
    from orthanc_state.execution.report import Report, Result
    from orthanc_state.execution.tally import Tally
    from orthanc_state.kinds.live import Server
    from orthanc_state.planning.change import Change
    from orthanc_state.planning.fields import FieldChange
    from orthanc_state.planning.plan import Plan


def plan_data(plan: Plan, *, with_defaults: bool = True) -> dict[str, Any]:
    """A plan; the values of secrets are not in it.

    Args:
        plan: The plan.
        with_defaults: Whether also the fields are in it that what is created or deleted has as Orthanc has them by
            itself, which are most.
    """
    return {
        "server": _server(plan.server),
        "in_sync": plan.empty,
        "summary": {
            **{action.value: plan.count(action) for action in Action},
            "unchanged": len(plan.unchanged),
            "unmanaged": len(plan.unmanaged),
            "by_policies": sum(change.count for change in plan.by_policies),
        },
        "changes": [
            *(_change(change, with_defaults=with_defaults) for change in plan.changes),
            *map(_policy_change, plan.by_policies),
        ],
        "unchanged": list(plan.unchanged),
        "unmanaged": list(plan.unmanaged),
        "warnings": [problem_data(problem) for problem in plan.warnings],
        "over_limits": list(plan.over_limits),
        "notes": [problem_data(problem) for problem in plan.notes],
        "restart": {fate.value: dict(kinds) for fate, kinds in plan.after_restart.items()},
    }


def report_data(report: Report) -> dict[str, Any]:
    """A report; the values of secrets are not in it."""
    return {
        "server": _server(report.server),
        "ok": report.ok,
        "code": report.code or None,
        "interrupted": report.interrupted,
        "results": [_result(result) for result in report.results],
    }


def error_data(error: OrthancStateError) -> dict[str, Any]:
    """An error."""
    problems: Iterable[Problem] = getattr(error, "problems", ())
    return {
        "error": type(error).__name__,
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "problems": [problem_data(problem) for problem in problems],
    }


def problem_data(problem: Problem) -> dict[str, Any]:
    """A problem with its place."""
    place = problem.place
    return {
        "message": problem.message,
        "field": problem.field,
        "hint": problem.hint,
        "file": place.file if place else None,
        "line": place.line or None if place else None,
        "column": place.column or None if place else None,
    }


def _server(server: Server) -> dict[str, str]:
    return {"url": server.url, "name": server.name, "version": server.version}


def _change(change: Change, *, with_defaults: bool) -> dict[str, Any]:
    fields = field_changes(change.before, change.after)
    return {
        "action": change.action.value,
        "address": change.address,
        "kind": change.kind,
        "name": change.name,
        "fields": [_field(field) for field in fields if with_defaults or not goes_without_saying(field, change)],
        "depends_on": list(change.depends_on),
        "reason": change.reason,
    }


def _policy_change(change: PolicyChange) -> dict[str, Any]:
    return {
        "action": change.action.value,
        "address": change.address,
        "kind": change.kind,
        "name": change.name,
        "level": change.level,
        "query": {keyword: shown(keyword, value) for keyword, value in change.query.items()},
        "selected": change.selected,
        "effects": [
            {
                "verb": effect.verb.value,
                "key": effect.key,
                **({"value": effect.value} if effect.value else {}),
                "count": effect.count,
                "examples": list(effect.examples),
            }
            for effect in effect_summaries(change)
        ],
    }


def _field(field: FieldChange) -> dict[str, Any]:
    data = {"path": field.path, "before": value_data(field.before), "after": value_data(field.after)}
    if field.added or field.removed:
        data |= {"added": value_data(field.added), "removed": value_data(field.removed)}
    return data


def _result(result: Result) -> dict[str, Any]:
    tally = result.tally
    return {
        "action": result.change.action.value,
        "address": result.change.address,
        "outcome": result.outcome.value,
        "reason": result.reason,
        **({"tally": _tally(tally)} if tally is not None else {}),
        "differences": [
            {"path": field.path, "found": value_data(field.before), "sent": value_data(field.after)}
            for field in result.differences
        ],
        "moved": [
            {
                "path": field.path,
                **{word.replace(" ", "_"): value_data(value) for word, value in field.values.items()},
            }
            for field in moved_fields(result)
        ],
    }


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "done": tally.done,
        "already": tally.already,
        "gone": tally.gone,
        "moved": tally.moved,
        "not_tried": tally.not_tried,
        "failed": tally.failed,
        "failures": [
            {"reason": reason, "count": count, "examples": examples}
            for reason, (count, examples) in tally.failures.items()
        ],
    }
