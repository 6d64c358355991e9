"""A plan or a report as HTML: a page that needs nothing else, or a fragment of one.

There is no script in it, no link and no request; what a server says can become nothing but text (see `element`).
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from orthanc_state.render.element import element, html_of, style
from orthanc_state.render.model import LIMITS, NOTES
from orthanc_state.render.role import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from xml.etree.ElementTree import Element

    from orthanc_state.kinds.live import Server
    from orthanc_state.render.fleet import ErrorView, FleetView
    from orthanc_state.render.model import (
        ChangeView,
        ComparisonView,
        EffectView,
        FailureView,
        FieldView,
        PlanView,
        PolicyView,
        ReportView,
        ResultView,
    )

UNFOLDED = 40
"""Up to how many changes are shown with their fields; of more, each is folded."""

_PAGE, _FRAGMENT = 1, 3
"""The levels of the uppermost heading."""


def plan_page(plan: PlanView) -> str:
    """A plan as a page."""
    return _page(_plan_title(plan), plan.headline, plan_article(plan, _PAGE))


def plan_fragment(plan: PlanView) -> str:
    """A plan as a part of somebody else's page; it brings its style, which concerns nothing else there."""
    return html_of(element("div", style(stylesheet()), plan_article(plan, _FRAGMENT)))


def report_page(report: ReportView) -> str:
    """A report as a page."""
    return _page(_report_title(report), report.headline, report_article(report, _PAGE))


def report_fragment(report: ReportView) -> str:
    """A report as a part of somebody else's page, as `plan_fragment`."""
    return html_of(element("div", style(stylesheet()), report_article(report, _FRAGMENT)))


def fleet_page(fleet: FleetView) -> str:
    """The plan or the report of a fleet as a page: one table, and below it each server."""
    return _page(fleet.title, fleet.headline, fleet_article(fleet))


def fleet_fragment(fleet: FleetView) -> str:
    """The plan or the report of a fleet as a part of somebody else's page, as `plan_fragment`."""
    return html_of(element("div", style(stylesheet()), fleet_article(fleet)))


@cache
def stylesheet() -> str:
    """The style of all of it; it concerns nothing but what has the class `orthanc-state`."""
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def _page(title: str, headline: str, article: Element) -> str:
    digest = base64.b64encode(hashlib.sha256(stylesheet().encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title}: {headline}"),
        style(stylesheet()),
    )
    body = element("body", element("main", article), css="orthanc-state-page")
    return "<!DOCTYPE html>\n" + html_of(element("html", head, body, lang="en")) + "\n"


def plan_article(plan: PlanView, level: int) -> Element:
    """A plan as an element, with a heading of some level."""
    unfolded = len(plan.changes) + len(plan.policies) <= UNFOLDED
    rows = [
        *(change_row(change, unfolded=unfolded) for change in plan.changes),
        *(policy_row(policy, unfolded=unfolded) for policy in plan.policies),
    ]
    counts = [element("li", count.text, css=count.role) for count in plan.counts]
    if plan.in_sync:
        counts.append(element("li", plan.headline.capitalize(), css="ok"))
    return element(
        "article",
        _header(_plan_title(plan), plan.server, level, [*counts, element("li", plan.unchanged_text)]),
        _texts(level, LIMITS, plan.limits, "error"),
        _texts(level, "Warnings", plan.warnings, "warning"),
        _texts(level, NOTES, plan.notes, "warning"),
        _section(level, "Changes", rows) if rows else None,
        element("p", plan.restart) if plan.restart else None,
        _folded("Left alone, since not declared", plan.unmanaged),
        _folded("Unchanged", plan.unchanged),
        css="orthanc-state",
    )


def report_article(report: ReportView, level: int) -> Element:
    """A report as an element, with a heading of some level."""
    failed = [_result(result) for result in report.results if not result.ok]
    applied = [_result(result) for result in report.results if result.ok]
    outcome = element("li", report.headline.capitalize(), css="ok" if report.ok else Role.ERROR)
    return element(
        "article",
        _header(_report_title(report), report.server, level, [outcome]),
        element("p", report.advice) if report.advice else None,
        _section(level, "Not applied", failed) if failed else None,
        _section(level, "In force", applied) if applied else None,
        css="orthanc-state",
    )


def _plan_title(plan: PlanView) -> str:
    return f"Plan for {_name(plan.server)}"


def _report_title(report: ReportView) -> str:
    return f"Report of {_name(report.server)}"


def _name(server: Server) -> str:
    return f"Orthanc {server.name}" if server.name else "Orthanc"


def _header(title: str, server: Server, level: int, counts: Iterable[Element]) -> Element:
    where = element("p", "Version ", element("bdi", server.version), " at ", element("bdi", server.url), css="where")
    return element("header", element(f"h{level}", title), where, element("ul", *counts, css="counts"))


def _section(level: int, title: str, children: Iterable[Element], css: str = "") -> Element:
    return element("section", element(f"h{level + 1}", title), *children, css=css)


def _texts(level: int, title: str, texts: Sequence[str], css: str) -> Element | None:
    if not texts:
        return None
    return _section(level, title, [element("ul", *(element("li", text) for text in texts))], f"callout {css}")


def _folded(title: str, names: Sequence[str]) -> Element | None:
    if not names:
        return None
    items = element("ul", *(element("li", name) for name in names), css="names")
    return element("details", element("summary", f"{title}: {len(names):,}"), items, css="folded")


def _row(role: Role, address: str, more: Iterable[Element], body: Sequence[Element], *, unfolded: bool) -> Element:
    """One line for one thing, with what belongs to it folded below."""
    sign = element("span", role.sign, css="sign", role="img", aria_label=role)
    line = [sign, element("bdi", address, css="address"), *more]
    if not body:
        return element("div", *line, css=f"row {role}")
    return element("details", element("summary", *line), *body, css=f"row {role}", **({"open": ""} if unfolded else {}))


def change_row(change: ChangeView, *, unfolded: bool) -> Element:
    """One change as an element."""
    more = [element("span", *_sides(field), css="value") for field in change.fields if change.single]
    if change.reason:
        more.append(element("span", change.reason, css="reason"))
    if change.single:
        body = [items for field in change.fields if (items := _items(field)) is not None]
    elif change.fields:
        # What is deleted is of use only to who wants it back.
        unfolded = unfolded and change.role is not Role.DELETE
        body = [_fields(change)]
    else:
        body = []
    return _row(change.role, change.address, more, body, unfolded=unfolded)


def _sides(field: FieldView) -> list[Element | str]:
    before, after = element("del", field.before), element("ins", field.after)
    return [before, " → ", after] if field.before and field.after else [before if field.before else after]


def _items(field: FieldView) -> Element | None:
    if not field.removed and not field.added:
        return None
    removed = [element("li", element("del", item), css=Role.DELETE) for item in field.removed]
    return element("ul", *removed, *(element("li", element("ins", item), css=Role.CREATE) for item in field.added))


def _fields(change: ChangeView) -> Element:
    columns = {"Now": change.role is not Role.CREATE, "Planned": change.role is not Role.DELETE}
    rows: list[list[Element | str]] = []
    for field in change.fields:
        now, planned = element("td", element("del", field.before)), element("td", element("ins", field.after))
        if (items := _items(field)) is not None:
            (planned if columns["Planned"] else now).append(items)
        rows.append([field.path, *([now] * columns["Now"]), *([planned] * columns["Planned"])])
    return _table(["Field", *(name for name, shown in columns.items() if shown)], rows)


def policy_row(policy: PolicyView, *, unfolded: bool) -> Element:
    """What one policy changes, as an element."""
    about = element("span", f"{policy.query}; {policy.selected:,} selected", css="reason")
    rows = [_effect(effect) for effect in policy.effects]
    table = _table(["Effect", "Resources", "Examples"], rows, css="counted")
    return _row(policy.role, policy.address, [about], [table] if rows else [], unfolded=unfolded)


def _effect(effect: EffectView) -> list[Element | str]:
    sign = element("span", effect.role.sign, css=f"sign {effect.role}", role="img", aria_label=effect.role)
    what = element("th", sign, effect.text, scope="row")
    return [what, element("td", f"{effect.count:,}"), _examples(effect)]


def _examples(of: EffectView | FailureView) -> Element:
    more = of.count - len(of.examples)
    items = [*of.examples, *([f"… {more:,} more"] if more > 0 else [])]
    return element("td", element("ul", *(element("li", item) for item in items)), css="examples")


def _result(result: ResultView) -> Element:
    body = []
    if rows := [_failure(failure) for failure in result.failures]:
        body.append(_table(["Why", "Resources", "Examples"], rows, css="counted"))
    if compared := [comparison for comparison in result.comparisons if comparison.readings]:
        body.append(_comparisons(compared))
    if remarks := [remark for each in result.comparisons for remark in each.remarks]:
        body.append(element("ul", *(element("li", remark) for remark in remarks)))
    return _row(result.role, result.address, [element("span", result.text, css="value")], body, unfolded=True)


def _failure(failure: FailureView) -> list[Element | str]:
    return [
        failure.reason,
        element("td", f"{failure.count:,}"),
        _examples(failure),
    ]


def _comparisons(comparisons: Sequence[ComparisonView]) -> Element:
    words = list(dict.fromkeys(word for each in comparisons for word, _ in each.readings))
    rows: list[list[Element | str]] = [
        [each.path, *(element("td", dict(each.readings).get(word, "")) for word in words)] for each in comparisons
    ]
    return _table(["Field", *(word.capitalize() for word in words)], rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[Element | str]], *, css: str = "") -> Element:
    """A table; a text at the beginning of a row is the heading of it."""
    head = element("tr", *(element("th", column, scope="col") for column in columns))
    body = (
        element("tr", *(element("th", cell, scope="row") if isinstance(cell, str) else cell for cell in row))
        for row in rows
    )
    return element("table", element("thead", head), element("tbody", *body), css=css)


def fleet_article(fleet: FleetView) -> Element:
    """The plan or the report of a fleet as an element."""
    rows: list[list[Element | str]] = [
        [row.cells[0], *(element("td", cell, css=row.role) for cell in row.cells[1:])] for row in fleet.rows
    ]
    summary = element(
        "article",
        element(
            "header",
            element(f"h{_PAGE}", fleet.title),
            element("ul", element("li", fleet.headline.capitalize()), css="counts"),
        ),
        _texts(_PAGE, "Stopped", [fleet.stopped] if fleet.stopped else [], "warning"),
        _table([column.capitalize() for column in fleet.columns], rows),
        *(_error(error) for error in fleet.errors),
        css="orthanc-state",
    )
    servers = [(name, plan_article(plan, _PAGE + 1)) for name, plan in fleet.plans]
    servers += [(name, report_article(report, _PAGE + 1)) for name, report in fleet.reports]
    return element("div", summary, *(element("section", element("h2", name), article) for name, article in servers))


def _error(error: ErrorView) -> Element | None:
    return _texts(_PAGE, error.server, [*filter(None, [error.message, *error.problems, error.hint])], "error")
