"""HTML as a tree, so that no text can become anything but text."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from orthanc_state.render.line import safe

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def element(tag: str, *children: Element | str | None, css: str = "", **attributes: str) -> Element:
    """An element with its children in order.

    Args:
        tag: Its name.
        children: Elements and texts; None is nothing.
        css: Its classes.
        attributes: Its other attributes; an underscore stands for a hyphen.
    """
    made = ElementTree.Element(tag, {"class": css} if css else {})
    for name, value in attributes.items():
        made.set(name.replace("_", "-"), safe(value))
    last: Element | None = None
    for child in children:
        if isinstance(child, str):
            if last is None:
                made.text = (made.text or "") + safe(child)
            else:
                last.tail = (last.tail or "") + safe(child)
        elif child is not None:
            made.append(child)
            last = child
    return made


def style(text: str) -> Element:
    """A style sheet, as it stands; it is the only text that is not escaped."""
    made = ElementTree.Element("style")
    made.text = text
    return made


def html_of(root: Element) -> str:
    """A tree as HTML."""
    return ElementTree.tostring(root, encoding="unicode", method="html")
