"""A network as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.fleet.derived import entries_of, values_of
from orthanc_state.fleet.link_results import Result
from orthanc_state.render.data import problem_data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthanc_state.errors import Place, Problem
    from orthanc_state.fleet.network import Network


def network_data(network: Network, results: Mapping[str, Result], warnings: Sequence[Problem]) -> dict[str, Any]:
    """Nodes, links with what the last check said of each, and the modalities that follow for each server.

    Args:
        network: The network.
        results: The results of its links, by their names.
        warnings: What is probably a mistake in it.
    """
    return {
        "nodes": [
            {
                "name": node.name,
                "aet": node.entry.aet,
                "host": node.entry.host,
                "port": node.entry.port,
                "manufacturer": node.entry.manufacturer,
                "use_dicom_tls": node.entry.use_dicom_tls,
                "server": node.server,
                "modalities": None if node.server is None else values_of(entries_of(network, node)),
                **_place(node.place),
            }
            for node in network.nodes.values()
        ],
        "links": [
            {
                "from": link.asker,
                "to": link.asked,
                "operations": [operation.value for operation in link.operations],
                "destinations": list(link.destinations),
                "tls": link.tls is not None,
                "result": results.get(link.name, Result.UNKNOWN).value,
                **_place(link.place),
            }
            for link in network.links
        ],
        "warnings": [problem_data(warning) for warning in warnings],
    }


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "column": place.column}
