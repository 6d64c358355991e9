"""Logs: the level of each category, as toggles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, get_args

from orthanc_state.jupyter.controls import bar, button, table
from orthanc_state.jupyter.panels.panel import Panel
from orthanc_state.kinds.log_levels import ALL, Level
from orthanc_state.render.element import element

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from xml.etree.ElementTree import Element

    from orthanc_state.jupyter.controllers.logs import LogsController


class LogsPanel(Panel):
    """Shows and sets how much a server logs.

    Args:
        controller: The log levels.
    """

    title: ClassVar[str] = "Log levels"
    name: ClassVar[str] = "logs"

    def __init__(self, controller: LogsController) -> None:
        self.controller = controller
        super().__init__(controller)

    def body(self) -> Iterable[Element | None]:
        """A row of toggles for each category."""
        note = element("p", "They are set at once, and lost when the server starts again.", css="help")
        yield bar(button("Refresh", "refresh"), note)
        levels = self.controller.levels
        if levels:
            same = next(iter(set(levels.values()))) if len(set(levels.values())) == 1 else ""
            rows: list[list[Element | str]] = [["all categories", _toggles(ALL, same)]]
            rows += [[name, _toggles(name, now)] for name, now in levels.items()]
            yield table(["Category", "Level"], rows)

    def on_shown(self, value: Any, values: Mapping[str, Any]) -> None:
        """It is on somebody's screen now."""
        if not self.controller.levels and self.controller.session.connected:
            self.controller.refresh()

    def on_refresh(self, value: Any, values: Mapping[str, Any]) -> None:
        """The server is to be asked."""
        self.controller.refresh()

    def on_level(self, value: Any, values: Mapping[str, Any]) -> None:
        """A level was chosen."""
        category, _, level = str(value).partition(" ")
        self.controller.set(category, level)


def _toggles(category: str, now: str) -> Element:
    buttons = [
        button(level, "level", f"{category} {level}", pressed=level == now, label=f"{category}: {level}")
        for level in get_args(Level)
    ]
    return element("div", *buttons, css="toggles", role="group", aria_label=f"Level of {category}")
