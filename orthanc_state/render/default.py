"""What a change need not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.kinds.registry import all_kinds
from orthanc_state.planning.change import Action

if TYPE_CHECKING:
    from orthanc_state.planning.change import Change
    from orthanc_state.planning.fields import FieldChange


def goes_without_saying(field: FieldChange, change: Change) -> bool:
    """Whether a field of what is created or deleted is as Orthanc has it by itself."""
    if change.action is Action.UPDATE:
        return False
    value = field.after if change.action is Action.CREATE else field.before
    defaults = all_kinds()[change.kind].defaults()
    return value is None or (field.path in defaults and value == defaults[field.path])
