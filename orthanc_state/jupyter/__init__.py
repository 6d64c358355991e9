"""Panels for notebooks: see it, plan it, apply it. They need the extra `jupyter`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from orthanc_state.errors import OrthancStateError

if TYPE_CHECKING:
    from orthanc_state.jupyter.administration import Console, console
    from orthanc_state.jupyter.opened import document, fleet, logs, metrics, network, overview, plan, policies
    from orthanc_state.jupyter.panels.connect import connect

__all__ = [
    "Console",
    "connect",
    "console",
    "document",
    "fleet",
    "logs",
    "metrics",
    "network",
    "overview",
    "plan",
    "policies",
]

_WHERE = {
    "Console": "administration",
    "connect": "panels.connect",
    "console": "administration",
    **dict.fromkeys(("document", "fleet", "logs", "metrics", "network", "overview", "plan", "policies"), "opened"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used.

    Raises:
        OrthancStateError: What the extra brings is not installed.
    """
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = import_module(f"{__name__}.{_WHERE[name]}")
    except ModuleNotFoundError as error:
        if error.name not in ("anywidget", "ipywidgets", "traitlets"):
            raise
        hint = "Install it: pip install 'orthanc-state[jupyter]'."
        raise OrthancStateError(f"the panels need the package {error.name}", hint=hint) from None
    value = getattr(module, name)
    globals()[name] = value
    return value
