"""A plan or a report on standard output, in the form that was asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from orthanc_state.cli.format import Format
from orthanc_state.cli.output import print_html, print_json, print_lines

if TYPE_CHECKING:
    from orthanc_state.execution.report import Report
    from orthanc_state.fleet.plan import FleetPlan
    from orthanc_state.fleet.report import FleetReport
    from orthanc_state.planning.plan import Plan
    from orthanc_state.render.fleet import FleetView

# Of the renderers only the one that is used is imported.


def show_plan(plan: Plan, form: Format) -> None:
    """Print a plan; its warnings go to standard error too."""
    from orthanc_state.render.planned import plan_view
    from orthanc_state.render.text import plan_lines, warning_line

    print_lines([warning_line(problem) for problem in plan.warnings], error=True)
    match form:
        case Format.TEXT:
            print_lines(plan_lines(plan_view(plan)))
        case Format.JSON:
            from orthanc_state.render.data import plan_data

            print_json(plan_data(plan))
        case Format.MARKDOWN:
            from orthanc_state.render.markdown import plan_markdown

            sys.stdout.write(plan_markdown(plan_view(plan)))
        case Format.HTML:
            from orthanc_state.render.html import plan_page

            print_html(plan_page(plan_view(plan)))


def show_report(report: Report, form: Format) -> None:
    """Print a report; as text only its sum, since the results have been printed one by one."""
    from orthanc_state.render.reported import report_view

    match form:
        case Format.TEXT:
            from orthanc_state.render.text import report_lines

            print_lines(report_lines(report_view(report)))
        case Format.JSON:
            from orthanc_state.render.data import report_data

            print_json(report_data(report))
        case Format.MARKDOWN:
            from orthanc_state.render.markdown import report_markdown

            sys.stdout.write(report_markdown(report_view(report)))
        case Format.HTML:
            from orthanc_state.render.html import report_page

            print_html(report_page(report_view(report)))


def show_fleet_plan(plan: FleetPlan, form: Format) -> None:
    """Print the plans of a fleet; their warnings go to standard error too."""
    from orthanc_state.render.text import warning_line

    print_lines(map(warning_line, plan.warnings), error=True)
    for server in plan.servers:
        print_lines([warning_line(problem) for problem in (server.plan.warnings if server.plan else ())], error=True)
    if form is Format.JSON:
        from orthanc_state.render.fleet_data import fleet_plan_data

        print_json(fleet_plan_data(plan))
    else:
        from orthanc_state.render.fleet import fleet_plan_view

        _show_fleet(fleet_plan_view(plan), form)


def show_fleet_report(report: FleetReport, form: Format) -> None:
    """Print what an apply did to a fleet."""
    if form is Format.JSON:
        from orthanc_state.render.fleet_data import fleet_report_data

        print_json(fleet_report_data(report))
    else:
        from orthanc_state.render.fleet import fleet_report_view

        _show_fleet(fleet_report_view(report), form)


def _show_fleet(fleet: FleetView, form: Format) -> None:
    match form:
        case Format.MARKDOWN:
            from orthanc_state.render.fleet_markdown import fleet_markdown

            sys.stdout.write(fleet_markdown(fleet))
        case Format.HTML:
            from orthanc_state.render.html import fleet_page

            print_html(fleet_page(fleet))
        case _:
            from orthanc_state.render.fleet_text import fleet_lines

            print_lines(fleet_lines(fleet))
