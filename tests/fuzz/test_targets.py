"""Random bytes, and what is valid with something cut out, put in or put elsewhere: no crash, whatever is read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, attempt

PIECES = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b": ",
        b"- ",
        b"!",
        b"&a ",
        b"*a",
        b"<<: ",
        b"\x00",
        b"\xff",
        b"\t",
        b"\n",
        b"'",
        b'"',
        b"#",
    ]
)


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """A text with a few of its parts changed."""
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(content)))
        end = min(len(content), begin + draw(st.integers(0, 8)))
        content = content[:begin] + draw(st.binary(max_size=4) | PIECES) + content[end:]
    return content


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_is_read_is_read_or_refused(name: str) -> None:
    @settings(max_examples=150)
    @given(st.binary(max_size=200) | mutations(TARGETS[name][1]))
    def law(content: bytes) -> None:
        attempt(name, content)

    law()


@pytest.mark.parametrize("name", ["document", "inventory", "configuration"])
def test_what_the_mutations_begin_with_is_read(name: str) -> None:
    read, content = TARGETS[name]
    assert read(content)
