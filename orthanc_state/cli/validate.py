"""`validate`: documents checked without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.cli.documents import document_of
from orthanc_state.cli.failure import EXIT_OK
from orthanc_state.cli.output import print_json, print_lines
from orthanc_state.render.data import problem_data
from orthanc_state.render.origin import origin_data, origin_lines
from orthanc_state.render.text import warning_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from orthanc_state.cli.fleet_options import VariableOptions


def run_validate(
    files: Sequence[Path], variables: VariableOptions, *, secrets: bool, json: bool, explain: str | None
) -> int:
    """Load the documents, which finds everything that can be found; a problem is raised as an error."""
    document = document_of(files, variables, secrets=secrets)
    origin = None
    if explain is not None:
        from orthanc_state.document.origin import origin_of

        origin = origin_of(document, explain)
    if json:
        print_json(
            {
                "valid": True,
                "sections": list(document.sections),
                "warnings": [problem_data(warning) for warning in document.warnings],
                **({} if origin is None else {"explained": origin_data(origin)}),
            }
        )
    else:
        print_lines([warning_line(warning) for warning in document.warnings], error=True)
        names = ", ".join(str(file) for file in files)
        print_lines([(("strong", "Valid: "), ("", f"{names} ({', '.join(document.sections) or 'no sections'})"))])
        print_lines(origin_lines(origin) if origin is not None else [])
    return EXIT_OK
