"""Policies: what each matches, what it would change, and what that does to the labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from orthanc_state.jupyter.controls import bar, button, table
from orthanc_state.jupyter.panels.panel import Panel
from orthanc_state.render.element import element
from orthanc_state.render.html import policy_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from xml.etree.ElementTree import Element

    from orthanc_state.jupyter.controllers.policies import Bar, Matched, PoliciesController

_PLURALS = {"study": "studies", "series": "series"}


class PoliciesPanel(Panel):
    """Shows the policies of a document beside a server.

    Args:
        controller: The policies.
    """

    title: ClassVar[str] = "Policies"
    name: ClassVar[str] = "policies"

    def __init__(self, controller: PoliciesController) -> None:
        self.controller = controller
        super().__init__(controller)

    def body(self) -> Iterable[Element | None]:
        """The policies, and the labels."""
        declared = len(self.controller.declared)
        said = f"{declared} polic{'y' if declared == 1 else 'ies'} in the document"
        css = "primary" if self.controller.matched is None and declared else ""
        yield bar(button("Ask the server", "refresh", css=css), element("span", said, css="soft"))
        if self.controller.matched is None:
            return
        for matched in self.controller.matched:
            yield self._policy(matched)
        if self.controller.bars:
            most = max(max(each.before, each.after) for each in self.controller.bars) or 1
            yield table(
                ["Label", "Studies", ""],
                [[each.label, _counts(each), _meter(each, most)] for each in self.controller.bars],
                css="meters",
                caption="Studies by label: as they are, what comes, what goes",
            )

    def on_refresh(self, value: Any, values: Mapping[str, Any]) -> None:
        """The server is to be asked."""
        self.controller.refresh()

    def on_sample(self, value: Any, values: Mapping[str, Any]) -> None:
        """A few of what a policy changes are to be seen."""
        self.controller.sample(str(value))

    def _policy(self, matched: Matched) -> Element:
        level = matched.level if matched.count == 1 else _PLURALS.get(matched.level, f"{matched.level}s")
        said = f"{matched.count:,} {level} matched"
        words, css = ("changes", "tag update") if matched.change else ("as it says", "tag ok")
        state = element("span", words, css=css)
        sample = None
        if matched.change is not None:
            label = f"Show a sample of {matched.name}"
            sample = button("Show a sample", "sample", matched.name, label=label, css="plain")
        head = bar(element("h4", matched.name), element("span", said, css="soft number"), state, sample)
        row = policy_row(matched.change, unfolded=True) if matched.change is not None else None
        return element("div", head, row, self._sample(matched.name), css="policy", data_key=f"policy-{matched.name}")

    def _sample(self, name: str) -> Element | None:
        rows = self.controller.samples.get(name)
        if rows is None:
            return None
        columns = list(dict.fromkeys(key for row in rows for key in row))
        return table(columns, [[row.get(column, "") for column in columns] for row in rows])


def _counts(each: Bar) -> str:
    return f"{each.before:,}" if each.before == each.after else f"{each.before:,} → {each.after:,}"


def _meter(each: Bar, most: int) -> Element:
    kept = each.before - each.removed
    parts = {"keep": kept, "create": each.added, "delete": each.removed}
    pieces = [
        element("span", css=css, style=f"width: {100 * count / most:.1f}%") for css, count in parts.items() if count
    ]
    words = f"{each.label}: {kept} stay, {each.added} come, {each.removed} go"
    return element("div", *pieces, css="meter", role="img", aria_label=words)
