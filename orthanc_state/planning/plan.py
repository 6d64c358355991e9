"""Everything that an apply will do, and what it will leave alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orthanc_state.planning.change import Action, Change, PolicyChange

if TYPE_CHECKING:
    from orthanc_state.errors import Problem
    from orthanc_state.kinds.kind import Context
    from orthanc_state.kinds.live import Server
    from orthanc_state.kinds.policy import Policy


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be sent to one server so that it is what a document says.

    Attributes:
        server: The server that it is for.
        changes: What will be done, in the order in which it will be done.
        unchanged: The addresses of what is declared and is so already.
        unmanaged: The addresses of what is on the server but not declared, and is left alone.
        warnings: What the author of the document should know.
        context: How the kinds read back what was written.
        policies: The policies, by which what they select is asked for again when it is applied.
    """

    server: Server
    changes: tuple[Change | PolicyChange, ...]
    unchanged: tuple[str, ...]
    unmanaged: tuple[str, ...]
    warnings: tuple[Problem, ...] = ()
    context: Context | None = field(default=None, repr=False)
    policies: tuple[Policy, ...] = field(default=(), repr=False)

    @property
    def empty(self) -> bool:
        """Whether the server is in sync."""
        return not self.changes

    def count(self, action: Action) -> int:
        """How many changes are of one sort, but for those by policies."""
        return sum(change.action is action for change in self.changes if isinstance(change, Change))

    @property
    def by_policies(self) -> tuple[PolicyChange, ...]:
        """The changes of what is stored."""
        return tuple(change for change in self.changes if isinstance(change, PolicyChange))
