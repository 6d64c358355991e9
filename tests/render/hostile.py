"""Any number of plans and reports as a hostile server may make them."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

from orthanc_state.errors import Problem
from orthanc_state.execution.report import Outcome, Report, Result
from orthanc_state.execution.tally import Tally
from orthanc_state.kinds.effect import Effect, Verb
from orthanc_state.kinds.live import Server
from orthanc_state.kinds.state import Hidden
from orthanc_state.planning.change import Action, Change, PolicyChange
from orthanc_state.planning.fields import FieldChange
from orthanc_state.planning.plan import Plan
from tests.render.samples import STUDIES, SYNTAXES, change

_VISIBLE = r"""
` ``` ~~~ | \ &lt; &#64; <!-- --> -- ]]> * _ ' " # - / $x$ @octocat @all #12 !7 /close é 😀
<script>alert(1)</script> <img/src=x> </details> </table> </style> </pre></code> <http://evil.example>
[x](http://evil.example) ![x](http://evil.example) http://evil.example www.evil.example a@evil.example
"""

HOSTILE = (
    *_VISIBLE.split(),
    *("\r\n", "\n\n", "    ", "\x1b[31m"),
    *"\n\t\u202e\u2066\u061c\u200b\u2028\ufeff\x00\x85\ud800\U000e0041",
)
"""What breaks out of something, calls somebody, or misleads who reads it."""

INVISIBLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    r"\U000e0000-\U000e0fff]"
)
"""What must be in no output: it is not seen, or turns what is."""


def hostile_texts() -> st.SearchStrategy[str]:
    """Texts as a hostile server may hold them."""
    pieces = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=6), st.sampled_from("`~|<>").map(lambda c: c * 450))
    return st.lists(pieces, max_size=6).map("".join)


def _values() -> st.SearchStrategy[Any]:
    hidden = st.builds(Hidden, st.none() | st.just("x"), st.booleans())
    single = st.one_of(hostile_texts(), st.booleans(), st.none(), hidden)
    return single | st.lists(hostile_texts(), max_size=3, unique=True).map(tuple)


@st.composite
def _changes(draw: st.DrawFn) -> Change:
    action = draw(st.sampled_from(Action))
    kind = draw(st.sampled_from(["modalities", "peers", "logging", SYNTAXES, "metrics"]))
    states = st.dictionaries(hostile_texts(), _values(), max_size=4)
    before = None if action is Action.CREATE else draw(states)
    after = None if action is Action.DELETE else draw(states)
    return change(action, kind, draw(hostile_texts()), before, after, reason=draw(st.just("") | hostile_texts()))


@st.composite
def _policy_changes(draw: st.DrawFn) -> PolicyChange:
    text = hostile_texts()
    effects = st.builds(Effect, st.sampled_from(Verb), text, text, st.just(STUDIES))
    return PolicyChange(
        "policies",
        draw(text),
        "policies/" + draw(text),
        "study",
        {"StudyDescription": draw(text)},
        draw(st.integers(0, 10**7)),
        tuple(draw(st.lists(effects, max_size=3))),
        {},
    )


def servers() -> st.SearchStrategy[Server]:
    """Servers that say anything of themselves."""
    return st.builds(Server, hostile_texts(), hostile_texts(), hostile_texts())


def plans() -> st.SearchStrategy[Plan]:
    """Plans for hostile servers."""
    addresses = st.lists(hostile_texts(), max_size=4).map(tuple)
    problems = st.builds(Problem, hostile_texts(), field=hostile_texts(), hint=hostile_texts())
    return st.builds(
        Plan,
        servers(),
        st.lists(_changes(), max_size=5).map(tuple),
        addresses,
        addresses,
        st.lists(_policy_changes(), max_size=2).map(tuple),
        st.lists(problems, max_size=3).map(tuple),
    )


def reports() -> st.SearchStrategy[Report]:
    """Reports of hostile servers."""
    text = hostile_texts()
    lists = st.lists(text, max_size=2).map(tuple)
    differences = st.builds(FieldChange, text, _values(), _values(), lists, lists)
    outcomes = st.sampled_from(Outcome)
    failures = st.dictionaries(
        text, st.tuples(st.integers(1, 9999), st.lists(text, min_size=1, max_size=3)), max_size=2
    )
    tallies = st.builds(Tally, st.integers(0, 9), failures=failures)
    found = st.none() | st.dictionaries(text, _values(), max_size=4)
    results = st.builds(Result, _changes(), outcomes, text, found, st.lists(differences, max_size=3).map(tuple))
    policies = st.builds(Result, _policy_changes(), outcomes, text, tally=tallies)
    return st.builds(Report, servers(), st.lists(results | policies, max_size=5).map(tuple), st.booleans())
