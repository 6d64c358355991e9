"""What is wrong with a network as a whole, found without asking any server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.document.explain import dotted
from orthanc_state.errors import Problem
from orthanc_state.fleet.link import Operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orthanc_state.document.document import Document
    from orthanc_state.fleet.link import Link
    from orthanc_state.fleet.member import Member
    from orthanc_state.fleet.network import Network
    from orthanc_state.fleet.node import Node

LINKS = "network.links"


def network_problems(network: Network) -> Iterator[Problem]:
    """What cannot work: one server twice, one AE title twice, a C-MOVE that cannot arrive."""
    yield from _same_servers(network)
    yield from _same_titles(network)
    for link in network.links:
        yield from _lost_moves(network, link)


def network_warnings(network: Network) -> Iterator[Problem]:
    """What can work, and is probably a mistake: idle nodes, repetitions, loops, a port half of TLS."""
    for node in network.nodes.values():
        if not network.neighbours(node.name):
            hint = "name it in `links`, or take it away"
            yield Problem("no link names this node: nothing follows from it", node.place, _where(node), hint)
    yield from _said_before(network)
    yield from _half_tls(network)
    for cycle in _cycles(network):
        first = network.between[cycle[0], cycle[1]][0]
        way = " -> ".join([*cycle, cycle[0]])
        message = f"a loop: {way}: if each forwards what it receives, an image goes round for ever"
        hint = "make sure that one of them does not forward, or take a `store` away"
        yield Problem(message, first.operations.get(Operation.STORE, first.place), LINKS, hint)


def one_way_peers(members: Sequence[Member], documents: Mapping[str, Document]) -> Iterator[Problem]:
    """Servers that have a peer which does not have them.

    Args:
        members: Servers of the inventory.
        documents: Their documents, by the names of the servers; a server without one is not judged.
    """
    by_url = {_url(member.url): member for member in members if member.name in documents}
    for member in members:
        for name, peer in _peers(documents.get(member.name)).items():
            other = by_url.get(_url(getattr(peer, "url", "")))
            if other is None or other is member:
                continue
            if any(
                _url(getattr(each, "url", "")) == _url(member.url) for each in _peers(documents[other.name]).values()
            ):
                continue
            message = f"{member.name} has the peer {other.name}, which does not have {member.name}: one way only"
            place = documents[member.name].place(("peers", name))
            hint = f"if both are to send, give {other.name} a peer with the URL {member.url}"
            yield Problem(message, place, dotted(("peers", name)), hint)


def _peers(document: Document | None) -> Mapping[str, object]:
    return {} if document is None else document.sections.get("peers", {})


def _url(url: str) -> str:
    return url.rstrip("/").lower()


def _same_servers(network: Network) -> Iterator[Problem]:
    seen: dict[str, Node] = {}
    for node in network.nodes.values():
        if node.server is None:
            continue
        first = seen.setdefault(node.server, node)
        if first is not node:
            place = node.given.get("server", node.place)
            hint = "a server is one node; a node that is none says `server: null`"
            message = f"the node {first.name} is the server {node.server} already: {first.place}"
            yield Problem(message, place, f"{_where(node)}.server", hint)


def _same_titles(network: Network) -> Iterator[Problem]:
    """Orthanc tells callers by their AE titles, and does not look at capitals (`StrictAetComparison` is false)."""
    seen: dict[str, Node] = {}
    for node in network.nodes.values():
        first = seen.setdefault(node.entry.aet.casefold(), node)
        if first is node:
            continue
        if node.address[1:] == first.address[1:]:
            message = f"the AE title {node.entry.aet} at the same host and port is the node {first.name} already"
            hint = "one system is one node"
        else:
            message = f"the AE title {node.entry.aet} is that of {first.name}, which is elsewhere"
            hint = "a server tells who calls by the AE title, in which capitals do not count: give one of them another"
        yield Problem(f"{message}: {first.given['aet']}", node.given["aet"], f"{_where(node)}.aet", hint)


def _lost_moves(network: Network, link: Link) -> Iterator[Problem]:
    for name, place in link.destinations.items():
        if name == link.asked:
            hint = "a C-MOVE sends to somebody else"
            yield Problem(f"{link.asked} is asked to send to itself", place, LINKS, hint)
        elif name != link.asker and network.asks(link.asked, name, Operation.STORE) is None:
            known = name in network.neighbours(link.asked)
            what = "may not send to" if known else "does not know"
            hint = f"add the link `{link.asked} -> {name}: store`"
            yield Problem(f"{link.asked} {what} {name}, to which {link.asker} lets it send", place, LINKS, hint)


def _said_before(network: Network) -> Iterator[Problem]:
    for links in network.between.values():
        seen: dict[Operation, Link] = {}
        for link in links:
            for operation, place in link.operations.items():
                first = seen.setdefault(operation, link)
                if first is not link:
                    message = f"`{operation}` of {link.name} is said already: {first.operations[operation]}"
                    yield Problem(message, place, LINKS, "once is enough")


def _half_tls(network: Network) -> Iterator[Problem]:
    """A port speaks TLS or does not: who asks with and who asks without cannot both be right."""
    for node in network.nodes.values():
        if node.entry.use_dicom_tls:
            continue
        links = [link for link in network.links if link.asked == node.name]
        by_asker = {link.asker: any(each.tls for each in links if each.asker == link.asker) for link in links}
        without = [asker for asker, tls in by_asker.items() if not tls]
        if without and len(without) < len(by_asker):
            first = next(link for link in links if link.tls is not None)
            message = f"{first.asker} asks {node.name} with DICOM TLS, and {', '.join(without)} without"
            hint = f"a port speaks one of them: if it is TLS for all, say `use_dicom_tls: true` of {node.name}"
            yield Problem(message, first.tls, LINKS, hint)


def _cycles(network: Network) -> Iterator[list[str]]:
    """Ways among the servers by which what is sent comes back: of each knot of them the shortest one."""
    servers = [name for name, node in network.nodes.items() if node.server is not None]
    sends: dict[str, list[str]] = {name: [] for name in servers}
    for asker, asked in network.between:
        if asker in sends and asked in sends and network.asks(asker, asked, Operation.STORE) is not None:
            sends[asker].append(asked)
    told: set[str] = set()
    for start in servers:
        cycle = [] if start in told else _shortest_way_back(start, sends)
        if cycle and told.isdisjoint(cycle):
            yield cycle
        told.update(cycle)


def _shortest_way_back(start: str, sends: Mapping[str, Sequence[str]]) -> list[str]:
    ways: list[list[str]] = [[start]]
    seen: set[str] = set()
    for way in ways:
        for name in sends[way[-1]]:
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _where(node: Node) -> str:
    return dotted(("network", "nodes", node.name))
