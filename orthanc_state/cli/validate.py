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


def run_validate(files: Sequence[Path], *, secrets: bool, json: bool) -> int:
    """Load the documents, which finds everything that can be found; a problem is raised as an error."""
    document = load(*files, secrets=secrets)
    if json:
        print_json(
            {
                "valid": True,
                "sections": list(document.sections),
                "warnings": [problem_data(warning) for warning in document.warnings],
            }
        )
    else:
        print_lines([warning_line(warning) for warning in document.warnings], error=True)
        names = ", ".join(str(file) for file in files)
        print_lines([(("strong", "Valid: "), ("", f"{names} ({', '.join(document.sections) or 'no sections'})"))])
    return EXIT_OK
