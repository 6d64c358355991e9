"""Finds the kinds: every module of this package that defines a `KIND`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import orthanc_state.kinds
from orthanc_state.kinds.kind import ResourceKind

if TYPE_CHECKING:
    from orthanc_state.kinds.kind import Kind


@cache
def all_kinds() -> dict[str, Kind]:
    """Every kind by its name, in the order of their ranks."""
    names = (info.name for info in iter_modules(orthanc_state.kinds.__path__, orthanc_state.kinds.__name__ + "."))
    modules = [import_module(name) for name in names]
    kinds: list[Kind] = [module.KIND for module in modules if hasattr(module, "KIND")]
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: (kind.rank, kind.name))}


def resource_kinds() -> list[ResourceKind]:
    """The kinds of which each resource has a state of its own."""
    return [kind for kind in all_kinds().values() if isinstance(kind, ResourceKind)]


def resource_kind(name: str) -> ResourceKind:
    """The kind of resources with a name.

    Raises:
        KeyError: There is none.
    """
    kind = all_kinds()[name]
    if not isinstance(kind, ResourceKind):
        raise KeyError(name)
    return kind
