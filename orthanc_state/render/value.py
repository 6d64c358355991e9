"""Values as people read them, not yet escaped for a medium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.kinds.state import Hidden

if TYPE_CHECKING:
    from orthanc_state.kinds.kind import Kind
    from orthanc_state.kinds.state import Value
    from orthanc_state.planning.fields import FieldChange


def value_text(value: Value, kind: Kind) -> str:
    """One value on one line; a secret is never more than the word."""
    if isinstance(value, Hidden):
        return _hidden(value)
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(value_text(item, kind) for item in value) or "none"
    text = kind.label(value) if isinstance(value, str) else str(value)
    return text if text and text == text.strip() else f'"{text}"'


def change_texts(field: FieldChange, kind: Kind) -> tuple[str, str]:
    """A value, and what it becomes."""
    before, after = field.before, field.after
    if isinstance(before, Hidden) and isinstance(after, Hidden):
        if before.digest is None:
            return f"{_hidden(before)}, not known to be this one", _hidden(after)
        return _hidden(before), f"another {_hidden(after).strip('()')}"
    if isinstance(before, tuple) and isinstance(after, tuple):
        return str(len(before)), str(len(after))
    return value_text(before, kind), value_text(after, kind)


def value_data(value: Any) -> Any:
    """A value as JSON has it; a secret is never more than the word."""
    if isinstance(value, Hidden):
        return _hidden(value)
    if isinstance(value, tuple):
        return [value_data(item) for item in value]
    return value


def _hidden(value: Hidden) -> str:
    return "(secret)" if value.secret else "(not readable)"
