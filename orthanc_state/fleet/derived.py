"""The modalities of one server that follow from a network, and where the network says each value of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orthanc_state.fleet.link import Operation
from orthanc_state.fleet.node import FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.errors import Place
    from orthanc_state.fleet.network import Network
    from orthanc_state.fleet.node import Node

RIGHTS = {
    Operation.ECHO: "allow_echo",
    Operation.STORE: "allow_store",
    Operation.FIND: "allow_find",
    Operation.WORKLIST: "allow_find_worklist",
    Operation.MOVE: "allow_move",
    Operation.GET: "allow_get",
    Operation.COMMIT: "allow_n_action",
}
"""The right that whoever asks needs with whom it asks."""

ANSWERS = "allow_event_report"
"""The right that whoever is asked for a storage commitment needs with whom asked: the answer is a call of its own."""


@dataclass(frozen=True, slots=True)
class Said:
    """A value of an entry, and where the inventory says it."""

    value: Any
    place: Place


def entries_of(network: Network, server: Node) -> dict[str, dict[str, Said]]:
    """The entry of each node that a server asks or is asked by, by the name of the node.

    Every right of an entry is given: true where a link asks for it, and otherwise false, which stands where the first
    link between the two does.

    Args:
        network: The network.
        server: One of its nodes, which is a server.
    """
    return {name: _entry(network, server, network.nodes[name]) for name in network.neighbours(server.name)}


def _entry(network: Network, server: Node, other: Node) -> dict[str, Said]:
    entry = {field: Said(getattr(other.entry, field), other.given[field]) for field in FIELDS if field in other.given}
    asks = network.between.get((server.name, other.name), ())
    asked = network.between.get((other.name, server.name), ())
    if (tls := next((link.tls for link in asks if link.tls is not None), None)) is not None:
        entry["use_dicom_tls"] = Said(True, tls)
    granted: dict[str, Place] = {}
    for link in asked:
        for operation, place in link.operations.items():
            granted.setdefault(RIGHTS[operation], place)
    for link in asks:
        # What the other one does on account of what it is asked: it answers, and it sends.
        if Operation.COMMIT in link.operations:
            granted.setdefault(ANSWERS, link.operations[Operation.COMMIT])
        if server.name in link.destinations:
            granted.setdefault(RIGHTS[Operation.STORE], link.destinations[server.name])
    nowhere = min((link.place for link in (*asked, *asks)), key=_position)
    for right in (*RIGHTS.values(), ANSWERS):
        entry[right] = Said(right in granted, granted.get(right, nowhere))
    return entry


def _position(place: Place) -> tuple[int, int]:
    return place.line, place.column


def values_of(entries: Mapping[str, Mapping[str, Said]]) -> dict[str, dict[str, Any]]:
    """The same entries as plain data."""
    return {name: {field: said.value for field, said in entry.items()} for name, entry in entries.items()}
