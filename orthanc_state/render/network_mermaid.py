"""A network as a flowchart of Mermaid, which Markdown on most forges draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.fleet.link_results import Result
from orthanc_state.render.line import safe
from orthanc_state.render.network_drawing import arrows_of, title_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthanc_state.fleet.network import Network

# The colours are seen on white and on black.
_STYLES = {
    Result.OK: "stroke:#2a9d5c,color:#2a9d5c",
    Result.FAILED: "stroke:#d6453d,color:#d6453d,stroke-width:3px",
}
_ENTITIES = {
    "&": "#amp;",
    "#": "#35;",
    '"': "#quot;",
    "<": "#lt;",
    ">": "#gt;",
    "`": "#96;",
    "\\": "#92;",
    "|": "#124;",
}


def network_mermaid(network: Network, results: Mapping[str, Result]) -> str:
    """The text of a flowchart: servers as boxes, other systems as rounded ones.

    Args:
        network: The network.
        results: The results of its links, by their names.
    """
    return "\n".join(_lines(network, results)) + "\n"


def _lines(network: Network, results: Mapping[str, Result]) -> Iterator[str]:
    yield "flowchart LR"
    # A name could be a word of the language: `end`, `graph`.
    numbers = {name: f"n{number}" for number, name in enumerate(network.nodes)}
    for name, node in network.nodes.items():
        label = "<br/>".join(map(_text, title_of(node)))
        shape = f'["{label}"]:::server' if node.server is not None else f'("{label}")'
        yield f"  {numbers[name]}{shape}"
    styles = []
    for number, arrow in enumerate(arrows_of(network, results)):
        mark = {Result.OK: "✓ ", Result.FAILED: "✗ "}.get(arrow.result, "")
        head = "<-->" if arrow.both else "-->"
        yield f'  {numbers[arrow.start]} {head}|"{_text(mark + arrow.label)}"| {numbers[arrow.end]}'
        if arrow.result in _STYLES:
            styles.append(f"  linkStyle {number} {_STYLES[arrow.result]}")
    yield from styles
    yield "  classDef server stroke-width:3px"


def _text(text: str) -> str:
    return "".join(_ENTITIES.get(character, character) for character in safe(text))
