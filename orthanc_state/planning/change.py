"""One difference between what a document wants and what a server has, with the request that takes it away."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.kinds.effect import Effect
    from orthanc_state.kinds.hierarchy import LevelWord
    from orthanc_state.kinds.operation import Operation
    from orthanc_state.kinds.secret import Secret
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
        secrets: The secrets in the request, by their paths: `password`, `http_headers.X-Api-Key`.
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
    secrets: Mapping[str, Secret] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What one policy changes on many resources.

    Attributes:
        kind: `policies`.
        name: The name of the policy.
        address: What it is called: `policies/archive`.
        level: What it selects.
        query: What `/tools/find` was asked for, with relative dates worked out.
        selected: How many resources it selects.
        effects: What is done, with the resources that it is done to.
        templates: The metadata that are set, as the document has them, with the names of tags.
        action: It is an update.
        depends_on: It depends on no other change.
        reason: Nothing is to be said of it.
        last_change: The number of the last change that the server had noted before it was planned; 0 where that is
            not known. It is not saved: what is applied later is compared in full.
    """

    kind: str
    name: str
    address: str
    level: LevelWord
    query: Mapping[str, str]
    selected: int
    effects: tuple[Effect, ...] = field(repr=False)
    templates: Mapping[str, str]
    action: Action = Action.UPDATE
    depends_on: tuple[str, ...] = ()
    reason: str = ""
    last_change: int = field(default=0, compare=False)

    @property
    def count(self) -> int:
        """How many single changes it is."""
        return sum(len(effect.resources) for effect in self.effects)
