"""A widget that shows HTML made here, and tells here what somebody does with it.

Its one trait is what is shown. What is typed comes as a message when it is handed in, and a password leaves its field
with that message: no trait ever holds it, so no saved notebook can.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import traitlets

from orthanc_state.render.element import html_of
from orthanc_state.render.html import stylesheet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element


@cache
def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def panel_css() -> str:
    """The style of all panels: that of pages, and what only panels have."""
    return stylesheet() + _file("panel.css")


class Surface(anywidget.AnyWidget):
    """Shows an element, and calls a method for each thing that is done with it.

    Attributes:
        html: What is shown, as HTML.
    """

    _esm: ClassVar[str] = _file("surface.js")
    _css: ClassVar[str] = panel_css()

    html = traitlets.Unicode("").tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        # What is shown may change in a thread that works for it.
        self._drawing = RLock()
        self.on_msg(self._received)

    def draw(self) -> Element:
        """What is to be shown."""
        raise NotImplementedError

    def show(self) -> None:
        """Show what is to be shown now."""
        with self._drawing:
            self.html = html_of(self.draw())

    def dispatch(self, action: str, value: Any = "", values: Mapping[str, Any] | None = None) -> None:
        """Do what somebody has asked for: an action `plan` calls the method `on_plan`.

        Args:
            action: What is to be done.
            value: What it is to be done with: what the button, or the field, says.
            values: What stands in a form, by the names of its fields.
        """
        method = getattr(self, f"on_{action}", None)
        if method is not None:
            method(value, values or {})

    def _received(self, widget: Any, content: Any, buffers: Any) -> None:
        if isinstance(content, dict) and isinstance(content.get("action"), str):
            values = content.get("values")
            try:
                self.dispatch(content["action"], content.get("value", ""), values if isinstance(values, dict) else {})
            finally:
                # A password that it held is held by nothing any more.
                content.clear()
                # Who waits for it may go on, be what is shown another thing or not.
                self.send({"done": True})

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The widget, and beside it what it shows now, for places where no kernel is."""
        from orthanc_state.jupyter.shown import still

        bundle = super()._repr_mimebundle_(**options)
        data, *metadata = bundle if isinstance(bundle, tuple) else (bundle,)
        data = {**(data or {}), "text/html": still(self.html, panel_css()), "text/plain": self.text()}
        return (data, *metadata) if metadata else data

    def text(self) -> str:
        """What it is, in a line."""
        return f"<{type(self).__name__}>"
