"""The request that makes a change so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """One writing request, complete but for the secrets, which are references until it is sent.

    Attributes:
        method: PUT or DELETE.
        path: The path below the base URL, quoted.
        body: Sent as JSON; it may hold `Secret`s. None when there is none.
        text: Sent as it is instead of a body.
    """

    method: str
    path: str
    body: Any = None
    text: str | None = None
