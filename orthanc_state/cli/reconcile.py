"""`plan`, `drift` and `apply`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from orthanc_state.cli.failure import EXIT_CHANGES, EXIT_FAILED, EXIT_OK
from orthanc_state.cli.interrupt import stop_on_interrupt
from orthanc_state.cli.output import print_json, print_lines
from orthanc_state.cli.progress import Progress
from orthanc_state.cli.server import ServerOptions, connect
from orthanc_state.document.load import load
from orthanc_state.engine import apply, plan
from orthanc_state.errors import OrthancStateError
from orthanc_state.execution.report import Outcome
from orthanc_state.render.data import plan_data, report_data
from orthanc_state.render.text import difference_lines, plan_lines, report_lines, result_line, warning_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from orthanc_state.execution.report import Result
    from orthanc_state.planning.plan import Plan


def run_plan(files: Sequence[Path], server: ServerOptions, *, detailed_exitcode: bool, json: bool) -> int:
    """Show the plan; 2 when something is to change and that was asked for."""
    document = load(*files)
    with connect(server) as orthanc:
        found = plan(orthanc, document)
    _show(found, json=json)
    return EXIT_CHANGES if detailed_exitcode and not found.empty else EXIT_OK


def run_apply(files: Sequence[Path], server: ServerOptions, *, yes: bool, json: bool, scripts: bool) -> int:
    """Show the plan, ask, apply, report; 0 only when everything is as the document says."""
    if json and not yes:
        raise OrthancStateError("--json cannot ask", hint="Give --yes too; `plan --json` shows what will be done.")
    document = load(*files)
    with connect(server) as orthanc:
        found = plan(orthanc, document)
        if not json:
            _show(found, json=False)
        if not found.empty and not yes and not _confirmed():
            print_lines([(("", "Nothing was written."),)], error=True)
            return EXIT_FAILED
        progress = Progress(found.steps)

        def show(result: Result) -> None:
            progress.advance()
            if not json and (len(found.changes) <= progress.SHOWN_SINGLY or result.outcome is not Outcome.APPLIED):
                progress.print([result_line(result), *difference_lines(result)])

        with stop_on_interrupt() as stop, progress:
            report = apply(orthanc, found, on_result=show, stop=stop, on_progress=progress.advance, scripts=scripts)
    if json:
        print_json(report_data(report))
    elif not found.empty:
        print_lines(report_lines(report))
    return EXIT_OK if report.ok else EXIT_FAILED


def _show(found: Plan, *, json: bool) -> None:
    print_lines([warning_line(problem) for problem in found.warnings], error=True)
    if json:
        print_json(plan_data(found))
    else:
        print_lines(plan_lines(found))


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        raise OrthancStateError("nobody can be asked: standard input is no terminal", hint="Give --yes to apply.")
    sys.stdout.write("\nApply these changes? Only `yes` will do: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip() == "yes"
