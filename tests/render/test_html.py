"""Pages: what they say, that nothing of a server becomes more than text, that they ask nobody for anything, and that
they can be read."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import itertools
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

import orthanc_state.render
from orthanc_state.render.html import UNFOLDED, plan_fragment, plan_page, report_fragment, report_page
from orthanc_state.render.line import safe
from orthanc_state.render.planned import plan_view
from orthanc_state.render.reported import report_view
from tests.render.hostile import INVISIBLE, plans, reports
from tests.render.samples import CHANGES, IN_SYNC, PLAN, REPORT

if TYPE_CHECKING:
    from orthanc_state.execution.report import Report
    from orthanc_state.planning.plan import Plan

CSS = (Path(orthanc_state.render.__file__).parent / "page.css").read_text()
VOID = {"meta"}
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "article", "header", "section", "div", "p"),
    *("h1", "h2", "h3", "h4", "ul", "li", "details", "summary", "span", "bdi", "del", "ins"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"class", "role", "aria-label", "scope", "open", "lang", "charset", "name", "content", "http-equiv"}


class Page(HTMLParser):
    """A page as a browser sees it: its elements, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.style = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        elif data.strip():
            self.texts.append((self.open[-1] if self.open else "", data))

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError("a declaration")

    def handle_pi(self, data: str) -> None:
        raise AssertionError("a processing instruction")

    def of(self, tag: str) -> list[str]:
        """The texts that stand directly in one sort of element."""
        return [text for each, text in self.texts if each == tag]


def assert_only_text(html: str) -> Page:
    """What a server says has become text and nothing else."""
    page = Page(html)
    assert {tag for tag, _ in page.elements} <= TAGS
    assert {name for _, attributes in page.elements for name in attributes} <= ATTRIBUTES
    assert {attributes["aria-label"] for _, attributes in page.elements if "aria-label" in attributes} <= {
        *("create", "update", "delete", "already", "error"),
    }
    assert page.style == CSS
    assert not INVISIBLE.search(html)
    html.encode()
    return page


@settings(max_examples=50)
@given(plans())
def test_a_hostile_plan_is_only_text(plan: Plan) -> None:
    view = plan_view(plan)
    view = dataclasses.replace(view, limits=view.unchanged, notes=view.unmanaged)
    page, fragment = assert_only_text(plan_page(view)), assert_only_text(plan_fragment(view))
    for change in view.changes:
        assert not change.address.strip() or safe(change.address) in page.of("bdi")
    assert page.texts[1:][:5] == [
        (tag.replace("h3", "h1").replace("h4", "h2"), text) for tag, text in fragment.texts[:5]
    ]


@settings(max_examples=50)
@given(reports())
def test_a_hostile_report_is_only_text(report: Report) -> None:
    view = report_view(report)
    for html in (report_page(view), report_fragment(view)):
        page = assert_only_text(html)
        for result in view.results:
            assert safe(result.address) in page.of("bdi")


def test_a_plan() -> None:
    page = assert_only_text(plan_page(plan_view(PLAN)))
    [title] = page.of("title")
    assert title.startswith("Plan for Orthanc ward7: 1 to create, 6 to update, 1 to delete, 1,203 changes")
    assert page.of("h1") == ["Plan for Orthanc ward7"]
    assert page.of("h2") == ["Warnings", "Changes"]
    assert "site.yaml:4:7 modalities.ct1: the AE title CT1 is declared twice (name it once)" in page.of("li")
    addresses = [change.address for change in CHANGES]
    assert page.of("bdi") == ["1.12.7", "http://localhost:8042", *addresses, "policies/archive"]
    assert page.of("summary")[-2:] == ["Left alone, since not declared: 11", "Unchanged: 2"]
    assert "… 1,197 more" in page.of("li")
    assert ("ins", "another secret") in page.texts


def test_a_report() -> None:
    page = assert_only_text(report_page(report_view(REPORT)))
    assert page.of("h1") == ["Report of Orthanc ward7"]
    assert page.of("h2") == ["Not applied", "In force"]
    assert "Applied 4 of 16; 1 already so; 6 changed since the plan and left alone; 3 failed; 2 not tried" in page.of(
        "li"
    )
    index = page.texts.index(("th", "Sent"))
    assert page.texts[index - 1 : index + 5] == [
        *(("th", "Field"), ("th", "Sent"), ("th", "Found"), ("th", "port"), ("td", "11112"), ("td", "104")),
    ]
    index = page.texts.index(("th", "Planned from"))
    assert [text for _, text in page.texts[index : index + 11]] == [
        *("Planned from", "Is", "Was to be"),
        *("host", "10.0.0.5", "10.0.0.5", '" h "'),
        *("port", "104", "105", "11112"),
    ]
    assert "JPEGBaseline8Bit was sent and is not there" in page.of("li")


def test_limits_and_notes_stand_before_the_changes() -> None:
    view = dataclasses.replace(plan_view(PLAN), limits=("9 of 9 go",), notes=("no secret is known",))
    page = assert_only_text(plan_page(view))
    assert page.of("h2") == ["Needs --allow-deletes", "Warnings", "Cannot be undone", "Changes"]
    assert {"9 of 9 go", "no secret is known"} <= set(page.of("li"))


def test_a_plan_of_a_server_that_is_in_sync_has_no_changes() -> None:
    page = assert_only_text(plan_page(plan_view(IN_SYNC)))
    assert page.of("h2") == []
    assert page.of("li")[:2] == ["In sync: nothing to change", "1 unchanged"]


def test_many_changes_are_folded_each() -> None:
    few = dataclasses.replace(PLAN, changes=CHANGES[:1] * UNFOLDED, by_policies=())
    many = dataclasses.replace(PLAN, changes=CHANGES[:1] * (UNFOLDED + 1), by_policies=())
    unfolded = [
        sum("open" in attributes for _, attributes in Page(plan_page(plan_view(plan))).elements) for plan in (few, many)
    ]
    assert unfolded == [UNFOLDED, 0]


@pytest.mark.parametrize("html", [plan_page(plan_view(PLAN)), report_page(report_view(REPORT))], ids=["plan", "report"])
def test_a_page_asks_nobody_for_anything_and_its_policy_allows_nothing_but_its_style(html: str) -> None:
    page = assert_only_text(html)
    [policy] = [attributes["content"] for _, attributes in page.elements if "http-equiv" in attributes]
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert html.startswith('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">')
    assert not re.search(r"url\(|@import|</|expression", page.style)


def test_every_table_says_what_its_cells_are() -> None:
    page = Page(plan_page(plan_view(PLAN)) + report_page(report_view(REPORT)))
    scopes = [attributes.get("scope") for tag, attributes in page.elements if tag == "th"]
    assert set(scopes) == {"col", "row"}
    # Every row of a body begins with the heading of it.
    pairs = itertools.pairwise(tag for tag, _ in page.elements)
    assert {second for first, second in pairs if first == "tr"} == {"th"}


def luminance(colour: str) -> float:
    """The relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """The contrast of two colours (WCAG 2.2)."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_text_can_be_read(theme: int) -> None:
    colours = {
        name: (light, dark)[theme]
        for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", CSS)
    }
    pairs = [
        *((ink, ground) for ink in ("ink", "soft", "create", "update", "delete") for ground in ("paper", "wash")),
        *((role, f"{role}-wash") for role in ("create", "update", "delete")),
        *(("ink", f"{role}-wash") for role in ("update", "delete")),
    ]
    # Level AA of WCAG 2.2 for text of any size.
    assert {pair: round(ratio, 2) for pair in pairs if (ratio := contrast(*map(colours.__getitem__, pair))) < 4.5} == {}
    assert all(contrast(colours[f"{role}-edge"], colours["paper"]) > 2 for role in ("create", "update", "delete"))


def test_no_colour_is_named_but_where_all_are() -> None:
    rules = re.sub(r"--[\w-]+: light-dark\([^)]*\)", "", CSS)
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", rules)) == set(
        re.findall(r"--paper: light-dark\((#\w+), (#\w+)\)", CSS)[0]
    )
