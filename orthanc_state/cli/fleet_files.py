"""`validate` and `dump` of the servers of an inventory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.cli.failure import EXIT_FAILED, EXIT_OK
from orthanc_state.cli.fleet import Documents, chosen
from orthanc_state.cli.output import print_json, print_lines
from orthanc_state.document.origin import origin_of
from orthanc_state.errors import OrthancStateError, UsageError
from orthanc_state.fleet.dump import dump_fleet
from orthanc_state.fleet.topology import one_way_peers
from orthanc_state.render.data import error_data, problem_data
from orthanc_state.render.fleet import error_view
from orthanc_state.render.fleet_text import error_lines
from orthanc_state.render.line import safe
from orthanc_state.render.origin import origin_data, origin_lines
from orthanc_state.render.text import warning_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from orthanc_state.cli.fleet_options import FleetOptions, VariableOptions
    from orthanc_state.document.document import Document


def run_fleet_validate(
    fleet: FleetOptions,
    files: Sequence[Path],
    variables: VariableOptions,
    *,
    secrets: bool,
    json: bool,
    explain: str | None,
) -> int:
    """Check the documents of every chosen server without asking it anything."""
    _, members = chosen(fleet, files)
    documents = Documents(variables, secrets=secrets)
    rows: list[dict[str, object]] = []
    loaded: dict[str, Document] = {}
    for member in members:
        try:
            found = documents(member)
            origin = origin_of(found, explain) if explain is not None else None
        except OrthancStateError as error:
            rows.append({"name": member.name, "valid": False, "error": error_data(error)})
            if not json:
                print_lines(error_lines(error_view(member.name, error)), error=True)
            continue
        warnings = [problem_data(warning) for warning in found.warnings]
        row = {"name": member.name, "valid": True, "sections": list(found.sections), "warnings": warnings}
        rows.append(row if origin is None else {**row, "explained": origin_data(origin)})
        if not json:
            print_lines([warning_line(warning) for warning in found.warnings], error=True)
            sections = ", ".join(found.sections) or "no sections"
            print_lines([(("strong", "Valid: "), ("", safe(f"{member.name} ({sections})")))])
            print_lines(origin_lines(origin) if origin is not None else [])
        loaded[member.name] = found
    print_lines(map(warning_line, one_way_peers(members, loaded)), error=True)
    valid = all(row["valid"] for row in rows)
    if valid:
        documents.check()
    if json:
        print_json({"valid": valid, "servers": rows})
    return EXIT_OK if valid else EXIT_FAILED


def run_fleet_dump(fleet: FleetOptions, out: Path | None, *, json: bool) -> int:
    """Write the state of every chosen server to a file of its own in a folder."""
    if out is None:
        raise UsageError("there is no folder to write to", hint="Give --out FOLDER: it takes a file a server.")
    _, members = chosen(fleet)
    rows = dump_fleet(members, out)
    for row in rows:
        print_lines([warning_line(warning) for warning in row.warnings], error=True)
        if row.error is not None and not json:
            print_lines(error_lines(error_view(row.name, row.error)), error=True)
        elif not json:
            print_lines([(("strong", "Dumped: "), ("", f"{safe(row.name)} to {safe(row.path)}"))])
    if json:
        servers = [
            {
                "name": row.name,
                "file": None if row.error else str(row.path),
                "error": error_data(row.error) if row.error else None,
            }
            for row in rows
        ]
        print_json({"servers": servers})
    return EXIT_FAILED if any(row.error for row in rows) else EXIT_OK
