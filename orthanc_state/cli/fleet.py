"""`plan`, `drift`, `apply`, `validate` and `dump` of the servers of an inventory."""

from __future__ import annotations

import sys
from contextlib import ExitStack, nullcontext
from typing import TYPE_CHECKING

from orthanc_state.cli.documents import check_taken
from orthanc_state.cli.failure import EXIT_CHANGES, EXIT_FAILED, EXIT_OK
from orthanc_state.cli.format import Format
from orthanc_state.cli.interrupt import stop_on_interrupt
from orthanc_state.cli.output import print_lines
from orthanc_state.cli.reconcile import check_can_ask, confirmed
from orthanc_state.cli.show import show_fleet_plan, show_fleet_report
from orthanc_state.errors import UsageError
from orthanc_state.fleet.apply import apply_fleet
from orthanc_state.fleet.inventory import Inventory
from orthanc_state.fleet.plan import plan_fleet
from orthanc_state.fleet.plan_file import is_fleet_plan, open_fleet_plan, save_fleet_plan
from orthanc_state.fleet.waves import Waves
from orthanc_state.render.fleet import server_row
from orthanc_state.render.fleet_text import server_lines
from orthanc_state.render.line import safe
from orthanc_state.render.reported import report_view
from orthanc_state.render.text import warning_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from orthanc_state.cli.fleet_options import FleetOptions, VariableOptions, WaveOptions
    from orthanc_state.cli.options import ApplyOptions, ScopeOptions
    from orthanc_state.document.document import Document
    from orthanc_state.execution.journal import Journal
    from orthanc_state.fleet.member import Member
    from orthanc_state.fleet.plan import FleetPlan, ServerPlan
    from orthanc_state.fleet.report import ServerReport


def chosen(fleet: FleetOptions, files: Sequence[Path] = ()) -> tuple[Inventory, tuple[Member, ...]]:
    """The inventory and the servers of it that the command line asks for.

    Raises:
        UsageError: There are files too, or there is no such server.
    """
    if fleet.inventory is None:
        raise UsageError("no inventory was given", hint="Give --inventory FILE.")
    if files:
        raise UsageError(
            f"both an inventory and {files[0]} were given", hint="The inventory names the documents of its servers."
        )
    inventory = Inventory.load(fleet.inventory)
    print_lines(map(warning_line, inventory.warnings), error=True)
    return inventory, inventory.select(fleet.servers or (), fleet.groups or ())


class Documents:
    """Gives the document of a server, with what the command line says of it, and knows which variables they took."""

    def __init__(self, variables: VariableOptions, prune: Sequence[str] | None = None, *, secrets: bool = True) -> None:
        self._values = variables.values
        self._prune = prune
        self._secrets = secrets
        self._taken: set[str] = set()

    def __call__(self, member: Member) -> Document:
        """The document of a server."""
        found = member.document(self._values, secrets=self._secrets)
        self._taken |= found.variables
        return found.pruning(self._prune) if self._prune else found

    def check(self) -> None:
        """Refuse a variable of the command line that no document took.

        Raises:
            UsageError: There is one.
        """
        check_taken(self._values, self._taken)


def run_fleet_plan(
    fleet: FleetOptions,
    files: Sequence[Path],
    variables: VariableOptions,
    scope: ScopeOptions,
    *,
    detailed_exitcode: bool,
    form: Format,
    against: Path | None = None,
    out: Path | None = None,
    store_identifying: bool = False,
) -> int:
    """Show the plans; 1 when a server has none, 2 when something is to change and that was asked for."""
    if against is not None:
        raise UsageError("--against is for one server", hint="A snapshot is of one server: give its FILE...")
    found, _ = _planned(fleet, files, variables, scope)
    if out is not None:
        save_fleet_plan(found, out, store_identifying=store_identifying)
    show_fleet_plan(found, form)
    if found.failed:
        return EXIT_FAILED
    return EXIT_CHANGES if detailed_exitcode and found.pending else EXIT_OK


def run_fleet_apply(
    fleet: FleetOptions,
    files: Sequence[Path],
    variables: VariableOptions,
    scope: ScopeOptions,
    *,
    options: ApplyOptions,
    wave: WaveOptions,
    form: Format,
) -> int:
    """Show the plans, ask, apply wave by wave, report; 0 only when every server is as its document says."""
    as_text = form is Format.TEXT
    check_can_ask(form, options)
    waves = Waves.parse(wave.waves) if wave.waves is not None else Waves()
    saved = [file for file in files if is_fleet_plan(file)]
    if saved:
        found, members = _opened(saved[0], files, fleet, given=scope.given or bool(variables.var))
    else:
        found, members = _planned(fleet, files, variables, scope)
    waves.split(found.pending)
    if as_text:
        show_fleet_plan(found, form)
    if found.pending and not options.yes and not confirmed():
        print_lines([(("", "Nothing was written anywhere."),)], error=True)
        return EXIT_FAILED

    def on_wave(number: int, count: int, names: Sequence[str]) -> None:
        if as_text and count > 1:
            print_lines([(("strong", f"Wave {number} of {count}: "), ("", safe(", ".join(names))))])

    journals: dict[str, Path] = {}

    def journal(server: ServerPlan) -> AbstractContextManager[Journal | None]:
        kept = _journal(server, options)
        if kept is None:
            return nullcontext()
        journals[server.name] = kept.path
        return kept

    with ExitStack() as stack:
        verification = None
        if options.verify and found.pending:
            from orthanc_state.cli.fleet_verify import Verification

            verification = stack.enter_context(Verification(found, members, journals, options, form=form))
        with stop_on_interrupt() as stop:
            report = apply_fleet(
                found,
                members,
                waves=waves,
                after_wave=verification.after_wave if verification is not None else None,
                journal=journal,
                on_server=_show_server if as_text else None,
                on_wave=on_wave,
                stop=stop,
                scripts=options.lua,
                allow_deletes=options.allow_deletes,
                without_failed=wave.without_failed,
            )
        if as_text:
            print_lines([()])
        show_fleet_report(report, form)
        broken = verification is not None and verification.broken(report)
    return EXIT_OK if report.ok and not broken else EXIT_FAILED


def _planned(
    fleet: FleetOptions, files: Sequence[Path], variables: VariableOptions, scope: ScopeOptions
) -> tuple[FleetPlan, Mapping[str, Member]]:
    """The plans, and the servers that they are for."""
    inventory, members = chosen(fleet, files)
    documents = Documents(variables, scope.prune)
    found = plan_fleet(
        members,
        inventory=str(inventory.path),
        documents=documents,
        targets=scope.target or (),
        excludes=scope.exclude or (),
    )
    if not found.failed:
        documents.check()
    return found, inventory.members


def _opened(
    saved: Path, files: Sequence[Path], fleet: FleetOptions, *, given: bool
) -> tuple[FleetPlan, Mapping[str, Member]]:
    """A saved plan, and the servers that it is for."""
    if len(files) > 1 or given or fleet.servers or fleet.groups:
        raise UsageError(
            f"{saved} is a saved plan, which is applied alone and as it is",
            hint="Give no other file, and neither --server, --group, --var, --target, --exclude nor --prune.",
        )
    found = open_fleet_plan(saved)
    inventory = Inventory.load(fleet.inventory or found.inventory)
    return found, inventory.members


def _journal(server: ServerPlan, options: ApplyOptions) -> Journal | None:
    if server.plan is None or not options.keep_journal:
        return None
    from orthanc_state.execution.journal import Journal, default_path

    if options.journal is not None:
        return Journal(options.journal / f"{server.name}.jsonl")
    return Journal(default_path(server.plan.server, server.name))


def _show_server(server: ServerReport) -> None:
    """Print what became of a server, and of its changes those that are not as they were to be."""
    report = report_view(server.report) if server.report is not None else None
    print_lines(server_lines(server_row(server), report))
    sys.stdout.flush()
