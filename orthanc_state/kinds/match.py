"""What a policy selects by: DICOM keywords with their values, checked and turned into what `/tools/find` takes."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from orthanc_state.kinds.hierarchy import INSTEAD, can_match, home

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthanc_state.kinds.hierarchy import LevelWord

WILDCARD_VRS = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UN", "UR", "UT"})
"""The value representations (DICOM PS3.5, 6.2) in which Orthanc takes wildcards."""

RELATIVE = ("older_than", "newer_than")
ABSOLUTE = ("from", "to")

_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})\Z")
_AGE = re.compile(r"([1-9][0-9]{0,4})(d|w|m|y)\Z")


class MatchError(ValueError):
    """A keyword or value that cannot be used.

    Attributes:
        message: What is wrong.
        expected: Words of which the nearest one may be meant.
    """

    def __init__(self, message: str, expected: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.expected = tuple(expected)


def check_keyword(keyword: str, level: LevelWord) -> None:
    """Refuse a keyword that does not exist, or never matches at this level.

    Raises:
        MatchError: With what to write instead.
    """
    if value_representation(keyword) is None:
        raise MatchError("no DICOM keyword (PS3.6)", keywords())
    if not can_match(keyword, level):
        instead = INSTEAD.get((keyword, level))
        hint = f"; `{instead}` does" if instead else f"; it belongs to the {home(keyword)}"
        raise MatchError(f"never matches at level {level}{hint}")


@cache
def value_representation(keyword: str) -> str | None:
    """The value representation of a keyword (DICOM PS3.6); None when there is no such keyword."""
    from pydicom.datadict import dictionary_VR, tag_for_keyword

    tag = tag_for_keyword(keyword)
    return None if tag is None else dictionary_VR(tag).partition(" ")[0]


@cache
def keywords() -> tuple[str, ...]:
    """All DICOM keywords (PS3.6)."""
    from pydicom._dicom_dict import DicomDictionary

    return tuple(entry[4] for entry in DicomDictionary.values() if entry[4])


def normalised(keyword: str, value: Any) -> Any:
    """A value in one of two forms: the text that is sent, or a mapping of `older_than`, `newer_than`, `from`, `to`.

    Raises:
        MatchError: It is malformed.
    """
    vr = value_representation(keyword)
    if isinstance(value, Mapping):
        return _range(vr, value)
    if isinstance(value, date):
        value = value.strftime("%Y%m%d")
    if isinstance(value, list | tuple):
        if not value:
            raise MatchError("an empty list matches nothing: leave the keyword out, or give values")
        parts = [_single(vr, item) for item in value]
        if vr == "DA" and any("-" in part for part in parts):
            raise MatchError("a list of dates cannot hold ranges")
        return "\\".join(parts)
    return _single(vr, value)


def evaluated(value: Any, today: date) -> str:
    """A normalised value as it is sent, with what is relative worked out.

    `older_than: 5y` is every day before this day five years ago, `newer_than: 5y` that day and every later one.
    """
    if isinstance(value, str):
        return value
    since, until = value.get("from", ""), value.get("to", "")
    if "newer_than" in value:
        since = max(since, _back(today, value["newer_than"]).strftime("%Y%m%d"))
    if "older_than" in value:
        latest = (_back(today, value["older_than"]) - timedelta(days=1)).strftime("%Y%m%d")
        until = min(until, latest) if until else latest
    return f"{since}-{until}"


def is_identifying(keyword: str) -> bool:
    """Whether a value of a keyword may tell who a patient is, and is not shown."""
    from pydicom.datadict import tag_for_keyword

    tag = tag_for_keyword(keyword) or 0
    return value_representation(keyword) == "PN" or tag >> 16 == 0x0010 or keyword in {"AccessionNumber", "StudyID"}


def shown(keyword: str, value: str) -> str:
    """What is asked for as people read it; what may tell who a patient is stays in the document."""
    return "(as in the document)" if is_identifying(keyword) else value.replace("\\", ", ")


def _single(vr: str | None, value: Any) -> str:
    if isinstance(value, bool) or value is None or not isinstance(value, str | int | float | date):
        raise MatchError("expected a text, a number, a list of them, or for a date {older_than: 5y}")
    text = value.strftime("%Y%m%d") if isinstance(value, date) else str(value)
    if not text:
        raise MatchError("an empty value matches everything: leave the keyword out")
    if "\\" in text and vr not in {"LT", "ST", "UT"} and any(not part for part in text.split("\\")):
        raise MatchError("an empty value in a list matches everything")
    if vr not in WILDCARD_VRS and ("*" in text or "?" in text):
        raise MatchError(f"Orthanc takes no wildcard here (value representation {vr})")
    return _dates(text) if vr == "DA" else text


def _dates(text: str) -> str:
    compact = _compact(text)
    if compact is not None:
        return compact
    if "\\" in text:
        return "\\".join(_required(part) for part in text.split("\\"))
    # `2024-01-01-2024-12-31` and `20240101-20241231`: the hyphen of the range is the middle one.
    for position in (match.start() for match in re.finditer("-", text)):
        since, until = text[:position], text[position + 1 :]
        if (not since or _compact(since)) and (not until or _compact(until)) and (since or until):
            first, last = _compact(since) or "", _compact(until) or ""
            if first and last and first > last:
                raise MatchError("the range ends before it begins")
            return f"{first}-{last}"
    raise MatchError(
        "expected a date (20240131 or 2024-01-31), a range (20240101-20241231), or {older_than: 5y}, {newer_than: 30d}"
    )


def _compact(text: str) -> str | None:
    """A date as DICOM writes it; None for what is no day of the calendar."""
    match = _DATE.match(text)
    if match is None:
        return None
    try:
        date(*map(int, match.groups()))
    except ValueError:
        return None
    return "".join(match.groups())


def _required(text: str) -> str:
    compact = _compact(text)
    if compact is None:
        raise MatchError("expected a date, such as 20240131 or 2024-01-31")
    return compact


def _range(vr: str | None, value: Mapping[str, Any]) -> dict[str, str]:
    if vr != "DA":
        raise MatchError("only a date takes a mapping")
    if not value:
        raise MatchError("expected older_than, newer_than, from or to")
    parts: dict[str, str] = {}
    for name, item in value.items():
        if name in RELATIVE:
            if not isinstance(item, str) or not _AGE.match(item):
                raise MatchError(f"`{name}` takes a time such as 30d, 6w, 18m or 5y")
            parts[name] = item
        elif name in ABSOLUTE:
            parts[name] = _required(item.strftime("%Y%m%d") if isinstance(item, date) else str(item))
        else:
            raise MatchError(f"`{name}` is none of older_than, newer_than, from, to", (*RELATIVE, *ABSOLUTE))
    if parts.get("from", "") > parts.get("to", "9"):
        raise MatchError("the range ends before it begins")
    return parts


def _back(today: date, age: str) -> date:
    """The day that is so long ago; 31 March less one month is the last day of February."""
    match = _AGE.match(age)
    if match is None:
        raise MatchError(f"`{age}` is no time such as 30d, 6w, 18m or 5y")
    number, unit = int(match[1]), match[2]
    if unit in "dw":
        days = number * (7 if unit == "w" else 1)
        return today - timedelta(days=min(days, (today - date.min).days - 1))
    months = today.year * 12 + today.month - 1 - number * (12 if unit == "y" else 1)
    year, month = max(months // 12, 1), months % 12 + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))
