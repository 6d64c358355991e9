"""What a document says against deletions that nobody meant: `protected` and `limits`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from orthanc_state.document.explain import nearest, short
from orthanc_state.kinds.registry import all_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Wrong = Callable[..., None]

PERCENT = r"(100|[0-9]{1,2})\s?%"
"""What a part of the things of one kind looks like."""

_PERCENT = re.compile(PERCENT)


_BOOL = TypeAdapter(bool)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one apply may take away before it needs `--allow-deletes`.

    Attributes:
        deletes: How many things of one kind.
        share: Which part of the things of one kind, of 0 to 1. It does not stop a single deletion, which is a part of
            nothing.
    """

    deletes: int = 10
    share: float = 0.3

    def exceeded(self, deleted: int, existing: int) -> bool:
        """Whether this many deletions of so many things are too many."""
        return deleted > self.deletes or (deleted > 1 and deleted > self.share * existing)


def limits_of(value: Any, wrong: Wrong) -> Limits:
    """The section `limits`; what is wrong with it is reported, and the default used instead.

    Args:
        value: `{deletes: 10, share: 30%}`, each of the two being optional.
        wrong: Takes the path, the message and a hint.
    """
    default = Limits()
    if not isinstance(value, Mapping):
        wrong(("limits",), "expected a mapping such as {deletes: 10, share: 30%}")
        return default
    deletes, share = value.get("deletes", default.deletes), default.share
    if isinstance(deletes, bool) or not isinstance(deletes, int) or deletes < 0:
        wrong(("limits", "deletes"), "expected a whole number, 0 or more")
        deletes = default.deletes
    if "share" in value:
        found = _PERCENT.fullmatch(value["share"]) if isinstance(value["share"], str) else None
        if found is None:
            wrong(("limits", "share"), "expected a percentage, such as 30%")
        else:
            share = int(found[1]) / 100
    for key in value:
        if key not in ("deletes", "share"):
            hint = nearest(str(key), ("deletes", "share")) or "valid are deletes, share"
            wrong(("limits", key), f"unknown key `{short(key)}`", hint, of_key=True)
    return Limits(deletes, share)


def protected_of(value: Any, wrong: Wrong) -> tuple[tuple[str, tuple[str | int, ...]], ...]:
    """The section `protected`: each address, with wildcards, and where it stands; what is wrong is reported."""
    if not isinstance(value, list):
        wrong(("protected",), "expected a list of addresses, such as [modalities/pacs, peers/*]")
        return ()
    kinds = ["/".join(kind.path) for kind in all_kinds().values() if kind.prunable]
    found: list[tuple[str, tuple[str | int, ...]]] = []
    for index, item in enumerate(value):
        kind, _, name = item.rpartition("/") if isinstance(item, str) else ("", "", "")
        if kind in kinds and name:
            found.append((item, ("protected", index)))
            continue
        hint = nearest(kind, kinds) if kind else ""
        example = f"expected KIND/NAME, where KIND is one of {', '.join(kinds)}"
        wrong(("protected", index), "this is no address of what can be deleted", hint or example)
    return tuple(found)


def protected_entries(data: Mapping[str, Any]) -> Iterable[tuple[str, tuple[str | int, ...]]]:
    """The addresses of entries of one file that say `protected: true` of themselves, and where they do."""
    for kind in all_kinds().values():
        section: Any = data
        for key in kind.path if kind.prunable else ():
            section = section.get(key) if isinstance(section, Mapping) else None
        if not kind.prunable or not isinstance(section, Mapping):
            continue
        for name, entry in section.items():
            if isinstance(entry, Mapping) and _is_true(entry.get("protected")):
                yield kind.address(str(name)), (*kind.path, str(name), "protected")


def _is_true(value: Any) -> bool:
    """Whether a value that is not validated yet will be read as true."""
    try:
        return _BOOL.validate_python(value)
    except ValidationError:
        # It is no truth value: that is said of the field itself.
        return False


def matches(address: str, pattern: str) -> bool:
    """Whether an address is meant by a pattern: itself, the name of its kind alone, or wildcards."""
    return fnmatchcase(address, pattern) or address.startswith(f"{pattern}/")
