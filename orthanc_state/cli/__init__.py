"""The command line. It parses, asks and prints; what it does is the engine's."""

from __future__ import annotations

import sys


def main() -> None:
    """Run a command and leave with its exit code: 0, 2 for changes that are pending, 1 for anything else."""
    from orthanc_state.cli.app import app
    from orthanc_state.cli.failure import EXIT_FAILED, guarded

    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character of a server's name shows its number instead.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    code = guarded(lambda: app(standalone_mode=False), json="--json" in sys.argv)
    # 130 is how the parser says Ctrl-C.
    sys.exit(EXIT_FAILED if code == 130 else code)
