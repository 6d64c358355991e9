"""Revisions of metadata and attachments, by which two who write at once notice each other (RFC 9110, 13.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Revised(Generic[T]):
    """A value and the revision that it has: a number and the MD5 of the value. Without a database that keeps revisions
    (SQLite does since 1.12.8) the number is always 0."""

    value: T
    revision: str | None


def if_match(revision: str | None) -> dict[str, str] | None:
    """The header of a write that is for one revision only."""
    return None if revision is None else {"If-Match": f'"{revision}"'}


def if_none_match(revision: str | None) -> dict[str, str] | None:
    """The header of a read that is for every revision but one."""
    return None if revision is None else {"If-None-Match": f'"{revision}"'}
