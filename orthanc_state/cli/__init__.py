"""The command line. It parses, asks and prints; what it does is the engine's."""

from __future__ import annotations

import gc
import resource
import sys

from orthanc_state.process import short_lived


def main() -> None:
    """Run a command and leave with its exit code: 0, 2 for changes that are pending, 1 for anything else."""
    short_lived()
    # A core dump would hold the passwords that the process holds.
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    from orthanc_state.cli.app import app
    from orthanc_state.cli.failure import EXIT_FAILED, guarded
    from orthanc_state.cli.format import asks_for_json

    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character of a server's name shows its number instead.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    code = guarded(lambda: app(prog_name="orthanc-state", standalone_mode=False), json=asks_for_json(sys.argv))
    # Nothing is looked through and taken apart at the end: the process is over.
    gc.freeze()
    # 130 is how the parser says Ctrl-C.
    sys.exit(EXIT_FAILED if code == 130 else code)
