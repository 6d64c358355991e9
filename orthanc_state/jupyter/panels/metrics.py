"""Metrics: small plots of what the server counts, drawn here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from orthanc_state.jupyter.controls import bar, button, labelled, text
from orthanc_state.jupyter.panels.panel import Panel
from orthanc_state.render.element import element

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from xml.etree.ElementTree import Element

    from orthanc_state.jupyter.controllers.metrics import MetricsController, Series

EVERY = 2000
"""Milliseconds between two samples."""

SHOWN = 24
"""How many plots are shown at once."""

WIDTH, HEIGHT = 120.0, 32.0

_UNITS = {"mb": "MB", "ms": "ms", "s": "s"}
_WORDS = {"api": "API", "dicom": "DICOM", "http": "HTTP", "rest": "REST"}


class MetricsPanel(Panel):
    """Plots the metrics of a server.

    Args:
        controller: The metrics.
    """

    title: ClassVar[str] = "Metrics"
    name: ClassVar[str] = "metrics"

    def __init__(self, controller: MetricsController) -> None:
        self.controller = controller
        super().__init__(controller)

    def body(self) -> Iterable[Element | None]:
        """The commands and the plots."""
        controller = self.controller
        field = text("filter", controller.filter, kind="search", placeholder="duration", data_input="filter")
        off = controller.enabled is False
        yield bar(
            button("Pause" if controller.live else "Live", "live", css="" if controller.live else "primary"),
            button("Sample once", "sample"),
            button("Collect metrics" if off else "Stop collecting", "enable", "on" if off else "off")
            if controller.enabled is not None
            else None,
            labelled(self._id("filter"), "Filter", field),
        )
        if controller.live and self.error is None:
            yield element("div", data_every=str(EVERY), data_tick="sample", hidden="")
        if off:
            yield element("p", "The server does not collect metrics (`metrics: false`).", css="soft")
        found = controller.shown()
        if found:
            yield element("div", *map(_plot, found[:SHOWN]), css="plots")
        if len(found) > SHOWN:
            yield element("p", f"{len(found) - SHOWN} more are not shown: narrow the filter.", css="soft")

    def on_shown(self, value: Any, values: Mapping[str, Any]) -> None:
        """It is on somebody's screen now."""
        if self.controller.enabled is None and self.controller.session.connected:
            self.controller.sample()

    def on_sample(self, value: Any, values: Mapping[str, Any]) -> None:
        """The server is to be asked."""
        self.controller.sample()

    def on_live(self, value: Any, values: Mapping[str, Any]) -> None:
        """It is to be asked again and again, or not any more."""
        self.controller.set_live(on=not self.controller.live)

    def on_enable(self, value: Any, values: Mapping[str, Any]) -> None:
        """It is to collect metrics, or not."""
        self.controller.enable(on=value == "on")

    def on_filter(self, value: Any, values: Mapping[str, Any]) -> None:
        """Only some are to be shown."""
        self.controller.filter = str(value)


def _plot(series: Series) -> Element:
    values = [value for _, value in series.samples]
    line = _line([moment for moment, _ in series.samples], values)
    picture = element(
        "svg",
        element("path", css="below", d=f"{line} L{WIDTH},{HEIGHT} L0,{HEIGHT} Z"),
        element("path", d=line),
        viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}",
        preserveAspectRatio="none",
        role="img",
        aria_label=f"{series.name}: {number(min(values))} to {number(max(values))}",
    )
    return element(
        "div",
        element("span", title(series.name)),
        element("b", number(series.last)),
        picture,
        css="plot",
        data_key=series.name,
    )


def _line(moments: list[float], values: list[float]) -> str:
    """The points of a plot, from left to right, as the path of a line."""
    low, high = min(values), max(values)
    first, length = moments[0], moments[-1] - moments[0]
    height = (high - low) or 1.0
    points = []
    for moment, value in zip(moments, values, strict=True):
        x = WIDTH * (moment - first) / length if length else 0.0
        # A metric that stays as it is runs along the middle.
        y = HEIGHT / 2 if high == low else HEIGHT - 2 - (HEIGHT - 4) * (value - low) / height
        points.append(f"{x:.1f},{y:.1f}")
    if len(points) == 1:
        points.append(f"{WIDTH:.1f},{HEIGHT / 2:.1f}")
    return "M" + " L".join(points)


def title(name: str) -> str:
    """The name of a metric as people read it: `disk_size_mb` is `Disk size (MB)`."""
    *words, last = name.split("_")
    unit = _UNITS.get(last, "")
    text = " ".join(_WORDS.get(word, word) for word in (words if unit else [*words, last]))
    return f"{text[:1].upper()}{text[1:]}{f' ({unit})' if unit else ''}"


def number(value: float) -> str:
    """A value as people read it."""
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:,.3g}"
