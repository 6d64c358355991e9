"""Fleet: a table of servers with what is to change on each, applied on some or all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from orthanc_state.fleet.plan import Standing
from orthanc_state.jupyter.controls import bar, button, checkbox, failure, form, labelled, submit, table, text, told
from orthanc_state.jupyter.panels.panel import Panel
from orthanc_state.render.element import element
from orthanc_state.render.fleet import fleet_plan_view, fleet_report_view
from orthanc_state.render.html import plan_article, report_article

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from xml.etree.ElementTree import Element

    from orthanc_state.fleet.plan import FleetPlan, ServerPlan
    from orthanc_state.fleet.report import FleetReport
    from orthanc_state.jupyter.controllers.fleet import FleetController

_TAGS = {"update": "tag update", "warning": "tag warning", "error": "tag error", "create": "tag ok", "": "tag"}


class FleetPanel(Panel):
    """Plans and applies the servers of an inventory.

    Args:
        controller: The servers.
    """

    title: ClassVar[str] = "Fleet"
    name: ClassVar[str] = "fleet"

    def __init__(self, controller: FleetController) -> None:
        self.controller = controller
        self._file = "fleet.yaml"
        super().__init__(controller)

    def body(self) -> Iterable[Element | None]:
        """The commands, and the table of plans or reports."""
        controller = self.controller
        inventory, working = controller.inventory, controller.work.running
        if inventory is None:
            field = labelled(self._id("file"), "Inventory", text("file", self._file))
            yield form("open", bar(field, submit("Open")))
            return
        stopping = controller.work.stop.is_set()
        yield bar(
            button(
                "Plan again" if controller.plan else "Plan",
                "plan",
                css="" if controller.plan else "primary",
                disabled=working,
            ),
            button("Stopping…" if stopping else "Cancel", "cancel", css="danger", disabled=stopping)
            if working
            else None,
            element("span", f"{inventory.path}: {len(inventory.members)} servers", css="soft"),
        )
        yield failure(controller.work.error)
        if working or controller.rows:
            yield table(["Server", "State"], [[name, state] for name, state in controller.rows.items()])
        elif controller.report is not None:
            yield from self._report(controller.report)
        elif controller.plan is not None:
            yield from self._plan(controller.plan)

    def on_open(self, value: Any, values: Mapping[str, Any]) -> None:
        """An inventory is to be opened."""
        self._file = str(values.get("file", ""))
        self.controller.open(self._file)

    def on_plan(self, value: Any, values: Mapping[str, Any]) -> None:
        """Plans are asked for."""
        self.controller.make()

    def on_pick(self, value: Any, values: Mapping[str, Any]) -> None:
        """One server was chosen, or left out."""
        self.controller.pick(str(values.get("field", "")), on=bool(value))

    def on_apply(self, value: Any, values: Mapping[str, Any]) -> None:
        """The plans of the chosen servers are to be made so."""
        self.controller.apply(str(values.get("confirmation", "")))

    def on_cancel(self, value: Any, values: Mapping[str, Any]) -> None:
        """It is to stop."""
        self.controller.cancel()

    def _plan(self, plan: FleetPlan) -> Iterator[Element | None]:
        view = fleet_plan_view(plan)
        rows: list[list[Element | str]] = []
        for server, row in zip(plan.servers, view.rows, strict=True):
            *cells, state = row.cells
            rows.append([*cells[:1], self._tick(server), *cells[1:], element("span", state, css=_TAGS[row.role])])
        heads = [column.capitalize() for column in view.columns]
        yield table([heads[0], "Apply", *heads[1:]], rows, caption=f"{view.title}: {view.headline}")
        for error in view.errors:
            yield told("error", error.server, filter(None, [error.message, *error.problems, error.hint]))
        if plan.warnings:
            yield told("warning", "Warnings", map(str, plan.warnings))
        yield self._apply()
        for name, each in view.plans:
            summary = element("summary", element("strong", name), f" {each.headline}")
            yield element("details", summary, plan_article(each, 4), css="folded server-plan")

    def _tick(self, server: ServerPlan) -> Element:
        can = server.standing in (Standing.CHANGES, Standing.OVER_LIMITS)
        return checkbox(
            "pick",
            checked=can and self.controller.chosen(server.name),
            disabled=not can,
            aria_label=f"Apply {server.name}",
            data_change="pick",
            data_value=server.name,
        )

    def _apply(self) -> Element:
        controller = self.controller
        count = len(controller.narrowed.servers) if controller.narrowed is not None else 0
        confirmation = None
        if controller.taken_away:
            taken = f"{controller.taken_away:,} deletion{'' if controller.taken_away == 1 else 's'}"
            confirmation = labelled(
                self._id("confirmation"),
                f"{taken}: type “{controller.phrase}” to confirm",
                text("confirmation", "", placeholder=controller.phrase),
                css="confirm",
            )
        words = f"Apply on {count} server{'' if count == 1 else 's'}"
        css = "danger" if controller.taken_away else "primary"
        return form("apply", bar(confirmation, submit(words, css=css, disabled=not count)))

    def _report(self, report: FleetReport) -> Iterator[Element | None]:
        view = fleet_report_view(report)
        rows: list[list[Element | str]] = [
            [*row.cells[:-1], element("span", row.cells[-1], css=_TAGS[row.role])] for row in view.rows
        ]
        yield table([column.capitalize() for column in view.columns], rows, caption=f"{view.title}: {view.headline}")
        if view.stopped:
            yield told("warning", "Stopped", [view.stopped])
        for error in view.errors:
            yield told("error", error.server, filter(None, [error.message, *error.problems, error.hint]))
        for name, each in view.reports:
            summary = element("summary", element("strong", name), f" {each.headline}")
            yield element("details", summary, report_article(each, 4), css="folded server-plan")
