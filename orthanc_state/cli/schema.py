"""`schema`: the JSON Schema of documents."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from orthanc_state.cli.failure import EXIT_OK
from orthanc_state.cli.files import write_files
from orthanc_state.cli.output import print_lines
from orthanc_state.document.schema import schema_text

if TYPE_CHECKING:
    from pathlib import Path


def run_schema(out: Path | None) -> int:
    """Print the schema, or write it to a file."""
    if out is None:
        sys.stdout.write(schema_text())
    else:
        write_files({out: schema_text()})
        print_lines([(("strong", "Wrote "), ("", str(out)))], error=True)
    return EXIT_OK
