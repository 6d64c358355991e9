"""What a value looks like in a notebook. That is known by the face for notebooks, which is looked up when one asks."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Shown:
    """A value that a notebook shows as a widget where those are installed, as HTML, and as text."""

    __slots__ = ()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        # By name: what is below a face knows nothing of it.
        bundle: dict[str, Any] = import_module("orthanc_state.jupyter.shown").bundle(self)
        return bundle
