"""A process that is over soon: a command, or a module of Ansible."""

from __future__ import annotations

import gc
import os
import sys


def short_lived() -> None:
    """Spare what a process does not need that is the kit's alone; to be called before anything else is imported."""
    # It is over before it has made much garbage: looking for it costs a tenth of the whole run.
    gc.set_threshold(100_000, 50, 50)
    # Looking for plugins of pydantic means reading the metadata of every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # httpx has a command line of its own, which imports rich and pygments wherever click is installed: 60 ms for
    # nothing. None is how Python's import system says that a module is not to be had, which its types do not know.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
