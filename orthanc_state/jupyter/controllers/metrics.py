"""The metrics of a server, as they were the last few times that it was asked."""

from __future__ import annotations

import re
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orthanc_state.jupyter.controllers.observable import Observable
from orthanc_state.jupyter.controllers.setting import make_so

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from orthanc_state.jupyter.controllers.session import Session

KEPT = 120
"""How many samples of each metric are kept."""

FIRST = (
    "orthanc_count_studies",
    "orthanc_count_instances",
    "orthanc_disk_size_mb",
    "orthanc_rest_api_duration_ms",
    "orthanc_rest_api_active_requests",
    "orthanc_available_http_threads",
    "orthanc_available_dicom_threads",
    "orthanc_jobs_running",
    "orthanc_jobs_pending",
    "orthanc_jobs_failed",
    "orthanc_memory_trimming_duration_ms",
    "orthanc_up_time_s",
)
"""Those that come first."""

_LINE = re.compile(r"(?P<name>[A-Za-z_:][A-Za-z0-9_:]*(\{[^}]*\})?)\s+(?P<value>[^\s]+)")


@dataclass(slots=True)
class Series:
    """One metric.

    Attributes:
        name: Its name, without what is the same of all.
        samples: When it was read, in seconds, and its value.
    """

    name: str
    samples: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=KEPT))

    @property
    def last(self) -> float:
        """Its value now."""
        return self.samples[-1][1]


class MetricsController(Observable):
    """Reads `/tools/metrics-prometheus`, and keeps what it said.

    Args:
        session: The server.
        journal: Where it is recorded that metrics are turned on or off; a new file if None.
        clock: What time it is, in seconds.

    Attributes:
        series: The metrics by their names in the answer.
        enabled: Whether the server collects them; None before it was asked.
        live: Whether it is asked again and again.
        filter: What names have to hold to be shown.
    """

    def __init__(
        self, session: Session, *, journal: Path | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self.session = session
        self.series: dict[str, Series] = {}
        self.enabled: bool | None = None
        self.live = False
        self.filter = ""
        self._journal = journal
        self._clock = clock
        session.watch(self._moved)

    def sample(self) -> None:
        """Ask the server once.

        Raises:
            OrthancStateError: There is none, or it does not answer.
        """
        orthanc = self.session.server().read_only()
        self.enabled = orthanc.tools.metrics.get()
        now = self._clock()
        for name, value in parsed(orthanc.tools.metrics_prometheus()) if self.enabled else ():
            series = self.series.setdefault(name, Series(name.removeprefix("orthanc_")))
            series.samples.append((now, value))
        self.changed()

    def enable(self, *, on: bool) -> None:
        """Have the server collect metrics, or not.

        Raises:
            OrthancStateError: It could not be done.
        """
        make_so(self.session.server(), {"metrics": on}, self._journal)
        self.sample()

    def set_live(self, *, on: bool) -> None:
        """Ask again and again from now on, or not any more."""
        self.live = on
        self.changed()

    def shown(self) -> list[Series]:
        """The metrics that are shown, the most telling ones first."""
        word = self.filter.strip().lower()
        order = {name: number for number, name in enumerate(FIRST)}
        names = sorted(self.series, key=lambda name: (order.get(name, len(order)), name))
        return [self.series[name] for name in names if word in name.lower()]

    def _moved(self) -> None:
        self.series, self.enabled = {}, None
        self.changed()


def parsed(text: str) -> Iterator[tuple[str, float]]:
    """The metrics of an answer in the text format of Prometheus, with their values."""
    for line in text.splitlines():
        found = _LINE.match(line) if not line.startswith("#") else None
        if found is not None:
            try:
                yield found["name"], float(found["value"])
            except ValueError:
                continue
