"""Overview: the server at a glance."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from orthanc_state.jupyter.controls import bar, button, choice, facts, labelled, table
from orthanc_state.jupyter.panels.panel import Panel
from orthanc_state.render.element import element

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from xml.etree.ElementTree import Element

    from orthanc_state.jupyter.controllers.overview import Overview, OverviewController

TIMERS = {"0": "on demand", "5": "every 5 seconds", "30": "every 30 seconds", "300": "every 5 minutes"}

_JOB_ROLES = {"Success": "ok", "Failure": "error", "Running": "warning", "Pending": ""}


class OverviewPanel(Panel):
    """Shows what a server is, how much it holds, and what it is busy with.

    Args:
        controller: The server.
    """

    title: ClassVar[str] = "Overview"
    name: ClassVar[str] = "overview"

    def __init__(self, controller: OverviewController) -> None:
        self.controller = controller
        super().__init__(controller)

    def body(self) -> Iterable[Element | None]:
        """The commands, and what the server said last."""
        timer = choice("every", str(self.controller.every), TIMERS, data_change="timer")
        yield bar(button("Refresh", "refresh"), labelled(self._id("every"), "Refreshes", timer))
        if self.controller.every and self.error is None:
            yield element("div", data_every=str(self.controller.every * 1000), data_tick="refresh", hidden="")
        if self.controller.overview is not None:
            yield from self._overview(self.controller.overview)

    def on_shown(self, value: Any, values: Mapping[str, Any]) -> None:
        """It is on somebody's screen now."""
        if self.controller.overview is None and self.controller.session.connected:
            self.controller.refresh()

    def on_refresh(self, value: Any, values: Mapping[str, Any]) -> None:
        """The server is to be asked."""
        self.controller.refresh()

    def on_timer(self, value: Any, values: Mapping[str, Any]) -> None:
        """It is to be asked by itself."""
        self.controller.set_timer(int(value) if str(value).isdigit() else 0)

    def _overview(self, overview: Overview) -> Iterator[Element]:
        system, statistics = overview.system, overview.statistics
        rows: list[tuple[str, Element | str]] = [
            ("Name", str(system.get("Name") or "none")),
            ("Version", str(system.get("Version"))),
            ("AE title", str(system.get("DicomAet") or "none")),
            ("DICOM port", str(system.get("DicomPort") or "none")),
            ("Database", str(system.get("DatabaseBackendPlugin") or "SQLite")),
            ("Storage", str(system.get("StorageAreaPlugin") or "file system")),
        ]
        rows += [
            (name, f"{int(statistics.get(f'Count{name}', 0)):,}")
            for name in ("Patients", "Studies", "Series", "Instances")
        ]
        rows.append(("On disk", f"{int(statistics.get('TotalDiskSizeMB', 0)):,} MB"))
        if overview.drift:
            css = {True: "tag ok", False: "tag warning", None: "tag error"}[overview.in_sync]
            rows.append(("Drift", element("span", overview.drift, css=css)))
        rows.append(("Plugins", ", ".join(overview.plugins) or "none"))
        yield facts(rows)
        if overview.labels:
            yield table(
                ["Label", "Studies"],
                [[label, "not counted" if count is None else f"{count:,}"] for label, count in overview.labels.items()],
                caption="Labels in use",
            )
        if overview.jobs:
            yield table(
                ["Job", "Type", "State", "Progress", "Created"], map(_job, overview.jobs), caption="Latest jobs"
            )


def _job(job: Mapping[str, Any]) -> list[Element | str]:
    state = str(job.get("State", ""))
    return [
        str(job.get("ID", ""))[:8],
        str(job.get("Type", "")),
        element("span", state, css=f"tag {_JOB_ROLES.get(state, '')}".strip()),
        f"{job.get('Progress', 0)} %",
        _moment(str(job.get("CreationTime", ""))),
    ]


def _moment(text: str) -> str:
    """A moment as Orthanc writes it (`20260131T120000.5`, in UTC), as people read it."""
    try:
        return f"{datetime.strptime(text.partition('.')[0], '%Y%m%dT%H%M%S'):%Y-%m-%d %H:%M:%S} UTC"
    except ValueError:
        return text
