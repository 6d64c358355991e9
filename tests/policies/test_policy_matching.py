"""What a policy matches: dates and ages as they are sent, and identifiers as they are kept."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orthanc_state.kinds.identifiers import Identifiers
from orthanc_state.kinds.match import evaluated, is_identifying, normalised, shown

TODAY = date(2026, 3, 31)


def sent(value: Any, today: date = TODAY, keyword: str = "StudyDate") -> str:
    """What the server is asked for."""
    return evaluated(normalised(keyword, value), today)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("20240131", "20240131"),
        ("2024-01-31", "20240131"),
        (20240131, "20240131"),
        (date(2024, 1, 31), "20240131"),
        (datetime(2024, 1, 31, 12), "20240131"),
        (date(987, 1, 2), "09870102"),
        ("20240101-20240131", "20240101-20240131"),
        ("2024-01-01-2024-01-31", "20240101-20240131"),
        ("20240101-2024-01-31", "20240101-20240131"),
        ("20240101-", "20240101-"),
        ("2024-01-01-", "20240101-"),
        ("-20240131", "-20240131"),
        ("-2024-01-31", "-20240131"),
        (["2024-01-31", 20240229], "20240131\\20240229"),
        ("2024-01-31\\20240229", "20240131\\20240229"),
        ({"from": "2024-01-01"}, "20240101-"),
        ({"to": date(2024, 1, 31)}, "-20240131"),
        ({"from": 20240101, "to": "2024-01-01"}, "20240101-20240101"),
    ],
)
def test_dates_and_ranges(value: Any, expected: str) -> None:
    assert sent(value) == expected


@pytest.mark.parametrize(
    ("keyword", "value", "expected"),
    [
        ("PatientID", "A*", "A*"),
        ("PatientID", 17, "17"),
        ("ModalitiesInStudy", ["CT", "MR"], "CT\\MR"),
        ("SeriesNumber", [1, "2"], "1\\2"),
        ("StudyTime", "1000-1200", "1000-1200"),
    ],
)
def test_what_is_no_date_is_sent_as_it_is(keyword: str, value: Any, expected: str) -> None:
    assert sent(value, keyword=keyword) == expected


@pytest.mark.parametrize(
    ("today", "age", "begins"),
    [
        ("2026-03-31", "5y", "20210331"),
        ("2026-03-31", "18m", "20240930"),
        ("2026-03-31", "6w", "20260217"),
        ("2026-03-31", "30d", "20260301"),
        # Months end on different days.
        ("2026-03-31", "1m", "20260228"),
        ("2024-03-31", "1m", "20240229"),
        ("2026-05-31", "3m", "20260228"),
        ("2026-12-31", "1m", "20261130"),
        ("2026-01-31", "1m", "20251231"),
        ("2026-01-15", "12m", "20250115"),
        ("2026-12-15", "12m", "20251215"),
        # Leap days
        ("2024-02-29", "1y", "20230228"),
        ("2024-02-29", "4y", "20200229"),
        ("2024-02-29", "12m", "20230228"),
        ("2024-03-01", "1d", "20240229"),
        ("2100-03-01", "1d", "21000228"),
        # Longer ago than DICOM, and than the calendar
        ("2026-03-31", "1500y", "05260331"),
        ("2026-03-31", "99999y", "00020101"),
        ("2026-01-01", "99999m", "00020101"),
        ("2026-03-31", "99999w", "01090824"),
    ],
)
def test_ages(today: str, age: str, begins: str) -> None:
    day = date.fromisoformat(today)
    if age == "99999w":
        begins = (day - timedelta(weeks=99999)).isoformat().replace("-", "")
    first = date.fromisoformat(f"{begins[:4]}-{begins[4:6]}-{begins[6:]}")
    assert sent({"newer_than": age}, day) == f"{begins}-"
    assert sent({"older_than": age}, day) == f"-{(first - timedelta(days=1)).isoformat().replace('-', '')}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"newer_than": "5y", "older_than": "1y"}, "20210331-20250330"),
        ({"newer_than": "5y", "from": "2022-01-01"}, "20220101-"),
        ({"newer_than": "5y", "from": "2020-01-01"}, "20210331-"),
        ({"older_than": "1y", "to": "2024-01-01"}, "-20240101"),
        ({"older_than": "1y", "to": "2026-01-01"}, "-20250330"),
    ],
)
def test_the_narrower_bound_decides(value: Any, expected: str) -> None:
    assert sent(value) == expected


AGES = st.tuples(st.integers(1, 99999), st.sampled_from("dwmy")).map(lambda age: f"{age[0]}{age[1]}")


def holds(text: str, day: date) -> bool:
    """Whether a day lies in a range, as DICOM reads it."""
    since, until = text.split("-")
    assert all(not bound or len(bound) == 8 for bound in (since, until))
    return (since or "0") <= day.isoformat().replace("-", "") <= (until or "99999999")


@given(st.dates(), AGES, st.dates() | st.integers(-3, 3))
@example(date(1, 1, 1), "99999d", 0)
@example(date(9999, 12, 31), "1d", 0)
def test_older_and_newer_than_the_same_age_are_all_days_and_no_day_is_both(
    today: date, age: str, day: date | int
) -> None:
    newer, older = sent({"newer_than": age}, today), sent({"older_than": age}, today)
    if isinstance(day, int):
        # Near the border
        digits = newer[:8]
        border = date.fromisoformat(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
        day = date.fromordinal(min(max(border.toordinal() + day, 1), date.max.toordinal()))
    assert holds(newer, day) is not holds(older, day)


@pytest.mark.parametrize(
    ("keyword", "identifying"),
    [
        ("PatientName", True),
        ("PatientID", True),
        ("OtherPatientIDs", True),
        ("PatientBirthDate", True),
        ("ReferringPhysicianName", True),
        ("AccessionNumber", True),
        ("StudyID", True),
        ("StudyDate", False),
        ("ModalitiesInStudy", False),
        ("InstitutionName", False),
    ],
)
def test_what_may_tell_who_somebody_is_is_not_shown(keyword: str, identifying: bool) -> None:
    assert is_identifying(keyword) is identifying
    assert shown(keyword, "A\\B") == ("(as in the document)" if identifying else "A, B")


def identifier(packed: bytes) -> str:
    """An identifier as Orthanc writes it."""
    return "-".join(packed.hex()[start : start + 8] for start in range(0, 40, 8))


ORTHANC_IDS = st.binary(min_size=20, max_size=20).map(identifier)


@given(st.lists(ORTHANC_IDS, max_size=30))
def test_identifiers_are_kept_each_once_and_in_order(ids: list[str]) -> None:
    packed = Identifiers.of(ids)
    assert list(packed) == sorted(set(ids))
    assert len(packed) == len(set(ids))
    assert all(each in packed for each in ids)
    assert "x" not in packed
    assert packed == Identifiers.of(reversed(ids))
    assert Identifiers.from_text(packed.text) == packed
    assert len(packed.text) <= 27 * len(packed) + 3
    assert repr(packed) == f"<{len(packed)} identifiers>"


@given(st.text(max_size=60))
def test_text_that_is_none_is_refused(text: str) -> None:
    with suppress(ValueError):
        assert len(Identifiers.from_text(text)) <= len(text) // 26


@pytest.mark.parametrize("damage", ["cut", "character", "longer", "not ASCII"])
def test_a_damaged_text_is_refused(damage: str) -> None:
    text = Identifiers.of([identifier(bytes([number] * 20)) for number in range(3)]).text
    damaged = {
        "cut": text[:-4],
        "character": f"{text[:5]}*{text[6:]}",
        "longer": text + "AAAA",
        "not ASCII": f"{text[:5]}é{text[6:]}",
    }[damage]
    with pytest.raises(ValueError, match=r"."):
        Identifiers.from_text(damaged)


@pytest.mark.parametrize("text", ["", "x", "1e4a3241", "1e4a3241-eddd6321-e325b68c-c611e697-a0a174eX", "00" * 21])
def test_what_is_no_identifier_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Identifiers.of([text])
