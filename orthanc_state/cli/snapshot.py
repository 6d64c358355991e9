"""`snapshot`: the state of a server as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.cli.documents import document_of
from orthanc_state.cli.failure import EXIT_OK
from orthanc_state.cli.output import print_lines
from orthanc_state.cli.server import ServerOptions, connect
from orthanc_state.engine import snapshot
from orthanc_state.render.line import safe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from orthanc_state.cli.fleet_options import VariableOptions


def run_snapshot(files: Sequence[Path], variables: VariableOptions, server: ServerOptions, out: Path) -> int:
    """Save the state; with documents, also what their policies select."""
    document = document_of(files, variables) if files else None
    with connect(server) as orthanc:
        snapshot(orthanc, out, document)
    print_lines([(("strong", "Saved: "), ("", safe(out)))], error=True)
    return EXIT_OK
