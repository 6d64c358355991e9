"""What holds for all networks."""

from __future__ import annotations

import json
from itertools import combinations
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from orthanc_state import Orthanc, apply, plan
from orthanc_state.fleet.derived import entries_of
from orthanc_state.fleet.inventory import Inventory, InventoryError
from orthanc_state.fleet.network import Network
from orthanc_state.render.network_layout import SMALL_LETTER, layout_of
from orthanc_state.render.network_mermaid import network_mermaid
from orthanc_state.render.network_svg import network_svg
from tests.fleet.networks import Sample, allowed, networks

WORDS = st.sampled_from(
    [
        "nodes",
        "links",
        "a",
        "b",
        "aet",
        "host",
        "port",
        "server",
        "AET",
        "allow_find",
        "a -> b",
        "b <-> a",
        "a->",
        "<<",
        "",
    ]
)

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.errors import Problem
    from orthanc_state.testing import OrthancServer


def load(folder: Path, sample: Sample, urls: dict[str, str] | None = None) -> Inventory:
    servers = {name: {"url": f"http://{name}:8042", "documents": []} for name in sample.servers}
    servers |= {name: {"url": url} for name, url in (urls or {}).items()}
    path = folder / "fleet.yaml"
    path.write_text(json.dumps({"version": 1, "servers": servers, "network": sample.section()}))
    return Inventory.load(path, {})


@given(sample=networks())
def test_entries_allow_exactly_what_links_say(tmp_path: Path, sample: Sample) -> None:
    network = load(tmp_path, sample).network
    assert network is not None
    assert {(link.asker, link.asked, word.value) for link in network.links for word in link.operations} == sample.said
    for server in sample.servers:
        entries = entries_of(network, network.nodes[server])
        near = {
            other for link in network.links for other in (link.asker, link.asked) if server in (link.asker, link.asked)
        }
        assert set(entries) == near - {server}
        for name, entry in entries.items():
            node = network.nodes[name]
            values = {field: said.value for field, said in entry.items()}
            address = dict(zip(("aet", "host", "port"), node.address, strict=True))
            assert values == {**address, **allowed(sample, server, name)}
            # Each place is one of the file, and that of a right is within a link.
            assert all(said.place.line == 1 and said.place.column > 1 for said in entry.values())


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(["a -> b: find", "b", "move(to b)"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@given(section=JUNK | st.fixed_dictionaries({"nodes": st.dictionaries(WORDS, JUNK, max_size=3), "links": JUNK}))
def test_whatever_is_written_is_a_network_or_a_problem_with_a_place(tmp_path: Path, section: Any) -> None:
    path = tmp_path / "junk.yaml"
    path.write_text(json.dumps({"version": 1, "servers": {"b": {"url": "http://b:8042"}}, "network": section}))
    found = network_or_problems(path)
    if isinstance(found, Network):
        assert ElementTree.fromstring(network_svg(found, {})) is not None  # noqa: S314
    else:
        assert all(problem.place is not None and problem.message for problem in found)


def network_or_problems(path: Path) -> Network | tuple[Problem, ...]:
    try:
        return Inventory.load(path, {}).network or ()
    except InventoryError as error:
        return error.problems


@given(sample=networks())
def test_every_drawing_shows_every_link_once(tmp_path: Path, sample: Sample) -> None:
    network = load(tmp_path, sample).network
    assert network is not None
    pairs = {(asker, asked) for asker, asked, _ in sample.said}
    picture = ElementTree.fromstring(network_svg(network, {}))  # noqa: S314
    svg = "{http://www.w3.org/2000/svg}"
    heads = picture.findall(f".//{svg}path[@class='head']")
    assert len(heads) == len(pairs)
    assert len(picture.findall(f".//{svg}text[@class='name']")) == len(network.nodes)
    lines = network_mermaid(network, {}).splitlines()
    assert sum(2 if "<-->" in line else 1 for line in lines if "-->" in line) == len(pairs)


@given(sample=networks())
def test_nothing_in_a_picture_covers_something_else(tmp_path: Path, sample: Sample) -> None:
    network = load(tmp_path, sample).network
    assert network is not None
    layout = layout_of(network, {})
    areas = [(box.x, box.y, box.x + box.width, box.y + box.height) for box in layout.boxes]
    for wire in layout.wires:
        x, y = wire.label
        areas.append((x, y - 14, x + len(wire.arrow.label) * SMALL_LETTER, y))
    for one, other in combinations(areas, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    for left, top, right, bottom in areas:
        assert left >= 0
        assert top >= 0
        assert right <= layout.width
        assert bottom <= layout.height


def test_a_plan_after_an_apply_is_empty(orthanc_server: OrthancServer, tmp_path: Path) -> None:
    with Orthanc(orthanc_server.url) as orthanc:

        @settings(max_examples=12)
        @given(sample=networks())
        def law(sample: Sample) -> None:
            document = load(tmp_path, sample, {"s0": orthanc_server.url}).members["s0"].document()
            for name in orthanc.modalities.configurations():
                orthanc.modalities[name].delete()
            assert apply(orthanc, plan(orthanc, document)).ok
            assert plan(orthanc, document).empty
            neighbours = {name for said in sample.said for name in said[:2] if "s0" in said[:2]} - {"s0"}
            assert set(orthanc.modalities.configurations()) == neighbours

        law()
