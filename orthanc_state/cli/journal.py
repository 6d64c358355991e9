"""`journal verify`, `journal show` and `rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.cli.failure import EXIT_FAILED, EXIT_OK
from orthanc_state.cli.format import Format
from orthanc_state.cli.options import ApplyOptions
from orthanc_state.cli.output import print_json, print_lines
from orthanc_state.cli.reconcile import apply_plan, check_can_ask
from orthanc_state.cli.server import ServerOptions, connect
from orthanc_state.cli.show import show_plan
from orthanc_state.execution.history import History, JournalError
from orthanc_state.execution.rollback import rollback
from orthanc_state.render.journal import history_data, history_lines

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.execution.history import Run


def run_verify(file: Path, *, json: bool) -> int:
    """Check every line of a journal, and tell which applies it holds."""
    history = History.read(file)
    if json:
        print_json(history_data(history))
    else:
        print_lines(history_lines(history))
    return EXIT_OK


def run_rollback(
    file: Path, server: ServerOptions, options: ApplyOptions, *, run: str | None, out: Path | None, form: Format
) -> int:
    """Show what undoes an apply, ask, and apply it; 0 only when everything is as it was before."""
    if out is None:
        check_can_ask(form, options)
    chosen = _run(History.read(file), run)
    with connect(server.at(str(chosen.head.get("server", {}).get("url", "")))) as orthanc:
        found = rollback(orthanc, chosen)
        if out is not None:
            from orthanc_state.planning.plan_file import save

            save(found, out)
            show_plan(found, form)
            return EXIT_FAILED if found.notes else EXIT_OK
        code = apply_plan(orthanc, found, options, form=form)
    return EXIT_FAILED if found.notes else code


def _run(history: History, wanted: str | None) -> Run:
    """The apply that is meant: the last one, or the one that is named."""
    if not history.runs:
        raise JournalError(f"the journal {history.path} is empty: there is nothing to undo")
    if wanted is None:
        return history.runs[-1]
    found = [run for run in history.runs if run.head.get("run") == wanted]
    if not found:
        known = ", ".join(str(run.head.get("run")) for run in history.runs)
        raise JournalError(f"the journal {history.path} has no apply {wanted}", hint=f"It has {known}.")
    return found[0]
