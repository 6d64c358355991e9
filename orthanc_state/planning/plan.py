"""Everything that an apply will do, and what it will leave alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orthanc_state.planning.change import Action

if TYPE_CHECKING:
    from orthanc_state.errors import Problem
    from orthanc_state.kinds.kind import Context
    from orthanc_state.kinds.live import Server
    from orthanc_state.planning.change import Change


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
    """

    server: Server
    changes: tuple[Change, ...]
    unchanged: tuple[str, ...]
    unmanaged: tuple[str, ...]
    warnings: tuple[Problem, ...] = ()
    context: Context | None = field(default=None, repr=False)

    @property
    def empty(self) -> bool:
        """Whether the server is in sync."""
        return not self.changes

    def count(self, action: Action) -> int:
        """How many changes are of one sort."""
        return sum(change.action is action for change in self.changes)
