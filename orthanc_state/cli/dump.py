"""`dump`: the state of a server as a document."""

from __future__ import annotations

import sys

from orthanc_state.cli.failure import EXIT_OK
from orthanc_state.cli.output import print_json, print_lines
from orthanc_state.cli.server import ServerOptions, connect
from orthanc_state.engine import dump
from orthanc_state.render.text import warning_line


def run_dump(server: ServerOptions, *, json: bool) -> int:
    """Print the document on standard output, and what it leaves out on standard error."""
    with connect(server) as orthanc:
        found = dump(orthanc)
    print_lines([warning_line(warning) for warning in found.warnings], error=True)
    if json:
        print_json(found.data)
    else:
        sys.stdout.write(found.text)
    return EXIT_OK
