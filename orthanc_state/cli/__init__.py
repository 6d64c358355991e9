"""The command line. It parses, asks and prints; what it does is the engine's."""

from __future__ import annotations

import gc
import os
import resource
import sys

# httpx has a command line of its own, which imports rich and pygments wherever click is installed: 60 ms for nothing.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]


def main() -> None:
    """Run a command and leave with its exit code: 0, 2 for changes that are pending, 1 for anything else."""
    # A command is over before it has made much garbage: looking for it costs a tenth of the whole run.
    gc.set_threshold(100_000, 50, 50)
    # A core dump would hold the passwords that the process holds.
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    # Looking for plugins of pydantic means reading the metadata of every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
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
