"""What a document declares, at a glance: names, and no value, since that may be a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orthanc_state.render.element import element, html_of, style
from orthanc_state.render.html import stylesheet
from orthanc_state.render.line import Line, safe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from orthanc_state.document.document import Document

SHOWN = 12
"""How many names of a section are shown."""


def document_lines(document: Document) -> Iterator[Line]:
    """A line for each section, and the warnings."""
    yield (("strong", _title(document)),)
    rows = list(_rows(document))
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, count, names in rows:
        yield (("", f"  {name:<{width}}  {count}"), ("dim", f"  {names}" if names else ""))
    for warning in document.warnings:
        yield (("warning", "Warning: "), ("", safe(warning)))


def document_fragment(document: Document) -> str:
    """The same as a part of somebody else's page; it brings its style, which concerns nothing else there."""
    return html_of(element("div", style(stylesheet()), document_article(document)))


def document_article(document: Document) -> Element:
    """The same as an element."""
    head = element("tr", *(element("th", word, scope="col") for word in ("Section", "Declared", "Names")))
    body = [
        element("tr", element("th", name, scope="row"), element("td", count), element("td", names))
        for name, count, names in _rows(document)
    ]
    warnings = [element("li", str(warning)) for warning in document.warnings]
    return element(
        "article",
        element("h3", _title(document)),
        element("table", element("thead", head), element("tbody", *body)),
        element("section", element("h4", "Warnings"), element("ul", *warnings), css="callout warning")
        if warnings
        else None,
        css="orthanc-state",
    )


def _title(document: Document) -> str:
    return f"Document {safe(', '.join(document.files))}".strip()


def _rows(document: Document) -> Iterator[tuple[str, str, str]]:
    """Each section: its name, how much it declares, and the names of that."""
    for kind in document.kinds:
        names = _names(document.sections[kind.name])
        pruned = ", nothing else" if kind.name in document.prune else ""
        if names is None:
            yield kind.name, "set", ""
            continue
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield kind.name, f"{len(names)}{pruned}", safe(", ".join(names[:SHOWN])) + more


def _names(section: Any) -> list[str] | None:
    if isinstance(section, Mapping):
        return [str(name) for name in section]
    if isinstance(section, list):
        return [str(getattr(item, "name", item)) for item in section]
    return None
