"""A real Orthanc, wherever the tests or the demo run.

`find` gives an `Installation` of a version, fetched without root where need be; `OrthancServer` runs
it. The pytest plugin in `orthanc_state.testing.plugin` makes fixtures of both.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orthanc_state.testing.distribution import SUITES, find
    from orthanc_state.testing.errors import OrthancDied, OrthancUnavailable
    from orthanc_state.testing.installation import Installation
    from orthanc_state.testing.server import OrthancServer
    from orthanc_state.testing.servers import OrthancServers

__all__ = [
    "SUITES",
    "Installation",
    "OrthancDied",
    "OrthancServer",
    "OrthancServers",
    "OrthancUnavailable",
    "find",
]

_MODULES = {
    "SUITES": "distribution",
    "Installation": "installation",
    "OrthancDied": "errors",
    "OrthancServer": "server",
    "OrthancServers": "servers",
    "OrthancUnavailable": "errors",
    "find": "distribution",
}


def __getattr__(name: str) -> object:
    # Lazy, because pytest imports the plugin beside this in every run on a machine, needed or not.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
