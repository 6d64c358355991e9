"""Valid networks, as the data of an inventory, for the laws that hold for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

OPERATIONS = ("echo", "store", "find", "worklist", "move", "get", "commit")

Said = tuple[str, str, str]
"""Who asks whom for what."""


@dataclass(frozen=True)
class Sample:
    """One network.

    Attributes:
        servers: The names of the nodes that are servers.
        others: The names of the nodes that are none.
        links: The links as they are written.
        said: What they say, one operation and one direction each.
    """

    servers: tuple[str, ...]
    others: tuple[str, ...]
    links: tuple[str, ...]
    said: frozenset[Said]

    def section(self, addresses: dict[str, list[Any]] | None = None) -> dict[str, Any]:
        """The section `network` of an inventory."""
        names = (*self.servers, *self.others)
        nodes = {name: [name.upper(), "10.0.0.5", 104 + index] for index, name in enumerate(names)}
        return {"nodes": nodes | (addresses or {}), "links": list(self.links)}


@st.composite
def networks(draw: st.DrawFn) -> Sample:
    """A few nodes, with links in every way of writing them."""
    servers = tuple(f"s{number}" for number in range(draw(st.integers(1, 4))))
    others = tuple(f"x{number}" for number in range(draw(st.integers(1, 5))))
    names = (*servers, *others)
    links, said = [], set()
    for _ in range(draw(st.integers(0, 8))):
        asker, asked = draw(st.permutations(names))[:2]
        both = draw(st.booleans())
        words = draw(st.lists(st.sampled_from(OPERATIONS), min_size=1, unique=True))
        blank = draw(st.sampled_from(["", " ", "  "]))
        text = f",{blank}".join(words)
        links.append(f"{asker}{blank}{'<->' if both else '->'}{blank}{asked}:{blank}{text}")
        for one, other in [(asker, asked), *([(asked, asker)] if both else [])]:
            said |= {(one, other, word) for word in words}
    return Sample(servers, others, tuple(links), frozenset(said))


def allowed(sample: Sample, server: str, other: str) -> dict[str, bool]:
    """What a server lets another node do, read plainly."""

    def says(asker: str, asked: str, operation: str) -> bool:
        return (asker, asked, operation) in sample.said

    return {
        "allow_echo": says(other, server, "echo"),
        # Whoever is asked to move something to me sends it to me.
        "allow_store": says(other, server, "store") or says(server, other, "move"),
        "allow_find": says(other, server, "find"),
        "allow_find_worklist": says(other, server, "worklist"),
        "allow_move": says(other, server, "move"),
        "allow_get": says(other, server, "get"),
        "allow_n_action": says(other, server, "commit"),
        "allow_event_report": says(server, other, "commit"),
    }
