"""The widgets of values that a notebook shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from orthanc_state.checks.result import Result as CheckResult
from orthanc_state.checks.result import Results
from orthanc_state.client import Orthanc
from orthanc_state.document.document import Document
from orthanc_state.execution.report import Report
from orthanc_state.fleet.plan import FleetPlan
from orthanc_state.fleet.report import FleetReport
from orthanc_state.jupyter.controllers.planning import PlanController
from orthanc_state.jupyter.controllers.session import Session
from orthanc_state.jupyter.panels.panel import Panel
from orthanc_state.jupyter.panels.plan import PlanPanel
from orthanc_state.planning.plan import Plan
from orthanc_state.render.checks_html import checks_article
from orthanc_state.render.document import document_article
from orthanc_state.render.fleet import fleet_plan_view, fleet_report_view
from orthanc_state.render.html import fleet_article, report_article
from orthanc_state.render.reported import report_view

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element


class StillPanel(Panel):
    """Shows what does not change.

    Args:
        title: Its heading.
        article: What it shows.
    """

    name: ClassVar[str] = "still"
    title: ClassVar[str] = ""

    def __init__(self, title: str, article: Element) -> None:
        self._heading = title
        self._article = article
        super().__init__()

    def body(self) -> Iterable[Element | None]:
        """The article."""
        return (self._article,)

    @property
    def heading(self) -> str:
        """What it shows."""
        return self._heading


def panel_of(value: Any) -> Panel | None:
    """The panel that shows a value; None where there is none."""
    match value:
        case Plan():
            controller = PlanController(Session())
            controller.use(value)
            return PlanPanel(controller)
        case Report():
            return StillPanel("Report", report_article(report_view(value), 4))
        case Document():
            return StillPanel("Document", document_article(value))
        case CheckResult():
            return StillPanel("Check", checks_article(Results([value])))
        case Results():
            return StillPanel("Checks", checks_article(value))
        case FleetPlan():
            return StillPanel("Plan of a fleet", fleet_article(fleet_plan_view(value)))
        case FleetReport():
            return StillPanel("Report of a fleet", fleet_article(fleet_report_view(value)))
        case Orthanc():
            from orthanc_state.jupyter.controllers.overview import OverviewController
            from orthanc_state.jupyter.panels.overview import OverviewPanel

            return OverviewPanel(OverviewController(Session(value)))
        case _:
            return None
