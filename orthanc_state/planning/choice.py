"""Which changes of a plan are chosen: none without those that it needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orthanc_state.planning.change import Change, PolicyChange
    from orthanc_state.planning.plan import Plan


class Choice:
    """Some of the changes of a plan; all of them to begin with.

    Args:
        plan: The plan.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        changes: list[Change | PolicyChange] = [*plan.changes, *plan.by_policies]
        self._changes = {change.address: change for change in changes}
        self._chosen = set(self._changes)

    def __contains__(self, address: str) -> bool:
        return address in self._chosen

    def __len__(self) -> int:
        return len(self._chosen)

    @property
    def is_everything(self) -> bool:
        """Whether every change is chosen."""
        return len(self._chosen) == len(self._changes)

    def choose(self, address: str) -> None:
        """Choose a change, and what it depends on."""
        waiting = [address]
        while waiting:
            each = waiting.pop()
            if each in self._changes and each not in self._chosen:
                self._chosen.add(each)
                waiting += self._changes[each].depends_on

    def leave(self, address: str) -> None:
        """Leave a change out, and what depends on it."""
        waiting = [address]
        while waiting:
            each = waiting.pop()
            if each in self._chosen:
                self._chosen.discard(each)
                waiting += [other for other in self._chosen if each in self._changes[other].depends_on]

    def choose_all(self, *, on: bool) -> None:
        """Choose every change, or none."""
        self._chosen = set(self._changes) if on else set()

    @property
    def narrowed(self) -> Plan:
        """The plan of what is chosen."""
        if self.is_everything:
            return self.plan
        by_policies = tuple(change for change in self.plan.by_policies if change.address in self._chosen)
        names = {change.name for change in by_policies}
        return replace(
            self.plan,
            changes=tuple(change for change in self.plan.changes if change.address in self._chosen),
            by_policies=by_policies,
            policies=tuple(policy for policy in self.plan.policies if policy.name in names),
        )
