"""What the values of the kit look like in a notebook: a widget, HTML that needs nothing else, and text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.checks.result import Result as CheckResult
from orthanc_state.checks.result import Results
from orthanc_state.client import Orthanc
from orthanc_state.document.document import Document
from orthanc_state.execution.report import Report
from orthanc_state.fleet.plan import FleetPlan
from orthanc_state.fleet.report import FleetReport
from orthanc_state.planning.plan import Plan
from orthanc_state.render.line import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthanc_state.render.line import Line

WIDGET = "application/vnd.jupyter.widget-view+json"


def bundle(value: Any) -> dict[str, Any]:
    """A value in each form that a notebook may show, the first that it can being shown.

    Args:
        value: A plan, a report, a document, a client, or what checks found.
    """
    match value:
        case Plan():
            found = _plan(value)
        case Report():
            found = _report(value)
        case FleetPlan() | FleetReport():
            found = _fleet(value)
        case Document():
            found = _document(value)
        case CheckResult():
            found = _checks(Results([value]))
        case Results():
            found = _checks(value)
        case Orthanc():
            # Its HTML and its text are its own.
            found = {}
        case _:
            return {"text/plain": repr(value)}
    return found | _widget(value)


def still(html: str, css: str) -> str:
    """What a widget shows, as HTML that needs nothing else and does nothing."""
    return f"<div><style>{css}</style>{html}</div>"


def _widget(value: Any) -> dict[str, Any]:
    """The widget, where those are installed and there is one for the value."""
    try:
        from orthanc_state.jupyter.panels.shown import panel_of
    except ImportError:
        return {}
    panel = panel_of(value)
    if panel is None:
        return {}
    made = panel._repr_mimebundle_()
    data = made[0] if isinstance(made, tuple) else made
    return {WIDGET: data[WIDGET]} if WIDGET in data else {}


def _text(lines: Iterable[Line]) -> str:
    return "\n".join(plain(line) for line in lines)


def _plan(plan: Plan) -> dict[str, Any]:
    from orthanc_state.render.html import plan_fragment
    from orthanc_state.render.planned import plan_view
    from orthanc_state.render.text import plan_lines

    view = plan_view(plan)
    return {"text/html": plan_fragment(view), "text/plain": _text(plan_lines(view))}


def _report(report: Report) -> dict[str, Any]:
    from orthanc_state.render.html import report_fragment
    from orthanc_state.render.reported import report_view
    from orthanc_state.render.text import report_lines, result_lines

    view = report_view(report)
    lines = [*(line for result in view.results for line in result_lines(result)), *report_lines(view)]
    return {"text/html": report_fragment(view), "text/plain": _text(lines)}


def _fleet(fleet: FleetPlan | FleetReport) -> dict[str, Any]:
    from orthanc_state.render.fleet import fleet_plan_view, fleet_report_view
    from orthanc_state.render.fleet_text import fleet_lines
    from orthanc_state.render.html import fleet_fragment

    view = fleet_plan_view(fleet) if isinstance(fleet, FleetPlan) else fleet_report_view(fleet)
    return {"text/html": fleet_fragment(view), "text/plain": _text(fleet_lines(view))}


def _document(document: Document) -> dict[str, Any]:
    from orthanc_state.render.document import document_fragment, document_lines

    return {"text/html": document_fragment(document), "text/plain": _text(document_lines(document))}


def _checks(results: Results) -> dict[str, Any]:
    from orthanc_state.render.checks import check_lines
    from orthanc_state.render.checks_html import checks_fragment

    return {"text/html": checks_fragment(results), "text/plain": _text(check_lines(results))}
