"""`plan`, `drift` and `apply`."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from orthanc_state.cli.documents import document_of
from orthanc_state.cli.failure import EXIT_CHANGES, EXIT_FAILED, EXIT_OK
from orthanc_state.cli.format import Format
from orthanc_state.cli.interrupt import stop_on_interrupt
from orthanc_state.cli.options import ApplyOptions, ScopeOptions
from orthanc_state.cli.output import print_lines
from orthanc_state.cli.progress import Progress
from orthanc_state.cli.server import ServerOptions, connect
from orthanc_state.cli.show import show_plan, show_report
from orthanc_state.engine import apply, plan
from orthanc_state.errors import UsageError
from orthanc_state.execution.report import Outcome
from orthanc_state.render.reported import result_view
from orthanc_state.render.text import result_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from orthanc_state.checks.links import Links
    from orthanc_state.cli.fleet_options import VariableOptions
    from orthanc_state.client import Orthanc
    from orthanc_state.document.document import Document
    from orthanc_state.execution.journal import Journal
    from orthanc_state.execution.report import Result
    from orthanc_state.planning.plan import Plan


def run_plan(
    files: Sequence[Path],
    server: ServerOptions,
    variables: VariableOptions,
    scope: ScopeOptions,
    *,
    detailed_exitcode: bool,
    form: Format,
    against: Path | None = None,
    out: Path | None = None,
    store_identifying: bool = False,
) -> int:
    """Show the plan; 2 when something is to change and that was asked for."""
    document = _document(files, variables, scope)
    if against is not None:
        from orthanc_state.planning.snapshot import open_snapshot

        found = plan(open_snapshot(against), document, targets=scope.target or (), excludes=scope.exclude or ())
    else:
        with connect(server) as orthanc:
            found = plan(orthanc, document, targets=scope.target or (), excludes=scope.exclude or ())
    if out is not None:
        from orthanc_state.planning.plan_file import save

        save(found, out, store_identifying=store_identifying)
    show_plan(found, form)
    return EXIT_CHANGES if detailed_exitcode and not found.empty else EXIT_OK


def run_apply(
    files: Sequence[Path],
    server: ServerOptions,
    variables: VariableOptions,
    scope: ScopeOptions,
    *,
    options: ApplyOptions,
    form: Format,
) -> int:
    """Show the plan, ask, apply, report; 0 only when everything is as the document says."""
    from orthanc_state.planning.plan_file import is_plan, open_plan

    check_can_ask(form, options)
    saved = [file for file in files if is_plan(file)]
    if saved and (len(files) > 1 or scope.given or variables.var):
        raise UsageError(
            f"{saved[0]} is a saved plan, which is applied alone and as it is",
            hint="Give no other file, and neither --var, --target, --exclude nor --prune.",
        )
    if saved:
        found = open_plan(saved[0])
        with connect(server.at(found.server.url)) as orthanc:
            return apply_plan(orthanc, found, options, form=form)
    document = _document(files, variables, scope)
    with connect(server) as orthanc:
        found = plan(orthanc, document, targets=scope.target or (), excludes=scope.exclude or ())
        return apply_plan(orthanc, found, options, form=form)


def apply_plan(orthanc: Orthanc, found: Plan, options: ApplyOptions, *, form: Format) -> int:
    """Show a plan, ask, apply, report; 0 only when all of it is in force."""
    as_text = form is Format.TEXT
    if as_text:
        show_plan(found, form)
    if not found.empty and not options.yes and not confirmed():
        print_lines([(("", "Nothing was written."),)], error=True)
        return EXIT_FAILED
    links = None
    if options.verify and not found.empty:
        from orthanc_state.checks.links import Links

        links = Links.of(orthanc, found)
    progress = Progress(found.steps)

    def show(result: Result) -> None:
        progress.advance()
        if as_text and (len(found.changes) <= progress.SHOWN_SINGLY or result.outcome is not Outcome.APPLIED):
            progress.print(result_lines(result_view(result)))

    with _journal(found, options) as journal, stop_on_interrupt() as stop, progress:
        report = apply(
            orthanc,
            found,
            on_result=show,
            stop=stop,
            on_progress=progress.advance,
            scripts=options.lua,
            journal=journal,
            allow_deletes=options.allow_deletes,
        )
    if not as_text or not found.empty:
        show_report(report, form)
    if links is not None and _broken(orthanc, links, journal, options, form=form):
        return EXIT_FAILED
    return EXIT_OK if report.ok else EXIT_FAILED


def _broken(orthanc: Orthanc, links: Links, journal: Journal | None, options: ApplyOptions, *, form: Format) -> bool:
    """Whether a link that worked before an apply no longer does; it is undone if somebody says so."""
    from orthanc_state.cli.verify import offer_rollback, show_links

    lost = links.lost()
    show_links(links, lost, error=form is not Format.TEXT)
    if not lost:
        return False
    journals = [journal.path] if journal is not None else []
    if offer_rollback(journals, ask=form is Format.TEXT and not options.yes):
        undo(orthanc, journals[0], options, form=form)
    return True


def undo(orthanc: Orthanc, journal: Path, options: ApplyOptions, *, form: Format) -> None:
    """Undo the last apply of a journal without asking again."""
    from orthanc_state.execution.history import History
    from orthanc_state.execution.rollback import rollback

    plan = rollback(orthanc, History.read(journal).runs[-1])
    apply_plan(orthanc, plan, replace(options, yes=True, verify=False), form=form)


def check_can_ask(form: Format, options: ApplyOptions) -> None:
    """Refuse to ask where the answer would be lost among the output.

    Raises:
        UsageError: Something has to be asked, and the output is not for people.
    """
    if form is not Format.TEXT and not options.yes:
        raise UsageError(f"--format {form} cannot ask", hint="Give --yes too, or leave the format out to be asked.")


def confirmed() -> bool:
    """Ask whether to go on.

    Raises:
        UsageError: There is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked: standard input is no terminal", hint="Give --yes to apply.")
    sys.stdout.write("\nApply these changes? Only `yes` will do: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip() == "yes"


def _document(files: Sequence[Path], variables: VariableOptions, scope: ScopeOptions) -> Document:
    document = document_of(files, variables)
    return document.pruning(scope.prune) if scope.prune else document


def _journal(found: Plan, options: ApplyOptions) -> AbstractContextManager[Journal | None]:
    if found.empty or not options.keep_journal:
        return nullcontext()
    from orthanc_state.execution.journal import Journal, default_path

    return Journal(options.journal or default_path(found.server))
