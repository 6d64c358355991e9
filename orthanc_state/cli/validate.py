"""`validate`: documents checked without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.cli.failure import EXIT_OK
from orthanc_state.cli.output import print_json, print_lines
from orthanc_state.document.load import load
from orthanc_state.render.data import problem_data
from orthanc_state.render.text import warning_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from orthanc_state.cli.fleet_options import VariableOptions
    from orthanc_state.document.document import Document


def run_validate(
    files: Sequence[Path], variables: VariableOptions, *, secrets: bool, json: bool, explain: str | None
) -> int:
    """Load the documents, which finds everything that can be found; a problem is raised as an error."""
    document = load(*files, variables=variables.values, secrets=secrets)
    if not json:
        print_lines([warning_line(warning) for warning in document.warnings], error=True)
        names = ", ".join(str(file) for file in files)
        print_lines([(("strong", "Valid: "), ("", f"{names} ({', '.join(document.sections) or 'no sections'})"))])
    explained = show_origin(document, explain, json=json) if explain is not None else None
    if json:
        print_json(
            {
                "valid": True,
                "sections": list(document.sections),
                "warnings": [problem_data(warning) for warning in document.warnings],
                **({} if explained is None else {"explained": explained}),
            }
        )
    return EXIT_OK


def show_origin(document: Document, path: str, *, json: bool) -> dict[str, Any]:
    """Where a value of a document came from, which is printed unless it is wanted as data.

    Raises:
        OriginError: There is no such value.
    """
    from orthanc_state.document.origin import origin_of
    from orthanc_state.render.origin import origin_data, origin_lines

    origin = origin_of(document, path)
    if not json:
        print_lines(origin_lines(origin))
    return origin_data(origin)
