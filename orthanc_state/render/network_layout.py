"""Where the parts of a drawing of a network stand.

Three columns: at the left who only asks, in the middle the servers, at the right everybody else. Each arrow has a place
of its own at both its ends, so that what is written beside it never covers something else.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orthanc_state.render.network_drawing import Arrow, arrows_of, title_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orthanc_state.fleet.link_results import Result
    from orthanc_state.fleet.network import Network

ROW = 22
"""The height of the place of one arrow, in pixels."""
LEAST = 44
"""The least height of a node."""
GAP, MARGIN, TOP = 16, 24, 24
LETTER, SMALL_LETTER = 8.0, 6.6
"""The widths of letters of a name and of what is small."""
SPACE = 170
"""Where arrows of all directions cross, between two columns."""
MARK = 14
"""The width of the mark of a result before a label."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A node: its name, its two lines, whether it is a server, and where it stands."""

    name: str
    lines: tuple[str, str]
    server: bool
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Wire:
    """An arrow, and where its label begins.

    Attributes:
        arrow: The arrow.
        points: Where it begins, where its curve does, the two points that bend it, where the curve ends, and its end.
        label: Where its label begins.
    """

    arrow: Arrow
    points: tuple[Point, Point, Point, Point, Point, Point]
    label: Point


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole drawing, in pixels."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]


def layout_of(network: Network, results: Mapping[str, Result]) -> Layout:
    """Place the nodes and the arrows of a network.

    Args:
        network: The network.
        results: The results of its links, by their names.
    """
    return _Placing(network, arrows_of(network, results)).layout()


class _Placing:
    def __init__(self, network: Network, arrows: Sequence[Arrow]) -> None:
        self._network = network
        self._arrows = arrows
        self._columns = self._sorted(_columns(network))
        self._column = {name: index for index, names in enumerate(self._columns) for name in names}
        # The arrows at each side of each node, and how far from it the longest label of its column reaches there.
        self._at: dict[tuple[str, int], list[Arrow]] = defaultdict(list)
        for arrow in arrows:
            for one, other in ((arrow.start, arrow.end), (arrow.end, arrow.start)):
                self._at[one, self._side(one, other)].append(arrow)
        self._reach = {(index, side): self._longest(index, side) for index in range(3) for side in (-1, 1)}

    def layout(self) -> Layout:
        boxes = {box.name: box for box in self._boxes()}
        wires = tuple(self._wires(boxes))
        height = max((box.y + box.height for box in boxes.values()), default=0.0) + TOP
        # Arrows between the nodes of the last column go further than it does.
        ends = [box.x + box.width for box in boxes.values()] + [x for wire in wires for x, _ in wire.points]
        width = max(ends, default=0.0) + MARGIN
        return Layout(width, height, tuple(boxes.values()), wires)

    def _sorted(self, columns: Sequence[list[str]]) -> list[list[str]]:
        """The outer columns in the order of whom they talk to, so that fewer arrows cross."""
        middle = {name: index for index, name in enumerate(columns[1])}

        def weight(name: str) -> float:
            near = [middle[other] for other in self._network.neighbours(name) if other in middle]
            return sum(near) / len(near) if near else len(middle)

        return [sorted(columns[0], key=weight), list(columns[1]), sorted(columns[2], key=weight)]

    def _side(self, name: str, other: str) -> int:
        """At which side of a node its arrow to another one begins: -1 for the left, 1 for the right."""
        own, theirs = self._column[name], self._column[other]
        if own == theirs:
            return -1 if own == 2 and (self._columns[0] or self._columns[1]) else 1
        return 1 if theirs > own else -1

    def _boxes(self) -> Iterator[Box]:
        heights = {
            name: max(LEAST, ROW * max(len(self._at[name, side]) for side in (-1, 1)) + 8) for name in self._column
        }
        totals = [sum(heights[name] + GAP for name in names) for names in self._columns]
        x: float = MARGIN
        for index, names in enumerate(self._columns):
            lines = {name: title_of(self._network.nodes[name]) for name in names}
            width = max((max(len(a) * LETTER, len(b) * SMALL_LETTER) + 24 for a, b in lines.values()), default=0.0)
            y = TOP + (max(totals) - totals[index]) / 2
            for name in names:
                server = self._network.nodes[name].server is not None
                yield Box(name, lines[name], server, x, y, width, heights[name])
                y += heights[name] + GAP
            if names:
                x += width + self._room(index)

    def _room(self, index: int) -> float:
        """The room at the right of a column: the labels of its arrows, those of the next one, and where they cross."""
        later = next((after for after in range(index + 1, 3) if self._columns[after]), None)
        return 0 if later is None else self._reach[index, 1] + SPACE + self._reach[later, -1]

    def _longest(self, index: int, side: int) -> float:
        lengths = [
            len(arrow.label) for name in self._columns[index] for arrow in self._at[name, side] if arrow.start == name
        ]
        return max(lengths) * SMALL_LETTER + MARK + 20 if lengths else 24

    def _wires(self, boxes: Mapping[str, Box]) -> Iterator[Wire]:
        ports: dict[tuple[int, str], Point] = {}
        for name, box in boxes.items():
            for side in (-1, 1):
                arrows = sorted(self._at[name, side], key=lambda arrow: self._height(boxes, name, arrow))
                first = box.y + box.height / 2 - ROW * (len(arrows) - 1) / 2
                for index, arrow in enumerate(arrows):
                    x = box.x + box.width if side > 0 else box.x
                    ports[id(arrow), name] = (x, first + ROW * index)
        for arrow in self._arrows:
            out, into = self._side(arrow.start, arrow.end), self._side(arrow.end, arrow.start)
            start, end = ports[id(arrow), arrow.start], ports[id(arrow), arrow.end]
            # Straight past all labels of its column: curves cross each other, and no text.
            knee = (start[0] + out * self._reach[self._column[arrow.start], out], start[1])
            last = (end[0] + into * self._reach[self._column[arrow.end], into], end[1])
            if out == into:
                far = max(knee[0] * out, last[0] * out) * out + out * 60
                curve = ((far, knee[1]), (far, last[1]))
            else:
                half = abs(last[0] - knee[0]) / 2
                curve = ((knee[0] + out * half, knee[1]), (last[0] + into * half, last[1]))
            label = start[0] + 6 if out > 0 else start[0] - len(arrow.label) * SMALL_LETTER - MARK - 12
            yield Wire(arrow, (start, knee, *curve, last, end), (label, start[1]))

    def _height(self, boxes: Mapping[str, Box], name: str, arrow: Arrow) -> tuple[float, bool]:
        other = boxes[arrow.end if arrow.start == name else arrow.start]
        # Of two arrows between the same nodes, the same one is the upper one at both ends.
        return other.y + other.height / 2, arrow.start > arrow.end


def _columns(network: Network) -> list[list[str]]:
    columns: list[list[str]] = [[], [], []]
    asked = {link.asked for link in network.links}
    for name, node in network.nodes.items():
        columns[1 if node.server is not None else 2 if name in asked else 0].append(name)
    return columns
