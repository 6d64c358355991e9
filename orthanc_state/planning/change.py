"""One difference between what a document wants and what a server has, with the request that takes it away."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orthanc_state.kinds.operation import Operation
    from orthanc_state.kinds.state import State


class Action(StrEnum):
    """What is done to a resource."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that will be created, updated or deleted.

    Attributes:
        action: Which of the three.
        kind: The name of its kind.
        name: Its name; empty for a setting.
        address: What it is called: `modalities/pacs`.
        before: What it is now; None when there is none.
        after: What it will be; None when there will be none.
        operation: The request that will be sent. It holds the secrets, as references.
        depends_on: The addresses of changes that must have succeeded before.
        reason: Why it is written, where the difference does not say it.
    """

    action: Action
    kind: str
    name: str
    address: str
    before: State | None
    after: State | None
    operation: Operation = field(repr=False)
    depends_on: tuple[str, ...] = ()
    reason: str = ""
