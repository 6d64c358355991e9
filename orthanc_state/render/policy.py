"""What a policy changes, as it is shown: counts and a few examples, never a page of identifiers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from orthanc_state.kinds.effect import Verb
from orthanc_state.kinds.match import shown

if TYPE_CHECKING:
    from orthanc_state.planning.change import PolicyChange

EXAMPLES = 3
"""How many resources are named for each effect."""

_WORDS = {
    Verb.ADD_LABEL: "label {key}",
    Verb.REMOVE_LABEL: "label {key}",
    Verb.SET_METADATA: "metadata {key}: {value}",
    Verb.REMOVE_METADATA: "metadata {key}",
    Verb.PROTECT: "protected from recycling",
    Verb.UNPROTECT: "protected from recycling",
}


@dataclass(frozen=True, slots=True)
class EffectSummary:
    """One thing that is done to many resources.

    Attributes:
        verb: What is done.
        key: The label, or the name of the metadata.
        value: What the metadata is set to, as the document has it: with the names of tags, not with their values.
        count: How many resources it is done to.
        examples: A few of them.
    """

    verb: Verb
    key: str
    value: str
    count: int
    examples: tuple[str, ...]

    @property
    def text(self) -> str:
        """What is done, in words."""
        return _WORDS[self.verb].format(key=self.key, value=self.value)

    @property
    def action(self) -> str:
        """Whether it brings, changes or takes away: `create`, `update`, `delete`."""
        if self.verb.takes_away:
            return "delete"
        return "update" if self.verb is Verb.SET_METADATA else "create"


def effect_summaries(change: PolicyChange) -> list[EffectSummary]:
    """The effects of a policy; those that set one metadata to different values are one."""
    found: dict[tuple[Verb, str], EffectSummary] = {}
    for effect in change.effects:
        before = found.get((effect.verb, effect.key))
        examples = before.examples if before else ()
        found[effect.verb, effect.key] = EffectSummary(
            effect.verb,
            effect.key,
            change.templates.get(effect.key, "") if effect.verb is Verb.SET_METADATA else "",
            len(effect.resources) + (before.count if before else 0),
            (*examples, *islice(effect.resources, EXAMPLES - len(examples))),
        )
    return list(found.values())


def query_text(change: PolicyChange) -> str:
    """What a policy selects, in words."""
    parts = [f"{keyword} {shown(keyword, value)}" for keyword, value in change.query.items()]
    return f"{change.level}: {'; '.join(parts) or 'all'}"
