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

LONGEST_NUMBER = 10**100
"""A number from here on is none that anybody wrote, and Python refuses to write out much longer ones."""

_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})\Z")
AGE = r"([1-9][0-9]{0,4})(d|w|m|y)"
"""What a length of time looks like."""

_AGE = re.compile(rf"{AGE}\Z")


EARLIEST = date(2, 1, 1)
"""What is older than all of DICOM is so long ago."""


class MatchError(ValueError):
    """A keyword or value that cannot be used.

    Attributes:
        message: What is wrong.
        expected: Words of which the nearest one may be meant.
        path: Where in a list or mapping it stands.
    """

    def __init__(self, message: str, expected: Sequence[str] = (), path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.expected = tuple(expected)
        self.path = path

    def within(self, key: str | int) -> MatchError:
        """The same, with where it stands."""
        return MatchError(self.message, self.expected, (key, *self.path))


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

    # Retired elements without a name have the empty text for their keyword.
    tag = tag_for_keyword(keyword) if keyword else None
    return None if tag is None else dictionary_VR(tag).partition(" ")[0]


@cache
def keywords() -> tuple[str, ...]:
    """All DICOM keywords (PS3.6)."""
    from pydicom.datadict import keyword_dict

    return tuple(keyword for keyword in keyword_dict if keyword)


def normalised(keyword: str, value: Any) -> Any:
    """A value in one of two forms: the text that is sent, or a mapping of `older_than`, `newer_than`, `from`, `to`.

    Raises:
        MatchError: It is malformed.
    """
    vr = value_representation(keyword)
    if isinstance(value, Mapping):
        return _range(vr, value)
    if isinstance(value, list | tuple):
        if not value:
            raise MatchError("an empty list matches nothing: leave the keyword out, or give values")
        return "\\".join(_listed(vr, index, item) for index, item in enumerate(value))
    return _single(vr, value)


def evaluated(value: Any, today: date) -> str:
    """A normalised value as it is sent, with what is relative worked out.

    `older_than: 5y` is every day before this day five years ago, `newer_than: 5y` that day and every later one.
    """
    if isinstance(value, str):
        return value
    since, until = value.get("from", ""), value.get("to", "")
    if "newer_than" in value:
        since = max(since, _digits(_back(today, value["newer_than"])))
    if "older_than" in value:
        latest = _digits(_back(today, value["older_than"]) - timedelta(days=1))
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


def _listed(vr: str | None, index: int, item: Any) -> str:
    try:
        part = _single(vr, item)
        if vr == "DA" and "-" in part:
            raise MatchError("a list of dates cannot hold ranges")
    except MatchError as error:
        raise error.within(index) from None
    return part


def _single(vr: str | None, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | date):
        raise MatchError("expected a text, a number, a list of them, or for a date {older_than: 5y}")
    text = _text(value)
    if not text:
        raise MatchError("an empty value matches everything: leave the keyword out")
    if "\\" in text and vr not in {"LT", "ST", "UT"} and any(not part for part in text.split("\\")):
        raise MatchError("an empty value in a list matches everything")
    if vr not in WILDCARD_VRS and ("*" in text or "?" in text):
        raise MatchError(f"Orthanc takes no wildcard here (value representation {vr})")
    return _dates(text) if vr == "DA" else text


def _text(value: Any) -> str:
    """A value as a text, where it is sure which one was meant."""
    if isinstance(value, date):
        return _digits(value)
    if isinstance(value, float):
        # 1.10 has lost its last digit already.
        raise MatchError("a number with a point may have lost digits: quote it")
    if isinstance(value, int) and abs(value) >= LONGEST_NUMBER:
        raise MatchError("a number of so many digits: quote it")
    text = str(value)
    if not is_unicode(text):
        raise MatchError("half of a character (a lone surrogate)")
    return text


def is_unicode(text: str) -> bool:
    """Whether a text can be sent at all: half of a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _digits(day: date) -> str:
    """A day as DICOM writes it; `strftime` leaves out zeros before the year 1000."""
    return day.isoformat()[:10].replace("-", "")


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
        try:
            parts[name] = _bound(name, item)
        except MatchError as error:
            raise error.within(name) from None
    if parts.get("from", "") > parts.get("to", "9"):
        raise MatchError("the range ends before it begins")
    return parts


def _bound(name: str, item: Any) -> str:
    if name in RELATIVE:
        if not isinstance(item, str) or not _AGE.match(item):
            raise MatchError(f"`{name}` takes a time such as 30d, 6w, 18m or 5y")
        return item
    if name in ABSOLUTE:
        return _required(_text(item))
    raise MatchError(f"expected {', '.join((*RELATIVE, *ABSOLUTE))}", (*RELATIVE, *ABSOLUTE))


def _back(today: date, age: str) -> date:
    """The day that is so long ago; 31 March less one month is the last day of February."""
    match = _AGE.match(age)
    if match is None:
        raise MatchError(f"`{age}` is no time such as 30d, 6w, 18m or 5y")
    number, unit = int(match[1]), match[2]
    if unit in "dw":
        days = number * (7 if unit == "w" else 1)
        return today - timedelta(days=min(days, (today - EARLIEST).days))
    year, month = divmod(today.year * 12 + today.month - 1 - number * (12 if unit == "y" else 1), 12)
    if year < EARLIEST.year:
        return EARLIEST
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
