"""Whether the server has loaded the plugins that the document requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check, entry_of
from orthanc_state.checks.result import Finding, failed, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.checks.subject import Subject


def _targets(subject: Subject) -> Iterator[str]:
    return (f"plugins/{name}" for name in (subject.document.require.plugins if subject.document is not None else ()))


def _look(subject: Subject, target: str) -> Finding:
    name = entry_of(target)
    wanted = subject.document.require.plugins if subject.document is not None else ()
    path = ("require", "plugins", wanted.index(name))
    loaded = subject.reader.plugins.names()
    if name in loaded:
        return ok("loaded", path)
    others = ", ".join(sorted(loaded)) or "none"
    return failed(f"not loaded; loaded are {others}", "install it, and name it in Plugins of the configuration", path)


CHECK = Check("plugins", "The plugins that the document requires are loaded.", _look, _targets)
