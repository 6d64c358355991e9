"""What every drawing of a network shows: an arrow for each direction, or one for both where they are the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orthanc_state.fleet.link_results import Result
from orthanc_state.fleet.node import Node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.fleet.link import Link
    from orthanc_state.fleet.network import Network


@dataclass(frozen=True, slots=True)
class Arrow:
    """What is drawn between two nodes.

    Attributes:
        start: The node that asks.
        end: The node that is asked.
        label: What it may ask.
        result: What the last check of it said.
        both: Whether the other one asks the same.
    """

    start: str
    end: str
    label: str
    result: Result
    both: bool = False


def arrows_of(network: Network, results: Mapping[str, Result]) -> list[Arrow]:
    """The arrows of a network, in the order of its links.

    Args:
        network: The network.
        results: What the last check of each link said, by its name; what is left out was not checked.
    """
    single = {
        pair: Arrow(*pair, _label(links), results.get(links[0].name, Result.UNKNOWN))
        for pair, links in network.between.items()
    }
    order = {pair: number for number, pair in enumerate(single)}
    drawn: list[Arrow] = []
    for pair, arrow in single.items():
        back = single.get(pair[::-1])
        same = back is not None and (back.label, back.result) == (arrow.label, arrow.result)
        if not same:
            drawn.append(arrow)
        elif order[pair] < order[pair[::-1]]:
            drawn.append(Arrow(arrow.start, arrow.end, arrow.label, arrow.result, both=True))
    return drawn


def title_of(node: Node) -> tuple[str, str]:
    """The two lines that tell a node: its name, and its address."""
    tls = " TLS" if node.entry.use_dicom_tls else ""
    return node.name, f"{node.entry.aet} {node.entry.host}:{node.entry.port}{tls}"


def _label(links: tuple[Link, ...]) -> str:
    words = dict.fromkeys(word for link in links for word in link.words())
    return ", ".join(words)
