"""The variables of a document: named values, and where each was given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orthanc_state.errors import Place
    from orthanc_state.kinds.secret import Secret

Scalar = "str | int | float | bool | Secret"


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable.

    Attributes:
        value: Its value; a secret that is missing stands for itself.
        place: Where it was given; None where that is no file.
        reason: Why its value is missing.
    """

    value: str | int | float | bool | Secret = field(repr=False)
    place: Place | None = None
    reason: str = ""
