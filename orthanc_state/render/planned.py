"""Makes the model of a plan: what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.kinds.registry import all_kinds
from orthanc_state.planning.change import Action
from orthanc_state.planning.fields import field_changes
from orthanc_state.render.default import goes_without_saying
from orthanc_state.render.model import ChangeView, Count, EffectView, FieldView, PlanView, PolicyView
from orthanc_state.render.policy import effect_summaries, query_text
from orthanc_state.render.restart import restart_text
from orthanc_state.render.role import Role
from orthanc_state.render.value import change_texts, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.kinds.kind import Kind
    from orthanc_state.planning.change import Change, PolicyChange
    from orthanc_state.planning.fields import FieldChange
    from orthanc_state.planning.plan import Plan

_WORDS = {Action.CREATE: "to create", Action.UPDATE: "to update", Action.DELETE: "to delete"}


def plan_view(plan: Plan) -> PlanView:
    """What a plan shows."""
    return PlanView(
        server=plan.server,
        changes=tuple(map(change_view, plan.changes)),
        policies=tuple(map(policy_view, plan.by_policies)),
        counts=tuple(_counts(plan)),
        unchanged=plan.unchanged,
        unmanaged=plan.unmanaged,
        warnings=tuple(map(str, plan.warnings)),
        limits=plan.over_limits,
        notes=tuple(map(str, plan.notes)),
        restart=restart_text(plan.after_restart),
    )


def change_view(change: Change) -> ChangeView:
    """What one change shows."""
    kind = all_kinds()[change.kind]
    # A setting has one value, which needs no name of its own.
    single = change.action is Action.UPDATE and len(change.after or ()) == 1
    fields = [field for field in field_changes(change.before, change.after) if not goes_without_saying(field, change)]
    return ChangeView(
        Role(change.action),
        change.address,
        change.reason,
        tuple(_field_view(field, change.action, kind) for field in fields),
        single,
    )


def policy_view(change: PolicyChange) -> PolicyView:
    """What the change of one policy shows."""
    effects = tuple(
        EffectView(Role(effect.action), effect.text, effect.count, effect.examples)
        for effect in effect_summaries(change)
    )
    return PolicyView(change.address, query_text(change), change.selected, effects, Role(change.action))


def _counts(plan: Plan) -> Iterator[Count]:
    for action, words in _WORDS.items():
        if count := plan.count(action):
            yield Count(Role(action), count, f"{count} {words}")
    if policies := len(plan.by_policies):
        single = sum(change.count for change in plan.by_policies)
        what = "policy" if policies == 1 else "policies"
        yield Count(Role.UPDATE, single, f"{single:,} changes of resources by {policies} {what}")


def _field_view(field: FieldChange, action: Action, kind: Kind) -> FieldView:
    if action is Action.UPDATE:
        before, after = change_texts(field, kind)
    else:
        before = "" if action is Action.CREATE else value_text(field.before, kind)
        after = "" if action is Action.DELETE else value_text(field.after, kind)
    removed, added = ([value_text(item, kind) for item in items] for items in (field.removed, field.added))
    return FieldView(field.path, before, after, tuple(removed), tuple(added))
