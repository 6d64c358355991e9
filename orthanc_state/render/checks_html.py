"""What checks found, as HTML."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from orthanc_state.checks.result import Status
from orthanc_state.render.checks import summary
from orthanc_state.render.element import element, html_of, style
from orthanc_state.render.html import stylesheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from orthanc_state.checks.result import Result

_CSS = {Status.OK: "ok", Status.WARNING: "update", Status.FAILED: "error"}


def checks_fragment(results: Sequence[Result]) -> str:
    """Results as a part of somebody else's page; they bring their style, which concerns nothing else there."""
    return html_of(element("div", style(stylesheet()), checks_article(results)))


def checks_article(results: Sequence[Result]) -> Element:
    """Results as an element: a table for each server."""
    servers = [_server(server, list(found)) for server, found in groupby(results, lambda result: result.server)]
    return element("article", element("h3", f"Checks: {summary(results)}"), *servers, css="orthanc-state")


def _server(server: str, results: Sequence[Result]) -> Element:
    head = element("tr", *(element("th", word, scope="col") for word in ("Check", "Target", "Status", "Found")))
    body = [_row(result) for result in results]
    table = element("table", element("thead", head), element("tbody", *body))
    return element("section", element("h4", server), table)


def _row(result: Result) -> Element:
    mark = element("span", result.status.value, css=f"status {_CSS.get(result.status, '')}".strip())
    more = [str(text) for text in (result.place, result.hint) if text and result.status is not Status.OK]
    return element(
        "tr",
        element("th", result.check, scope="row"),
        element("td", element("bdi", result.target)),
        element("td", mark),
        element("td", result.message, *(element("p", text, css="where") for text in more)),
    )
