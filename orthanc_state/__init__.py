"""Say what an Orthanc server should be; see the difference; make it so."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orthanc_state.client import Orthanc
    from orthanc_state.client._async.orthanc import AsyncOrthanc
    from orthanc_state.document.document import Document
    from orthanc_state.document.load import from_data, load, loads
    from orthanc_state.engine import apply, dump, import_configuration, plan, render_configuration
    from orthanc_state.errors import OrthancStateError
    from orthanc_state.execution.report import Report
    from orthanc_state.fleet.apply import apply_fleet
    from orthanc_state.fleet.inventory import Inventory
    from orthanc_state.fleet.plan import plan_fleet
    from orthanc_state.planning.plan import Plan

__version__ = "0.1.0"

__all__ = [
    "AsyncOrthanc",
    "Document",
    "Inventory",
    "Orthanc",
    "OrthancStateError",
    "Plan",
    "Report",
    "apply",
    "apply_fleet",
    "dump",
    "from_data",
    "import_configuration",
    "load",
    "loads",
    "plan",
    "plan_fleet",
    "render_configuration",
]

_WHERE = {
    "AsyncOrthanc": "client._async.orthanc",
    "Document": "document.document",
    "Inventory": "fleet.inventory",
    "Orthanc": "client",
    "OrthancStateError": "errors",
    "Plan": "planning.plan",
    "Report": "execution.report",
    "apply": "engine",
    "apply_fleet": "fleet.apply",
    "dump": "engine",
    "from_data": "document.load",
    "import_configuration": "engine",
    "load": "document.load",
    "loads": "document.load",
    "plan": "engine",
    "plan_fleet": "fleet.plan",
    "render_configuration": "engine",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `import orthanc_state` alone costs next to nothing."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = value
    return value
