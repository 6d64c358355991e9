"""What hostile servers say of themselves in the table of a fleet, in every form."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from orthanc_state.errors import OrthancStateError, Problem, ProblemsError
from orthanc_state.fleet.plan import FleetPlan, ServerPlan
from orthanc_state.fleet.report import Done, FleetReport, ServerReport
from orthanc_state.render.fleet import FleetView, fleet_plan_view, fleet_report_view
from orthanc_state.render.fleet_markdown import fleet_markdown
from orthanc_state.render.fleet_text import fleet_lines
from orthanc_state.render.html import fleet_page
from orthanc_state.render.line import plain
from orthanc_state.render.markdown import LIMIT, SMALLEST_LIMIT
from tests.render.hostile import INVISIBLE, hostile_texts, plans, reports
from tests.render.test_html import assert_only_text
from tests.render.test_markdown import flat

OWN_HTML = re.compile(
    r"<!-- orthanc-state (plan|apply): [!-;=?-~]* -->\n?"
    r"|<details>\n<summary>[\w ,.;:()?-]*</summary>\n?"
    r"|</details>\n?"
)
# A forge finds no mention, reference or link in these.
OWN_WORDS = re.compile(r"[A-Za-z0-9_ ,.;:()·-]*")


def errors() -> st.SearchStrategy[OrthancStateError]:
    problems = st.builds(Problem, hostile_texts(), field=hostile_texts(), hint=hostile_texts())
    return st.one_of(
        st.builds(OrthancStateError, hostile_texts(), hint=hostile_texts()),
        st.builds(ProblemsError, hostile_texts(), st.lists(problems, max_size=2)),
    )


def planned() -> st.SearchStrategy[FleetPlan]:
    rows = st.one_of(
        st.builds(ServerPlan, hostile_texts(), hostile_texts(), plans()),
        st.builds(ServerPlan, hostile_texts(), hostile_texts(), error=errors()),
    )
    return st.builds(FleetPlan, hostile_texts(), st.lists(rows, min_size=1, max_size=2).map(tuple))


def applied() -> st.SearchStrategy[FleetReport]:
    rows = st.one_of(
        st.builds(ServerReport, hostile_texts(), hostile_texts(), st.just(Done.APPLIED), st.just(1), reports()),
        st.builds(
            ServerReport,
            hostile_texts(),
            hostile_texts(),
            st.sampled_from([Done.FAILED, Done.NOT_TRIED]),
            error=st.none() | errors(),
            reason=hostile_texts(),
        ),
    )
    return st.builds(
        FleetReport, st.lists(rows, min_size=1, max_size=2).map(tuple), st.integers(0, 3), stopped=hostile_texts()
    )


def assert_nothing_gets_out(view: FleetView, text: str) -> None:
    """What a server says is in code, and its table has the cells that it should have."""
    cells = 0
    for token in flat(text):
        if token.type == "text":
            assert OWN_WORDS.fullmatch(token.content), token.content
        elif token.type == "html_block":
            assert OWN_HTML.fullmatch(token.content), token.content
        else:
            assert token.type not in ("html_inline", "link_open", "image", "em_open", "s_open", "softbreak")
        cells += token.type == "td_open"
    assert cells == len(view.rows) * len(view.columns)
    # However a forge reads a backslash before a bar, there is no bar that is not ours.
    table = [line for line in text.splitlines() if line.startswith("| ")]
    assert all(line.count("|") == len(view.columns) + 1 for line in table[: len(view.rows) + 1])
    assert not INVISIBLE.search(text)


@settings(max_examples=20)
@given(st.one_of(planned().map(fleet_plan_view), applied().map(fleet_report_view)))
def test_nothing_of_a_hostile_fleet_gets_out(view: FleetView) -> None:
    text = fleet_markdown(view)
    assert len(text) <= LIMIT
    assert_nothing_gets_out(view, text)
    assert_only_text(fleet_page(view))
    for line in fleet_lines(view):
        assert not INVISIBLE.search(plain(line))
        assert "\n" not in plain(line)


def test_a_fleet_that_has_no_room_is_counted() -> None:
    rows = tuple(
        ServerPlan(f"s{number}", f"http://s{number}", error=OrthancStateError("x" * 90)) for number in range(500)
    )
    text = fleet_markdown(fleet_plan_view(FleetPlan("fleet.yaml", rows)), SMALLEST_LIMIT)
    assert len(text) <= SMALLEST_LIMIT
    left = re.search(r"There is no room for (\d+) more servers\.", text)
    assert left is not None
    assert text.count("\n| `s") + int(left[1]) == 500
