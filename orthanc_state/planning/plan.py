"""Everything that an apply will do, and what it will leave alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orthanc_state.document.safety import Limits
from orthanc_state.kinds.effect import Verb
from orthanc_state.planning.change import Action
from orthanc_state.planning.durability import Fate, fates
from orthanc_state.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthanc_state.errors import Problem
    from orthanc_state.kinds.kind import Context
    from orthanc_state.kinds.live import Server
    from orthanc_state.kinds.policy import Policy
    from orthanc_state.planning.change import Change, PolicyChange

_LOST = {
    Verb.REMOVE_LABEL: "would lose the label {key}",
    Verb.REMOVE_METADATA: "would lose the metadata {key}",
    Verb.UNPROTECT: "would lose their protection",
}


@dataclass(frozen=True, slots=True)
class Plan(Shown):
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
        limits: How much it may take away without being told so.
        existing: How many resources of each kind the server has, by the name of the kind.
        document: What tells the document from another one (`Document.digest`); empty for one that is no file.
        files: The names of the document's files.
        notes: What a rollback cannot undo, and why; for a plan of a document there are none.
        switches: What is known of the switches of the server's configuration that decide what a restart keeps, by
            their names in `orthanc.json`.
    """

    server: Server
    changes: tuple[Change, ...]
    unchanged: tuple[str, ...]
    unmanaged: tuple[str, ...]
    by_policies: tuple[PolicyChange, ...] = ()
    warnings: tuple[Problem, ...] = ()
    context: Context | None = field(default=None, repr=False)
    policies: tuple[Policy, ...] = field(default=(), repr=False)
    limits: Limits = field(default_factory=Limits)
    existing: Mapping[str, int] = field(default_factory=dict)
    document: str = ""
    files: tuple[str, ...] = ()
    notes: tuple[Problem, ...] = ()
    switches: Mapping[str, bool] = field(default_factory=dict)

    @property
    def read_with(self) -> Context:
        """How the kinds read back what was written.

        Raises:
            ValueError: This plan was put together without it, and cannot be applied.
        """
        if self.context is None:
            raise ValueError("this plan does not say how it is read back")
        return self.context

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

    @property
    def after_restart(self) -> Mapping[Fate, Mapping[str, int]]:
        """What a restart does to what is changed: for each fate the names of the kinds, and how many changes each."""
        counts: dict[str, int] = {}
        for kind in [*(change.kind for change in self.changes), *(change.kind for change in self.by_policies)]:
            counts[kind] = counts.get(kind, 0) + 1
        return {fate: {kind: counts[kind] for kind in kinds} for fate, kinds in fates(counts, self.switches).items()}

    @property
    def taken_away(self) -> int:
        """How much it takes away: resources that it deletes, and labels, metadata and protections that it removes."""
        effects = (effect for change in self.by_policies for effect in change.effects if effect.verb.takes_away)
        return self.count(Action.DELETE) + sum(len(effect.resources) for effect in effects)

    @property
    def over_limits(self) -> tuple[str, ...]:
        """What it takes away beyond its limits, a sentence each; an apply refuses it unless it is allowed to."""
        return tuple(self._over_limits())

    def _over_limits(self) -> Iterator[str]:
        deleted: dict[str, int] = {}
        for change in self.changes:
            if change.action is Action.DELETE:
                deleted[change.kind] = deleted.get(change.kind, 0) + 1
        for kind, count in deleted.items():
            existing = self.existing.get(kind, count)
            if self.limits.exceeded(count, existing):
                yield f"{count} of {existing} {kind} would be deleted"
        for by_policy in self.by_policies:
            for effect in by_policy.effects:
                count = len(effect.resources)
                if effect.verb.takes_away and self.limits.exceeded(count, max(by_policy.selected, count)):
                    words = _LOST[effect.verb].format(key=effect.key)
                    yield f"{by_policy.address}: {count:,} resources {words}"
