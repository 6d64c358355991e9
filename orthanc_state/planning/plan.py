"""Everything that an apply will do, and what it will leave alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orthanc_state.errors import Problem
    from orthanc_state.kinds.kind import Context
    from orthanc_state.kinds.live import Server
    from orthanc_state.kinds.policy import Policy
    from orthanc_state.planning.change import Action, Change, PolicyChange


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be sent to one server so that it is what a document says.

    Attributes:
        server: The server that it is for.
        changes: What will be done, in the order in which it will be done.
        unchanged: The addresses of what is declared and is so already.
        unmanaged: The addresses of what is on the server but not declared, and is left alone.
        by_policies: What the policies change on what is stored, done after all other changes.
        warnings: What the author of the document should know.
        context: How the kinds read back what was written.
        policies: The policies, by which what they select is asked for again when it is applied.
    """

    server: Server
    changes: tuple[Change, ...]
    unchanged: tuple[str, ...]
    unmanaged: tuple[str, ...]
    by_policies: tuple[PolicyChange, ...] = ()
    warnings: tuple[Problem, ...] = ()
    context: Context | None = field(default=None, repr=False)
    policies: tuple[Policy, ...] = field(default=(), repr=False)

    @property
    def empty(self) -> bool:
        """Whether the server is in sync."""
        return not self.changes and not self.by_policies

    @property
    def steps(self) -> int:
        """How many steps an apply takes: one for each change, and one for each resource that a policy changes."""
        single = sum(change.count for change in self.by_policies)
        return len(self.changes) + len(self.by_policies) + single

    def count(self, action: Action) -> int:
        """How many changes are of one sort, but for those by policies."""
        return sum(change.action is action for change in self.changes)
