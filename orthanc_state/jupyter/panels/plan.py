"""Plan: the difference, chosen from, confirmed and applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from orthanc_state.jupyter.controllers.planning import PlanController
from orthanc_state.jupyter.controls import (
    bar,
    button,
    checkbox,
    failure,
    form,
    labelled,
    progress,
    submit,
    text,
    told,
)
from orthanc_state.jupyter.panels.panel import Panel
from orthanc_state.planning.change import PolicyChange
from orthanc_state.render.element import element
from orthanc_state.render.html import UNFOLDED, change_row, policy_row, report_article
from orthanc_state.render.model import NOTES
from orthanc_state.render.planned import change_view, plan_view, policy_view
from orthanc_state.render.reported import report_view

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from xml.etree.ElementTree import Element

    from orthanc_state.planning.change import Change
    from orthanc_state.planning.choice import Choice

SHOWN = 200
"""Up to how many changes are shown at once; more are found by the filter."""


class PlanPanel(Panel):
    """Shows a plan, and applies what is chosen of it.

    Args:
        controller: The plan.
    """

    title: ClassVar[str] = "Plan"
    name: ClassVar[str] = "plan"

    def __init__(self, controller: PlanController) -> None:
        self.controller = controller
        self._file = "plan.json"
        super().__init__(controller)

    def body(self) -> Iterable[Element | None]:
        """The commands, what is at work, the plan or the report."""
        controller = self.controller
        working = controller.work.running
        if controller.document is not None:
            fresh = controller.choice is not None and not controller.stale
            again = "Plan again" if controller.choice is not None else "Plan"
            yield bar(
                button(again, "plan", css="" if fresh or working else "primary", disabled=working),
                element("span", self._standing(), css="soft"),
            )
        yield failure(controller.work.error)
        if working:
            # Nothing else can be done meanwhile, and it is shown anew several times in a second.
            yield self._progress()
            return
        if controller.report is not None:
            yield report_article(report_view(controller.report), 4)
        elif controller.choice is not None:
            yield from self._plan(controller.choice)
        yield self._files()

    def on_plan(self, value: Any, values: Mapping[str, Any]) -> None:
        """A plan is asked for."""
        self.controller.make()

    def on_filter(self, value: Any, values: Mapping[str, Any]) -> None:
        """Only some changes are to be shown."""
        self.controller.filter = str(value)

    def on_pick(self, value: Any, values: Mapping[str, Any]) -> None:
        """One change was chosen, or left out."""
        self.controller.pick(str(values.get("field", "")), on=bool(value))

    def on_all(self, value: Any, values: Mapping[str, Any]) -> None:
        """All changes, or none."""
        self.controller.pick_all(on=value == "all")

    def on_apply(self, value: Any, values: Mapping[str, Any]) -> None:
        """What is chosen is to be made so."""
        self.controller.apply(str(values.get("confirmation", "")))

    def on_cancel(self, value: Any, values: Mapping[str, Any]) -> None:
        """The apply is to stop."""
        self.controller.cancel()

    def on_save(self, value: Any, values: Mapping[str, Any]) -> None:
        """The plan is to be saved."""
        self._file = str(values.get("file", ""))
        self.controller.save(self._file, store_identifying=bool(values.get("identifying")))

    def on_open(self, value: Any, values: Mapping[str, Any]) -> None:
        """A saved plan is to be opened."""
        self._file = str(values.get("file", ""))
        self.controller.open(self._file)

    def _standing(self) -> str:
        controller = self.controller
        if controller.document is not None and controller.choice is None:
            return f"Compares {controller.document.name} with the server; only questions are sent."
        return f"This plan is stale: {controller.stale}." if controller.stale else "This plan is fresh."

    def _progress(self) -> Element:
        controller = self.controller
        stopping = controller.work.stop.is_set()
        said = f"{controller.done:,} of {controller.total:,}"
        return bar(
            progress(controller.done, controller.total, "Applied"),
            element("span", said, css="soft number", role="status"),
            button("Stopping…" if stopping else "Cancel", "cancel", css="danger", disabled=stopping),
        )

    def _plan(self, choice: Choice) -> Iterator[Element | None]:
        view = plan_view(choice.plan)
        counts = [element("li", count.text, css=count.role) for count in view.counts]
        if view.in_sync:
            counts.append(element("li", view.headline.capitalize(), css="ok"))
        yield element("ul", *counts, element("li", view.unchanged_text), css="counts")
        for title, lines in (("Warnings", view.warnings), (NOTES, view.notes)):
            yield told("warning", title, lines) if lines else None
        if not view.in_sync:
            yield bar(
                labelled(
                    self._id("filter"),
                    "Filter",
                    text(
                        "filter", self.controller.filter, kind="search", placeholder="modalities/", data_input="filter"
                    ),
                ),
                element("span", f"{len(choice)} of {len(view.changes) + len(view.policies)} chosen", css="soft number"),
                button("All", "all", "all", label="Choose all changes"),
                button("None", "all", "none", label="Choose no change"),
            )
            yield element("div", *self._rows(choice), css="picks")
            if view.restart:
                yield element("p", view.restart, css="soft")
            yield self._apply()
        for title, names in (("Left alone, since not declared", view.unmanaged), ("Unchanged", view.unchanged)):
            if names:
                summary = element("summary", f"{title} ({len(names)})")
                items = element("ul", *(element("li", element("bdi", name)) for name in names), css="names")
                yield element("details", summary, items, css="folded")

    def _rows(self, choice: Choice) -> Iterator[Element]:
        plan, word = choice.plan, self.controller.filter.strip().lower()
        changes: list[Change | PolicyChange] = [*plan.changes, *plan.by_policies]
        found = [change for change in changes if word in change.address.lower()]
        unfolded = len(found) <= UNFOLDED
        for change in found[:SHOWN]:
            if isinstance(change, PolicyChange):
                row = policy_row(policy_view(change), unfolded=unfolded)
            else:
                row = change_row(change_view(change), unfolded=unfolded)
            tick = checkbox(
                "pick",
                checked=change.address in choice,
                aria_label=f"{change.action.value} {change.address}",
                data_change="pick",
                data_value=change.address,
            )
            needs = f"needs {', '.join(change.depends_on)}" if change.depends_on else ""
            beside = element("p", needs, css="soft") if needs else None
            yield element("div", tick, element("div", row, beside), css="pick", data_key=change.address)
        if len(found) > SHOWN:
            more = f"{len(found) - SHOWN:,} more are not shown: narrow the filter. They are chosen as they were."
            yield element("p", more, css="soft")
        if not found:
            yield element("p", "No change has this in its address.", css="soft")

    def _apply(self) -> Element:
        controller = self.controller
        plan = controller.chosen
        count = plan.taken_away if plan is not None else 0
        limits = told("error", "More than the limits allow", plan.over_limits) if plan and plan.over_limits else None
        confirmation = None
        if count:
            taken = f"{count:,} deletion{'' if count == 1 else 's'}"
            confirmation = labelled(
                self._id("confirmation"),
                f"{taken}: type “{controller.phrase}” to confirm",
                text("confirmation", "", placeholder=controller.phrase),
                css="confirm",
            )
        words = f"Apply {len(controller.choice or ()):,} change{'' if len(controller.choice or ()) == 1 else 's'}"
        return form(
            "apply",
            limits,
            bar(confirmation, submit(words, css="danger" if count else "primary", disabled=not controller.applicable)),
        )

    def _files(self) -> Element:
        """Saving the plan, and opening a saved one."""
        file = labelled(self._id("file"), "File", text("file", self._file))
        identifying = labelled(
            self._id("identifying"),
            "With what policies match on, which may tell who a patient is",
            checkbox("identifying", checked=False),
        )
        opening = labelled(self._id("open"), "Saved plan", text("file", self._file))
        inner = [
            form(
                "save", bar(file, submit("Save the plan", css="", disabled=self.controller.choice is None), identifying)
            ),
            form("open", bar(opening, submit("Open a saved plan", css=""))),
        ]
        return element("details", element("summary", "Plan files"), *inner, css="folded files")
