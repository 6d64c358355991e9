"""A network as a picture that needs nothing else: SVG with its own style, for light and dark pages."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from orthanc_state.fleet.link_results import Result
from orthanc_state.render.element import element, style
from orthanc_state.render.network_layout import layout_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from xml.etree.ElementTree import Element

    from orthanc_state.fleet.network import Network
    from orthanc_state.render.network_drawing import Arrow
    from orthanc_state.render.network_layout import Box, Wire

_CSS = """
svg { --paper: #ffffff; --ink: #1f2328; --pale: #59636e; --box: #f6f8fa; --edge: #8c959f; --server: #ddebff;
  --unknown: #59636e; --ok: #1a7f37; --failed: #cf222e; background: var(--paper);
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media (prefers-color-scheme: dark) { svg { --paper: #0d1117; --ink: #e6edf3; --pale: #9198a1; --box: #161b22;
  --edge: #656c76; --server: #14305c; --unknown: #9198a1; --ok: #3fb950; --failed: #f85149; } }
.page { fill: var(--paper); }
.box { fill: var(--box); stroke: var(--edge); }
.server .box { fill: var(--server); stroke-width: 2; }
.name { fill: var(--ink); font-size: 13px; font-weight: 600; }
.address { fill: var(--pale); font-size: 11px; }
.wire { fill: none; stroke-width: 1.5; }
.label { font-size: 11px; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; paint-order: stroke; }
.unknown .wire { stroke: var(--unknown); } .unknown .label, .unknown .head { fill: var(--unknown); }
.ok .wire { stroke: var(--ok); } .ok .label, .ok .head { fill: var(--ok); }
.failed .wire { stroke: var(--failed); stroke-width: 2.5; stroke-dasharray: 7 4; }
.failed .label, .failed .head { fill: var(--failed); }
"""

_MARKS = {Result.OK: "✓ ", Result.FAILED: "✗ ", Result.UNKNOWN: ""}
_HEAD = 8
"""The length of the head of an arrow, in pixels."""


def _nothing(arrow: Arrow) -> Mapping[str, str]:
    return {}


def network_svg(network: Network, results: Mapping[str, Result]) -> str:
    """A picture of a network: servers in the middle, and on every arrow what is asked and whether it worked.

    Args:
        network: The network.
        results: The results of its links, by their names.
    """
    picture = network_picture(network, results)
    picture.insert(0, style(_CSS))
    return ElementTree.tostring(picture, encoding="unicode") + "\n"


def network_picture(
    network: Network, results: Mapping[str, Result], beside: Callable[[Arrow], Mapping[str, str]] = _nothing
) -> Element:
    """The same as an element without a style, for a page that has one of its own.

    Args:
        network: The network.
        results: The results of its links, by their names.
        beside: Further attributes of what is drawn of an arrow.
    """
    layout = layout_of(network, results)
    width, height = f"{layout.width:.0f}", f"{layout.height:.0f}"
    return element(
        "svg",
        element("title", "DICOM network"),
        element("rect", css="page", width=width, height=height),
        *(_wire(wire, beside(wire.arrow)) for wire in layout.wires),
        *map(_box, layout.boxes),
        *(_label(wire, beside(wire.arrow)) for wire in layout.wires),
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
    )


def _box(box: Box) -> Element:
    middle = box.y + box.height / 2
    left = f"{box.x + 12:.1f}"
    return element(
        "g",
        element(
            "rect",
            css="box",
            x=f"{box.x:.1f}",
            y=f"{box.y:.1f}",
            width=f"{box.width:.1f}",
            height=f"{box.height:.1f}",
            rx="4" if box.server else "18",
        ),
        element("text", box.lines[0], css="name", x=left, y=f"{middle - 4:.1f}"),
        element("text", box.lines[1], css="address", x=left, y=f"{middle + 12:.1f}"),
        css="server" if box.server else "system",
    )


def _wire(wire: Wire, beside: Mapping[str, str]) -> Element:
    start, knee, one, other, last, end = (f"{x:.1f},{y:.1f}" for x, y in wire.points)
    line = f"M{start} L{knee} C{one} {other} {last} L{end}"
    # Its label is what has a name and can be reached; here only what a click says.
    said = {name: value for name, value in beside.items() if name.startswith("data_")}
    return element(
        "g",
        element("title", _told(wire)),
        element("path", css="wire", d=line),
        element("path", css="hit", d=line) if said else None,
        *_heads(wire),
        css=wire.arrow.result.value,
        **said,
    )


def _heads(wire: Wire) -> Iterator[Element]:
    """The head at the end, and the one at the start of what goes both ways; each points into its node."""
    points = wire.points
    for (x, y), before in [(points[5], points[4]), *([(points[0], points[1])] if wire.arrow.both else [])]:
        back = x + (_HEAD if before[0] > x else -_HEAD)
        yield element("path", css="head", d=f"M{x:.1f},{y:.1f} L{back:.1f},{y - 4:.1f} L{back:.1f},{y + 4:.1f} Z")


def _label(wire: Wire, beside: Mapping[str, str]) -> Element:
    arrow = wire.arrow
    x, y = wire.label
    text = element("text", f"{_MARKS[arrow.result]}{arrow.label}", css="label", x=f"{x + _HEAD:.1f}", y=f"{y - 4:.1f}")
    return element("g", element("title", _told(wire)), text, css=arrow.result.value, **beside)


def _told(wire: Wire) -> str:
    arrow = wire.arrow
    result = "" if arrow.result is Result.UNKNOWN else f" ({arrow.result.value})"
    return f"{arrow.start} {'<->' if arrow.both else '->'} {arrow.end}: {arrow.label}{result}"
