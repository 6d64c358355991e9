"""Waves: how many servers are done after each, as it is written."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_state.fleet.waves import Waves, WavesError


@pytest.mark.parametrize(
    ("text", "count", "sizes"),
    [
        ("1,25%,100%", 10, [1, 2, 7]),
        ("1,25%,100%", 100, [1, 24, 75]),
        ("1,25%,100%", 3, [1, 2]),
        ("1,25%,100%", 1, [1]),
        ("1,25%,100%", 0, []),
        ("100%", 4, [4]),
        ("1, 3, 100 %", 4, [1, 2, 1]),
        ("50%,100%", 3, [2, 1]),
        ("5", 4, [4]),
    ],
)
def test_servers_are_split(text: str, count: int, sizes: list[int]) -> None:
    waves = Waves.parse(text).split(range(count))
    assert [len(wave) for wave in waves] == sizes
    assert [item for wave in waves for item in wave] == list(range(count))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "`` is neither a number of servers nor a share"),
        ("1,,3", "`` is neither"),
        ("0,100%", "`0` is neither"),
        ("101%", "`101%` is neither"),
        ("1.5", "`1.5` is neither"),
        ("-1", "`-1` is neither"),
        ("50%,25%", "do not grow: 25% comes after 50%"),
        ("3,3", "do not grow: 3 comes after 3"),
        ("all", "`all` is neither"),
    ],
)
def test_what_is_no_wave(text: str, message: str) -> None:
    with pytest.raises(WavesError) as caught:
        Waves.parse(text)
    assert message in caught.value.message
    assert "1,25%,100%" in caught.value.hint


def test_nobody_is_left_out_silently() -> None:
    with pytest.raises(WavesError) as caught:
        Waves.parse("1,50%").split(range(10))
    assert caught.value.message == "the waves 1,50% leave out 5 of 10 servers"
    assert caught.value.hint == "End them with 100%."


@given(shares=st.lists(st.integers(1, 99), unique=True), first=st.integers(1, 5), count=st.integers(0, 300))
def test_law_each_server_is_in_one_wave_in_order(shares: list[int], first: int, count: int) -> None:
    text = ",".join([str(first), *(f"{share}%" for share in sorted(shares)), "100%"])
    waves = Waves.parse(text).split(range(count))
    assert [item for wave in waves for item in wave] == list(range(count))
    assert all(waves)
    assert str(Waves.parse(text)) == text
    done = [sum(map(len, waves[:number])) for number in range(len(waves) + 1)]
    assert all(before < after for before, after in pairwise(done))
