"""Drawings of a network: what they show, and that a name in them is nothing but text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from orthanc_state.errors import OrthancStateError
from orthanc_state.fleet.inventory import Inventory
from orthanc_state.fleet.link_results import Result, read_results
from orthanc_state.render.network_layout import layout_of
from orthanc_state.render.network_mermaid import network_mermaid
from orthanc_state.render.network_svg import network_svg

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.fleet.network import Network
    from tests.conftest import Cli

INVENTORY = """\
version: 1
servers: {pacs: {url: "http://pacs:8042"}}
network:
  nodes:
    ct1: [CT1, 10.0.0.9, 104]
    pacs: {aet: PACS, host: 10.0.0.5, port: 4242, use_dicom_tls: true}
    viewer: [VIEWER, 10.0.0.6, 104]
    end: ['"]<b>&#`|', "h--><script>", 104]
  links:
    ct1 -> pacs: store, echo
    viewer <-> pacs: find, get
    end -> pacs: move(to viewer), tls
    pacs -> viewer: store
"""

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the inventory."""
    (tmp_path / "fleet.yaml").write_text(INVENTORY)
    return tmp_path


@pytest.fixture
def network(folder: Path) -> Network:
    found = Inventory.load(folder / "fleet.yaml", {}).network
    assert found is not None
    return found


def test_mermaid_shows_nodes_links_and_results(network: Network) -> None:
    assert network_mermaid(network, {"ct1 -> pacs": Result.OK, "viewer -> pacs": Result.FAILED}) == (
        "flowchart LR\n"
        '  n0("ct1<br/>CT1 10.0.0.9:104")\n'
        '  n1["pacs<br/>PACS 10.0.0.5:4242 TLS"]:::server\n'
        '  n2("viewer<br/>VIEWER 10.0.0.6:104")\n'
        '  n3("end<br/>#quot;]#lt;b#gt;#amp;#35;#96;#124; h--#gt;#lt;script#gt;:104")\n'
        '  n0 -->|"✓ echo, store"| n1\n'
        '  n2 -->|"✗ find, get"| n1\n'
        '  n1 -->|"find, get, store"| n2\n'
        '  n3 -->|"move(to viewer), tls"| n1\n'
        "  linkStyle 0 stroke:#2a9d5c,color:#2a9d5c\n"
        "  linkStyle 1 stroke:#d6453d,color:#d6453d,stroke-width:3px\n"
        "  classDef server stroke-width:3px\n"
    )


def test_a_picture_shows_them_too_and_asks_for_nothing(network: Network) -> None:
    text = network_svg(network, {"ct1 -> pacs": Result.OK, "viewer -> pacs": Result.FAILED})
    picture = ElementTree.fromstring(text)  # noqa: S314
    texts = [each.text for each in picture.iter(f"{SVG}text")]
    assert {"ct1", "CT1 10.0.0.9:104", "✓ echo, store", "✗ find, get", "find, get, store"} <= set(texts)
    assert '"]<b>&#`| h--><script>:104' in texts
    assert [each.text for each in picture.findall(f"./{SVG}g[@class='failed']/{SVG}title")] == [
        "viewer -> pacs: find, get (failed)",
        "viewer -> pacs: find, get (failed)",
    ]
    assert len(picture.findall(f".//{SVG}g[@class='server']")) == 1
    # Nothing runs, and nothing is fetched.
    assert {each.tag.removeprefix(SVG) for each in picture.iter()} == {
        "svg", "style", "title", "rect", "g", "path", "text"
    }  # fmt: skip
    assert "prefers-color-scheme: dark" in text
    assert not any("href" in name or name.startswith("on") for each in picture.iter() for name in each.attrib)
    assert "url(" not in text


def test_the_command_draws_in_each_form(folder: Path, cli: Cli, network: Network) -> None:
    (folder / "results.json").write_text(json.dumps({"ct1 -> pacs": "ok", "gone -> pacs": "failed"}))
    done = cli("network", "--results", "results.json")
    assert done.returncode == 0
    assert done.stdout == network_mermaid(network, {"ct1 -> pacs": Result.OK})
    assert "results.json gone -> pacs: the network has no such link" in done.stderr
    assert cli("network", "--format", "svg", "--out", "network.svg").returncode == 0
    assert (folder / "network.svg").read_text() == network_svg(network, {})
    data = json.loads(cli("network", "--format", "json", "--results", "results.json").stdout)
    assert [(link["from"], link["to"], link["operations"], link["result"]) for link in data["links"]] == [
        ("ct1", "pacs", ["store", "echo"], "ok"),
        ("viewer", "pacs", ["find", "get"], "unknown"),
        ("pacs", "viewer", ["find", "get"], "unknown"),
        ("end", "pacs", ["move"], "unknown"),
        ("pacs", "viewer", ["store"], "unknown"),
    ]
    assert data["nodes"][1]["modalities"]["ct1"]["allow_store"] is True
    assert data["nodes"][0]["modalities"] is None
    assert [warning["message"] for warning in data["warnings"]] == ["the network has no such link"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "results.json:1:2 is not JSON"),
        ("[1]", "results.json does not hold the results of links"),
        ('{"ct1 -> pacs": "okay"}', "ct1 -> pacs: this is no result (did you mean `ok`?)"),
        ('{"ct1 -> pacs": {}}', "ct1 -> pacs: this is no result (expected ok, failed, unknown)"),
        ("\udcff", "results.json is not text in UTF-8"),
        (None, "results.json cannot be read: No such file or directory"),
    ],
)
def test_results_that_are_none_are_said(folder: Path, network: Network, content: str | None, said: str) -> None:
    path = folder / "results.json"
    if content is not None:
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(OrthancStateError) as caught:
        read_results(path, network)
    assert said in str(caught.value)


def test_results_may_be_those_of_checks(folder: Path, network: Network) -> None:
    found = [
        ("echo", "modalities/viewer", "failed"),
        ("echo", "modalities/viewer", "ok"),
        ("echo-back", "modalities/viewer", "warning"),
        ("echo-back", "modalities/ct1", "skipped"),
        ("echo", "modalities/ct1", "ok"),
        ("version", "server", "failed"),
    ]
    rows = [{"check": check, "server": "pacs", "target": target, "status": status} for check, target, status in found]
    path = folder / "checks.json"
    path.write_text(json.dumps({"ok": False, "results": [*rows, 5, {"check": "echo"}]}))
    assert read_results(path, network) == (
        {"pacs -> viewer": Result.FAILED, "viewer -> pacs": Result.OK, "ct1 -> pacs": Result.UNKNOWN},
        [],
    )


def test_an_inventory_without_a_network_is_said(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "fleet.yaml").write_text('version: 1\nservers: {pacs: {url: "http://pacs:8042"}}\n')
    done = cli("network", "--format", "json")
    assert done.returncode == 1
    assert "fleet.yaml has no network" in done.stderr + done.stdout


def test_a_network_in_which_no_server_is_a_node_is_drawn_too(folder: Path) -> None:
    (folder / "fleet.yaml").write_text(INVENTORY.replace("servers: {pacs:", "servers: {other:"))
    found = Inventory.load(folder / "fleet.yaml", {}).network
    assert found is not None
    layout = layout_of(found, {})
    assert all(0 < x < layout.width for wire in layout.wires for x, _ in wire.points)
    assert not any(box.server for box in layout.boxes)
