"""The JSON Schema of what a policy selects by: DICOM keywords with their values."""

from __future__ import annotations

from typing import Any

from orthanc_state.kinds.hierarchy import LEVELS, home, main_tags
from orthanc_state.kinds.json_schema import definition, use
from orthanc_state.kinds.match import AGE, WILDCARD_VRS, value_representation

_TEXT = {"type": "string", "minLength": 1}
_EXACT = {"type": "string", "pattern": r"^[^*?]+$", "patternErrorMessage": "Orthanc takes no wildcard here."}
_NUMBER = {"type": "integer"}
_AGE = {"type": "string", "pattern": f"^{AGE}$", "patternErrorMessage": "A time such as 30d, 6w, 18m or 5y."}
_DAY = {"anyOf": [_EXACT, _NUMBER]}
_RANGE = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        "older_than": {**_AGE, "description": "Longer ago than this: 30d, 6w, 18m or 5y."},
        "newer_than": {**_AGE, "description": "Not longer ago than this: 30d, 6w, 18m or 5y."},
        "from": {**_DAY, "description": "The first day: 20240101 or 2024-01-01."},
        "to": {**_DAY, "description": "The last day: 20241231 or 2024-12-31."},
    },
    "additionalProperties": False,
}


def _value(single: dict[str, Any], *others: dict[str, Any]) -> list[dict[str, Any]]:
    return [single, _NUMBER, {"type": "array", "minItems": 1, "items": {"anyOf": [single, _NUMBER]}}, *others]


_TEXTS = definition("MatchedText", description="Texts, with wildcards.", anyOf=_value(_TEXT))
_EXACTLY = definition("MatchedExactly", description="Texts, without wildcards.", anyOf=_value(_EXACT))
_DATES = definition("MatchedDate", description="Dates and ranges of dates.", anyOf=_value(_EXACT, _RANGE))
_ANY = definition("Matched", description="The value of any keyword.", anyOf=_value(_TEXT, _RANGE))


def match_schema() -> dict[str, Any]:
    """The mapping of keywords: those that Orthanc indexes by name, so that editors offer them, and any other."""
    return {
        "type": "object",
        "properties": {keyword: _of(keyword) for level in LEVELS for keyword in main_tags(level)},
        "propertyNames": {"pattern": "^[A-Za-z][A-Za-z0-9]*$", "patternErrorMessage": "This is no DICOM keyword."},
        "additionalProperties": _ANY,
    }


def _of(keyword: str) -> dict[str, Any]:
    from pydicom.datadict import dictionary_description

    vr = value_representation(keyword)
    values = _DATES if vr == "DA" else _TEXTS if vr in WILDCARD_VRS else _EXACTLY
    return use(values, description=f"{dictionary_description(keyword)} ({vr}), of the {home(keyword)}.")
