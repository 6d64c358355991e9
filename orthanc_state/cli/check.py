"""`check`: what a plan cannot see."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from orthanc_state.checks.registry import chosen_checks
from orthanc_state.checks.result import Result, Status
from orthanc_state.checks.run import ANSWERS, run_checks
from orthanc_state.checks.subject import Settings, Subject
from orthanc_state.checks.subjects import anonymous, fleet_subjects
from orthanc_state.cli.check_options import CheckFormat, CheckOptions
from orthanc_state.cli.failure import EXIT_FAILED, EXIT_OK
from orthanc_state.cli.output import print_json, print_lines
from orthanc_state.cli.server import ServerOptions, connect
from orthanc_state.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthanc_state.checks.check import Check
    from orthanc_state.cli.fleet_options import FleetOptions, VariableOptions

RESTART = "restart"
"""The check that `--restart-safe` asks for."""


def run_check(
    files: Sequence[Path],
    server: ServerOptions,
    fleet: FleetOptions,
    variables: VariableOptions,
    *,
    options: CheckOptions,
) -> int:
    """Make the checks and show what they found; 1 when one has failed."""
    checks = chosen_checks(options.only or (), options.skip or (), [RESTART] if options.restart_safe else ())
    form = options.chosen
    if fleet.inventory is not None and options.configuration:
        raise UsageError("--configuration is of one server", hint="Leave --inventory away.")
    settings = Settings(options.days, options.start)
    if fleet.inventory is not None:
        results, named = _fleet(files, fleet, variables, checks=checks, settings=settings, within=options.within)
    else:
        if fleet.servers or fleet.groups:
            raise UsageError("--server and --group choose of an inventory", hint="Give --inventory FILE.")
        if RESTART in {check.name for check in checks} and not files:
            raise UsageError("no document was given", hint="Give FILE...: it says what has to survive.")
        results, named = _single(files, server, variables, checks=checks, settings=settings, within=options.within)
    _show(results, checks, named, form)
    return EXIT_FAILED if any(result.status is Status.FAILED for result in results) else EXIT_OK


def _single(
    files: Sequence[Path],
    server: ServerOptions,
    variables: VariableOptions,
    *,
    checks: Sequence[Check],
    settings: Settings,
    within: float,
) -> tuple[list[Result], Mapping[str, str]]:
    from orthanc_state.cli.documents import document_of

    document = document_of(files, variables) if files else None
    with connect(server) as orthanc:
        subject = Subject(
            orthanc.url,
            orthanc,
            document,
            anonymous=anonymous(orthanc.url, server.ca_file, server.timeout),
            ca_file=server.ca_file,
            password_in_clear=orthanc.url.startswith("http:") and bool(server.username),
            settings=settings,
        )
        named = {subject.name: str(files[0])} if files else {}
        return run_checks([subject], checks, limit=within), named


def _fleet(
    files: Sequence[Path],
    fleet: FleetOptions,
    variables: VariableOptions,
    *,
    checks: Sequence[Check],
    settings: Settings,
    within: float,
) -> tuple[list[Result], Mapping[str, str]]:
    from orthanc_state.cli.fleet import Documents, chosen

    inventory, members = chosen(fleet, files)
    everybody = tuple(inventory.members.values())
    documents = Documents(variables)
    with fleet_subjects(everybody, members, documents, settings) as (subjects, wrong):
        if not wrong:
            documents.check()
        results = [*wrong, *run_checks(subjects, checks, limit=within)]
    order = [member.name for member in members]
    named = {name: str(inventory.path) for name in order}
    return sorted(results, key=lambda result: order.index(result.server)), named


def _show(results: Sequence[Result], checks: Sequence[Check], named: Mapping[str, str], form: CheckFormat) -> None:
    match form:
        case CheckFormat.TEXT:
            from orthanc_state.render.checks import check_lines

            print_lines(check_lines(results))
        case CheckFormat.JSON:
            from orthanc_state.render.checks import check_data

            print_json(check_data(results))
        case CheckFormat.JUNIT:
            from orthanc_state.render.junit import check_junit

            sys.stdout.write(check_junit(results, datetime.now(UTC)))
        case CheckFormat.SARIF:
            from orthanc_state.render.sarif import check_sarif

            # A server of which the inventory has something wrong is told of under this name, whatever was chosen.
            named_checks = {check.name for check in checks}
            more = chosen_checks([ANSWERS]) if ANSWERS not in named_checks else []
            print_json(check_sarif(results, [*checks, *more], named))
