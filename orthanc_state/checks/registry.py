"""Finds the checks: every module of this package that defines a `CHECK`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import orthanc_state.checks
from orthanc_state.document.explain import nearest
from orthanc_state.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthanc_state.checks.check import Check


@cache
def all_checks() -> dict[str, Check]:
    """Every check by its name, in the order of the names."""
    prefix = orthanc_state.checks.__name__ + "."
    modules = [import_module(info.name) for info in iter_modules(orthanc_state.checks.__path__, prefix)]
    found: list[Check] = [module.CHECK for module in modules if hasattr(module, "CHECK")]
    return {check.name: check for check in sorted(found, key=lambda check: check.name)}


def chosen_checks(only: Sequence[str] = (), skip: Sequence[str] = (), more: Sequence[str] = ()) -> list[Check]:
    """Some of the checks.

    Args:
        only: The names of those that are made; those that are made by default if empty.
        skip: The names of those that are not.
        more: The names of further ones.

    Raises:
        UsageError: There is no such check.
    """
    checks = all_checks()
    for name in (*only, *skip, *more):
        if name not in checks:
            hint = nearest(name, checks) or f"there are {', '.join(checks)}."
            raise UsageError(f"there is no check {name}", hint=hint[0].upper() + hint[1:])
    names = set(only) or {check.name for check in checks.values() if check.by_default}
    return [check for name, check in checks.items() if name in (names | set(more)) - set(skip)]


def reaching_checks() -> list[Check]:
    """The checks of links, which an apply can break."""
    return [check for check in all_checks().values() if check.reaches]
