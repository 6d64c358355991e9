"""Comments for a pull request: what they say, that they fit, and that nothing of a server gets out of them."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from orthanc_state.planning.change import Action
from orthanc_state.planning.plan import Plan
from orthanc_state.render.code import LONGEST_SPAN, clipped, fence, span
from orthanc_state.render.markdown import LIMIT, SMALLEST_LIMIT, plan_markdown, report_markdown
from orthanc_state.render.planned import plan_view
from orthanc_state.render.reported import report_view
from tests.render.hostile import INVISIBLE, hostile_texts, plans, reports
from tests.render.samples import (
    CHANGES,
    IN_SYNC,
    PLAN,
    POLICY,
    REPORT,
    SERVER,
    WARNING,
    change,
)

if TYPE_CHECKING:
    from markdown_it.token import Token

    from orthanc_state.execution.report import Report

PLAN_COMMENT = """\
<!-- orthanc-state plan: http://localhost:8042 -->

### Orthanc `ward7` · 1 to create, 6 to update, 1 to delete, 1,203 changes of resources by 1 policy

Version `1.12.7` at `http://localhost:8042`, 2 unchanged.

**Warnings**

```
  site.yaml:4:7 modalities.ct1: the AE title CT1 is declared twice (name it once)
```

```diff
+ modalities/ct1
+     aet   CT1
+     host  10.0.0.9
+     port  104
! modalities/pacs
!     host               10.0.0.5 → " h "
!     port               104 → 11112
!     allow_transcoding  true → false
! peers/backup
!     password            (secret) → another secret
!     http_headers.X-Key  (secret), not known to be this one → (secret)
!     http_headers.X-Old  (secret) → none
! logging/dicom: default → verbose
! logging/http: default → trace  (set again after logging/all)
! metrics: true → false
! dicom/accepted_transfer_syntaxes: 3 → 2
-     ExplicitVRLittleEndian
-     1.2.3.4
+     JPEGBaseline8Bit
- modalities/old-workstation
-     aet      OLD
-     host     10.0.0.5
-     port     104
-     timeout  30
! policies/archive  (study: ModalitiesInStudy CT; PatientName (as in the document); 3,000 selected)
+     label archive                     1,200
-     label inbox                       2
!     metadata site: {InstitutionName}  1
```

<details>
<summary>Examples of what policies change</summary>

```
  policies/archive: + label archive
    00000000-00000000-00000000-00000000-00000000
    00000001-00000000-00000000-00000000-00000000
    00000002-00000000-00000000-00000000-00000000
    … 1,197 more
  policies/archive: - label inbox
    00000000-00000000-00000000-00000000-00000000
    00000001-00000000-00000000-00000000-00000000
  policies/archive: ~ metadata site: {InstitutionName}
    00000000-00000000-00000000-00000000-00000000
```

</details>

<details>
<summary>11 left alone, since not declared</summary>

```
  peers/p0
  peers/p1
  peers/p2
  peers/p3
  peers/p4
  peers/p5
  peers/p6
  peers/p7
  peers/p8
  peers/p9
  peers/p10
```

</details>

Lost at the next restart, unless the configuration file says the same: logging (2), metrics, dicom.accepted_tr\
ansfer_syntaxes; kept: policies; not known: modalities (3), \
peers (say `assume: {modalities_in_database: true, peers_in_database: true}` if it is so).
"""

REPORT_COMMENT = """\
<!-- orthanc-state apply: http://localhost:8042 -->

### Orthanc `ward7` · applied 4 of 16; 1 already so; 6 changed since the plan and left alone; 3 failed; 2 not tried

Version `1.12.7` at `http://localhost:8042`.

What has changed needs a new plan; then a second apply takes up what is left.

**Not applied**

```diff
! modalities/pacs  failed: the server did not take all of what was sent
!     port: sent 11112, found 104
!     host: sent " h ", found 10.0.0.5
! dicom/accepted_transfer_syntaxes  failed: the server did not take all of what was sent
!     JPEGBaseline8Bit was sent and is not there
!     1.2.3.4 is there and was not sent
! modalities/pacs  not written: the server has changed since the plan; nothing was sent
!     host: planned from 10.0.0.5, is 10.0.0.5, was to be " h "
!     port: planned from 104, is 105, was to be 11112
!     allow_transcoding: planned from true, is true, was to be false
!     timeout: planned from 0, is 10, was to be 0
! peers/backup  not written: the server has changed since the plan; nothing was sent
!     password: planned from (secret), is another secret, was to be another secret
!     http_headers.X-Key: planned from (secret), is none, was to be (secret)
!     http_headers.X-Old: planned from (secret), is none, was to be none
! dicom/accepted_transfer_syntaxes  not written: the server has changed since the plan; nothing was sent
!     value: planned from 3, is 2, was to be 2
!     1.2.5 has come in since the plan
!     ExplicitVRLittleEndian has gone since the plan
!     1.2.3.4 has gone since the plan
! modalities/old-workstation  not written: the server has changed since the plan; nothing was sent
!     aet: planned from OLD, is PACS
!     port: planned from 104, is 1
!     timeout: planned from 30, is 0
! modalities/ct1  not written: the server has changed since the plan; nothing was sent
!     it is there by now
!     aet: is PACS, was to be CT1
!     host: is 10.0.0.5, was to be 10.0.0.9
! modalities/pacs  not written: the server has changed since the plan; nothing was sent
!     it is not there any more
! logging/dicom  not tried: it needs logging/all, which failed
! policies/archive  700 done, 501 failed
!     500 failed: 404 Not Found  a, b, c, …
!     1 failed: 409  d
! policies/archive  not tried: interrupted
```

<details>
<summary>In force: 5</summary>

```diff
+ modalities/ct1  created
! metrics  updated
- modalities/old-workstation  deleted
# logging/http  already so
! policies/archive  1,200 done, 3 already so
```

</details>
"""


def test_a_plan() -> None:
    assert plan_markdown(plan_view(PLAN)) == PLAN_COMMENT


def test_a_report() -> None:
    assert report_markdown(report_view(REPORT)) == REPORT_COMMENT


def test_a_plan_of_a_server_that_is_in_sync() -> None:
    assert plan_markdown(plan_view(IN_SYNC)).splitlines()[2:] == [
        "### Orthanc `ward7` · in sync: nothing to change",
        "",
        "Version `1.12.7` at `http://localhost:8042`, 1 unchanged.",
    ]


def test_limits_and_notes_stand_before_the_changes() -> None:
    view = dataclasses.replace(plan_view(PLAN), limits=("9 of 9 go",), notes=("no secret is known",))
    text = plan_markdown(view)
    assert text.index("**Needs `--allow-deletes`**\n\n```\n  9 of 9 go\n```") < text.index("```diff")
    assert text.index("**Cannot be undone**\n\n```\n  no secret is known\n```") < text.index("```diff")


# What the kit itself says outside of code. A forge finds no mention, reference or link in these.
OWN_WORDS = re.compile(r"[A-Za-z0-9 ,.;:·()_-]*")
OWN_HTML = re.compile(
    r"<!-- orthanc-state (plan|apply): [!-;=?-~]* -->\n"
    r"|<details>\n<summary>[A-Za-z0-9 ,.:-]*</summary>\n"
    r"|</details>\n"
)
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def flat(text: str) -> list[Token]:
    """Every token, those within lines too."""
    return [each for token in PARSER.parse(text) for each in (token, *(token.children or ()))]


def assert_nothing_gets_out(text: str) -> None:
    """What a server says is in code, and nowhere else."""
    tokens = flat(text)
    kinds = {token.type for token in tokens}
    assert kinds <= {
        *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text", "code_inline"),
        *("fence", "html_block", "strong_open", "strong_close"),
    }
    for token in tokens:
        if token.type == "text":
            assert OWN_WORDS.fullmatch(token.content), token.content
        if token.type == "html_block":
            assert OWN_HTML.fullmatch(token.content), token.content
        if token.type == "fence":
            assert token.info in ("", "diff")
            signs = r"[+!#-] " if token.info else "  "
            assert all(re.match(signs, line) for line in token.content.splitlines())
    assert sum(token.content.startswith("<details>") for token in tokens) == text.count("\n</details>\n")
    assert not INVISIBLE.search(text)


@settings(max_examples=50)
@given(plans())
def test_nothing_of_a_hostile_plan_gets_out(plan: Plan) -> None:
    view = plan_view(plan)
    text = plan_markdown(dataclasses.replace(view, limits=view.unchanged, notes=view.unmanaged))
    assert_nothing_gets_out(text)
    assert len(text) <= LIMIT


@settings(max_examples=50)
@given(reports())
def test_nothing_of_a_hostile_report_gets_out(report: Report) -> None:
    text = report_markdown(report_view(report))
    assert_nothing_gets_out(text)
    assert len(text) <= LIMIT


@settings(max_examples=25)
@given(st.lists(plans(), min_size=1, max_size=4), st.integers(SMALLEST_LIMIT, SMALLEST_LIMIT + 5000))
def test_whatever_is_cut_off_it_fits_and_nothing_gets_out(several: list[Plan], limit: int) -> None:
    # So much of it that it does not fit.
    view = plan_view(
        Plan(
            several[0].server,
            tuple(change for plan in several for change in plan.changes) * 20,
            several[0].unchanged,
            several[0].unmanaged * 20,
            several[0].by_policies * 4,
            several[0].warnings * 20,
        )
    )
    text = plan_markdown(dataclasses.replace(view, limits=view.warnings, notes=view.warnings), limit)
    assert len(text) <= limit
    assert_nothing_gets_out(text)


@given(hostile_texts())
@example("    ")
def test_code_is_what_it_was(text: str) -> None:
    (token,) = [token for token in flat(f"a {span(text)} b") if token.type == "code_inline"]
    shown = token.content
    assert shown == (clipped(text, LONGEST_SPAN) or '""')
    (block,) = PARSER.parse(fence(["  " + shown]))
    assert block.content == f"  {shown}\n"


def big(creates: int, deletes: int, **more: Any) -> Plan:
    """A plan of many changes, of which the deletions come last."""
    state: dict[str, Any] = {"aet": "A" * 16, "host": "h" * 40, "port": 104}
    return Plan(
        SERVER,
        (
            *(change(Action.CREATE, "modalities", f"new{number}", None, state) for number in range(creates)),
            *(change(Action.DELETE, "modalities", f"old{number}", state, None) for number in range(deletes)),
        ),
        (),
        tuple(f"peers/{'p' * 50}{number}" for number in range(200)),
        **more,
    )


def diff_lines(text: str) -> list[str]:
    """The lines of the block of differences."""
    (block,) = [token for token in PARSER.parse(text) if token.type == "fence" and token.info == "diff"]
    return block.content.splitlines()


def test_many_changes_are_folded() -> None:
    text = plan_markdown(plan_view(big(30, 0)))
    assert "<details>\n<summary>Changes: 30</summary>\n\n```diff\n+ modalities/new0\n" in text
    assert "<details>\n<summary>200 left alone, since not declared</summary>" in text


def test_what_is_folded_goes_first_then_fields_then_changes_but_never_a_deletion_before_others() -> None:
    view = plan_view(big(150, 20))
    whole = plan_markdown(view, 100_000)
    assert len(diff_lines(whole)) == 4 * 170
    assert "no room" not in whole

    unfolded = plan_markdown(view, len(whole) - 1)
    assert len(diff_lines(unfolded)) == 4 * 170
    assert "200 left alone, since not declared." in unfolded
    assert "no room" not in unfolded

    fields = plan_markdown(view, len(unfolded) - 1)
    heads = [line for line in diff_lines(fields) if not line.startswith(("+  ", "-  "))]
    bare = (4 * 170 - len(diff_lines(fields))) // 3
    assert len(heads) == 170
    assert 0 < bare < 170
    assert f"There is no room for the fields of {bare} of these." in fields

    cut = plan_markdown(plan_view(big(1500, 20)), SMALLEST_LIMIT)
    shown = diff_lines(cut)
    assert [line for line in shown if line.startswith("-")] == [f"- modalities/old{number}" for number in range(20)]
    hidden = 1520 - len(shown)
    assert 0 < hidden < 1500
    assert f"**There is no room for {hidden:,} more:** {hidden:,} to create." in cut
    # The counts of all stand at the top all the same, and what there is room for is used.
    assert "1500 to create, 20 to delete" in cut
    assert len(cut) > SMALLEST_LIMIT - 2000


def test_a_plan_of_ten_thousand_changes_fits() -> None:
    text = plan_markdown(plan_view(big(10_000, 0, by_policies=(POLICY,) * 50, warnings=(WARNING,) * 1000)))
    assert LIMIT - 2000 < len(text) <= LIMIT
    assert re.search(r"There is no room for [\d,]+ more\.", text)


def test_a_report_of_many_failures_fits() -> None:
    failed = dataclasses.replace(REPORT, results=REPORT.results[3:4] * 2000 + REPORT.results[:1] * 2000)
    text = report_markdown(report_view(failed))
    assert LIMIT - 2000 < len(text) <= LIMIT
    hidden = 2000 - len(diff_lines(text))
    assert f"**There is no room for {hidden:,} more:** {hidden:,} not applied." in text


def test_a_limit_that_is_too_small_for_any_plan_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 10000"):
        plan_markdown(plan_view(IN_SYNC), SMALLEST_LIMIT - 1)


def test_the_marker_is_the_same_whatever_the_plan_says() -> None:
    server = dataclasses.replace(SERVER, url="http://h/a--b/é>-->")
    first, second = (
        plan_markdown(plan_view(dataclasses.replace(plan, server=server))).splitlines()[0] for plan in (PLAN, IN_SYNC)
    )
    assert first == second == "<!-- orthanc-state plan: http://h/a--b/%C3%A9%3E--%3E -->"


def test_the_changes_of_the_sample_are_all_there() -> None:
    assert len([line for line in diff_lines(PLAN_COMMENT) if not re.match(r".  ", line)]) == len(CHANGES) + 1
