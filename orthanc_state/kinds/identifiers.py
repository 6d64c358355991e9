"""Many of Orthanc's identifiers, in a fifth of the memory of their texts."""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SIZE = 20
"""Bytes of an identifier: it is a SHA-1."""


@dataclass(frozen=True, slots=True)
class Identifiers(Collection[str]):
    """A list of Orthanc's identifiers, packed; equal when they are the same in the same order."""

    packed: bytes = b""

    @classmethod
    def of(cls, identifiers: Iterable[str]) -> Identifiers:
        """Pack identifiers, in order and each once.

        Raises:
            ValueError: One is no identifier of Orthanc's.
        """
        parts = [bytes.fromhex(identifier.replace("-", "")) for identifier in sorted(set(identifiers))]
        if any(len(part) != SIZE for part in parts):
            raise ValueError("this is no identifier of Orthanc's")
        return cls(b"".join(parts))

    @classmethod
    def from_text(cls, text: str) -> Identifiers:
        """What `text` gave.

        Raises:
            ValueError: It is damaged.
        """
        packed = base64.b64decode(text.encode("ascii"), validate=True)
        if len(packed) % SIZE:
            raise ValueError("these are no identifiers")
        return cls(packed)

    @property
    def text(self) -> str:
        """All of them as a text, 27 characters each."""
        return base64.b64encode(self.packed).decode("ascii")

    def __len__(self) -> int:
        return len(self.packed) // SIZE

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self.packed), SIZE):
            yield self.packed[start : start + SIZE].hex("-", SIZE // 5)

    def __contains__(self, identifier: object) -> bool:
        return isinstance(identifier, str) and identifier in set(self)

    def __repr__(self) -> str:
        return f"<{len(self)} identifiers>"
