"""The network of an inventory: what follows from it for each server, and what is wrong with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthanc_state.document.load import DocumentError
from orthanc_state.document.origin import origin_of
from orthanc_state.fleet.ansible import host_data
from orthanc_state.fleet.derived import entries_of, values_of
from orthanc_state.fleet.inventory import Inventory, InventoryError
from orthanc_state.fleet.topology import one_way_peers

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from tests.conftest import Cli

MARK = "»"
"""Stands in the texts of this file where a problem is to be found."""

SERVERS = """\
version: 1
servers:
  pacs: {url: "http://pacs:8042", documents: [pacs.yaml]}
  viewer-server: {url: "http://viewer:8042"}
"""

NODES = """\
network:
  nodes:
    ct1: [CT1, 10.0.0.9, 104]
    pacs: {aet: PACS, host: 10.0.0.5, port: 4242, manufacturer: Vitrea}
    viewer: {server: viewer-server, AET: VIEWER, Host: 10.0.0.6, Port: "4242"}
"""

LINKS = """\
  links:
    ct1 -> pacs: store, echo
    viewer <-> pacs: find, move, get
"""

NO_RIGHTS = dict.fromkeys(
    (
        "allow_echo",
        "allow_find",
        "allow_find_worklist",
        "allow_get",
        "allow_move",
        "allow_store",
        "allow_n_action",
        "allow_event_report",
    ),
    False,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the document of the PACS."""
    (tmp_path / "pacs.yaml").write_text("version: 1\nmodalities: {ct1: {timeout: 30}, printer: [PRINTER, h, 104]}\n")
    return tmp_path


def read(folder: Path, text: str) -> Inventory:
    path = folder / "fleet.yaml"
    path.write_text(text)
    return Inventory.load(path, {})


def entries(inventory: Inventory, server: str) -> dict[str, dict[str, Any]]:
    assert inventory.network is not None
    node = inventory.network.node_of(server)
    assert node is not None
    return values_of(entries_of(inventory.network, node))


def rights(*given: str) -> dict[str, bool]:
    return NO_RIGHTS | dict.fromkeys(given, True)


def test_entries_follow_from_links_at_both_ends(folder: Path) -> None:
    fleet = read(folder, SERVERS + NODES + LINKS)
    # Whoever asks the PACS for a C-MOVE to itself is sent to, so that at both ends `allow_store` follows from it.
    moved = rights("allow_find", "allow_get", "allow_move", "allow_store")
    assert entries(fleet, "pacs") == {
        "ct1": {"aet": "CT1", "host": "10.0.0.9", "port": 104, **rights("allow_echo", "allow_store")},
        "viewer": {"aet": "VIEWER", "host": "10.0.0.6", "port": 4242, **moved},
    }
    assert entries(fleet, "viewer-server") == {
        "pacs": {"aet": "PACS", "host": "10.0.0.5", "port": 4242, "manufacturer": "Vitrea", **moved},
    }


@pytest.mark.parametrize(
    ("links", "of_pacs", "of_viewer"),
    [
        ("pacs -> viewer: echo", (), ("allow_echo",)),
        ("pacs -> viewer: store", (), ("allow_store",)),
        ("pacs -> viewer: find", (), ("allow_find",)),
        ("pacs -> viewer: worklist", (), ("allow_find_worklist",)),
        ("pacs -> viewer: get", (), ("allow_get",)),
        ("pacs -> viewer: move", ("allow_store",), ("allow_move",)),
        ("pacs -> viewer: move(to pacs)", ("allow_store",), ("allow_move",)),
        ("pacs -> viewer: move(to ct1)\n    viewer -> ct1: store", (), ("allow_move",)),
        ("pacs -> viewer: commit", ("allow_event_report",), ("allow_n_action",)),
    ],
)
def test_each_operation_needs_its_rights(
    folder: Path, links: str, of_pacs: tuple[str, ...], of_viewer: tuple[str, ...]
) -> None:
    fleet = read(folder, f"{SERVERS}{NODES}  links:\n    {links}\n")
    found = {name: entries(fleet, name) for name in ("pacs", "viewer-server")}
    assert {key: value for key, value in found["pacs"]["viewer"].items() if key in NO_RIGHTS} == rights(*of_pacs)
    assert {key: value for key, value in found["viewer-server"]["pacs"].items() if key in NO_RIGHTS} == rights(
        *of_viewer
    )


def test_tls_is_of_who_connects_or_of_a_node_for_all(folder: Path) -> None:
    fleet = read(folder, f"{SERVERS}{NODES}  links:\n    pacs -> viewer: store, tls\n")
    assert entries(fleet, "pacs")["viewer"]["use_dicom_tls"] is True
    assert "use_dicom_tls" not in entries(fleet, "viewer-server")["pacs"]
    nodes = NODES.replace("manufacturer: Vitrea", "use_dicom_tls: true")
    fleet = read(folder, f"{SERVERS}{nodes}  links:\n    viewer -> pacs: store\n")
    assert entries(fleet, "viewer-server")["pacs"]["use_dicom_tls"] is True
    assert "use_dicom_tls" not in entries(fleet, "pacs")["viewer"]


@pytest.mark.parametrize(
    "links",
    [
        "{ct1 -> pacs: 'store, echo', viewer <-> pacs: [find, move, get]}",
        "['ct1 -> pacs: store, echo', \"viewer<->pacs: find,move , get\"]",
        "[{ct1 -> pacs: [store, echo]}, {viewer <-> pacs: [find, move, get]}]",
        "\n    - ct1 -> pacs: store, echo\n    - viewer -> pacs: find, move\n    - viewer <-> pacs: get\n"
        "    - pacs -> viewer: find, move",
    ],
)
def test_links_may_be_written_in_several_forms(folder: Path, links: str) -> None:
    fleet = read(folder, f"{SERVERS}{NODES}  links: {links}\n")
    assert entries(fleet, "pacs") == entries(read(folder, SERVERS + NODES + LINKS), "pacs")


def test_a_document_adds_to_what_follows_and_overrides_it_by_field(folder: Path) -> None:
    (folder / "pacs.yaml").write_text("version: 1\nmodalities: {ct1: {timeout: 30, allow_echo: false}}\n")
    fleet = read(folder, SERVERS + NODES + LINKS)
    document = fleet.members["pacs"].document()
    ct1 = document.sections["modalities"]["ct1"]
    assert (ct1.aet, ct1.timeout, ct1.allow_echo, ct1.allow_store, ct1.allow_find) == ("CT1", 30, False, True, False)
    # A server without documents is what the network says.
    assert list(fleet.members["viewer-server"].document().sections["modalities"]) == ["pacs"]


def test_every_value_says_where_it_came_from(folder: Path) -> None:
    document = read(folder, SERVERS + NODES + LINKS).members["pacs"].document()
    places = {
        path: [str(saying.place).rpartition("/")[2] for saying in origin_of(document, f"modalities.{path}").said]
        for path in ("ct1.allow_store", "ct1.allow_find", "ct1.aet", "ct1.timeout", "viewer.allow_move", "viewer.port")
    }
    assert places == {
        "ct1.allow_store": ["fleet.yaml:11:18"],
        "ct1.allow_find": ["fleet.yaml:11:5"],
        "ct1.aet": ["fleet.yaml:7:11"],
        "ct1.timeout": ["pacs.yaml:2:29"],
        "viewer.allow_move": ["fleet.yaml:12:28"],
        "viewer.port": ["fleet.yaml:9:72"],
    }


def test_a_contradiction_names_both_places(folder: Path) -> None:
    (folder / "pacs.yaml").write_text(
        "version: 1\nmodalities:\n  ct1: [CT1, 10.0.0.9, 105]\n  viewer: {state: absent}\n"
    )
    with pytest.raises(DocumentError) as caught:
        read(folder, SERVERS + NODES + LINKS).members["pacs"].document()
    found = [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]
    assert found == [
        "pacs.yaml:3:24 modalities.ct1.port: this is not what the network says: `104` at fleet.yaml:7:26 (say it once: "
        "leave it out here)",
        "pacs.yaml:4:19 modalities.viewer.state: a link of the network needs this entry: fleet.yaml:12:5 (take its "
        "links away there, or this here)",
    ]


def test_what_a_document_takes_away_or_says_again_is_a_warning(folder: Path) -> None:
    (folder / "pacs.yaml").write_text("version: 1\nmodalities:\n  ct1: null\n  view2: [viewer, 10.0.0.7, 104]\n")
    document = read(folder, SERVERS + NODES + LINKS).members["pacs"].document()
    assert [str(warning).replace(f"{folder}/", "") for warning in document.warnings] == [
        "pacs.yaml:3:8 modalities.ct1: the network's entry of ct1 is taken away here: what its links ask for will fail",
        "pacs.yaml:4:11 modalities.view2.aet: the AE title viewer is that of the node viewer too: fleet.yaml:9:42 "
        "(Orthanc takes the rights of whoever calls from one of the two)",
    ]


PROBLEMS = [
    ("    ct1 -> »pcs: store\n", "there is no node `pcs`", "did you mean `pacs`?"),
    ("    »ct7 <-> pacs: store\n", "there is no node `ct7`", "did you mean `ct1`?"),
    ("    ct1 -> pacs: echo, »stroe\n", "unknown operation `stroe`", "did you mean `store`?"),
    ('    - "ct1 -> pacs: echo, »stroe"\n', "unknown operation `stroe`", "did you mean `store`?"),
    ("    - ct1 -> pacs: [echo, »stroe]\n", "unknown operation `stroe`", "did you mean `store`?"),
    ("    ct1 »=> pacs: echo\n", "`ct1 => pacs` is no link", "write `ct1 -> pacs` or `viewer <-> pacs`"),
    ("    ct1 -> pacs: echo »store\n", "expected a comma instead of `store`", "as in `ct1 -> pacs: store, echo`"),
    ("    ct1 -> pacs: echo,»\n", "expected an operation", "as in `ct1 -> pacs: store, echo`"),
    ("    ct1 -> pacs: move(»pacs)\n", "expected `to` instead of `pacs`", "as in `move(to viewer)`"),
    ("    ct1 -> pacs: move(to ct1»\n", "expected `)`", "as in `move(to viewer)`"),
    ("    ct1 -> pacs: »find(to ct1)\n", "`find` takes nothing in brackets", "only `move(to NODE)` does"),
    ("    ct1 -> pacs: find, »find\n", "`find` is said twice", "once is enough"),
    ("    ct1 -> pacs: »tls\n", "a link says what is asked", "as in `ct1 -> pacs: store, echo, tls`"),
    ("    - ct1 -> pacs»\n", "a link says what is asked", "as in `ct1 -> pacs: store, echo`"),
    ("    - »5\n", "expected a link", "as in `ct1 -> pacs: store, echo`"),
    ("    ct1 -> »ct1: echo\n", "`ct1` asks itself", "a link is between two nodes"),
    (
        "    viewer -> pacs: move(to »ct1)\n",
        "pacs does not know ct1, to which viewer lets it send",
        "add the link `pacs -> ct1: store`",
    ),
    (
        "    viewer -> pacs: move(to »ct1)\n    ct1 -> pacs: echo\n",
        "pacs may not send to ct1, to which viewer lets it send",
        "add the link `pacs -> ct1: store`",
    ),
    ("    viewer -> pacs: move(to »pacs)\n", "pacs is asked to send to itself", "a C-MOVE sends to somebody else"),
]


@pytest.mark.parametrize(("links", "message", "hint"), PROBLEMS)
def test_what_is_wrong_with_a_link_has_a_place_and_a_remedy(folder: Path, links: str, message: str, hint: str) -> None:
    check(folder, f"{SERVERS}{NODES}  links:\n{links}", message, hint)


@pytest.mark.parametrize(
    ("node", "message", "hint"),
    [
        ("»a.b: [X, h, 104]", "the name of a node has only letters", "it becomes the name"),
        ("x: {aet: X, host: h, port: »99999}", "`99999`: expected 65534 or less", ""),
        ("x: {aet: X, host: h, port: 104, »prot: 1}", "unknown key `prot`", "did you mean `port`?"),
        ("x: {aet: X, host: h, port: 104, »allow_find: true}", "`allow_find` follows from the links", "say it in"),
        ("x: {aet: X, host: h, port: 104, »local_aet: Y}", "`local_aet` is of one entry on one server", "the document"),
        ("x: {aet: X, host: h, port: 104, server: »pcs}", "the inventory has no such server", "did you mean `pacs`?"),
        ("x: {aet: X, host: h, port: 104, »dicom_port: 1}", "this node is none of the servers", "only one of the"),
        (
            "x: {aet: X, host: h, port: 104, server: »pacs}",
            "the node pacs is the server pacs already",
            "a server is one",
        ),
        ("x: [»ct1, 10.0.0.8, 104]", "the AE title ct1 is that of ct1, which is elsewhere", "a server tells who"),
        ("x: [»CT1, 10.0.0.9, 104]", "the AE title CT1 at the same host and port", "one system is one node"),
        ("x: [»A-TITLE-THAT-IS-TOO-LONG, h, 104]", "an AE title has 1 to 16", ""),
    ],
)
def test_what_is_wrong_with_a_node_has_a_place_and_a_remedy(folder: Path, node: str, message: str, hint: str) -> None:
    check(folder, f"{SERVERS}{NODES}    {node}\n{LINKS}", message, hint)


def check(folder: Path, text: str, message: str, hint: str) -> None:
    """One problem, where the mark stands."""
    before, _, after = text.partition(MARK)
    with pytest.raises(InventoryError) as caught:
        read(folder, before + after)
    (problem,) = caught.value.problems
    assert problem.message.startswith(message)
    assert problem.hint.startswith(hint)
    assert problem.place is not None
    line = before.count("\n") + 1
    assert (problem.place.line, problem.place.column) == (line, len(before) - before.rfind("\n"))


def test_what_is_probably_a_mistake_is_a_warning(folder: Path) -> None:
    text = SERVERS.replace("viewer-server", "third: {url: 'http://third:8042'}\n  viewer-server")
    nodes = f"{NODES}    third: [THIRD, 10.0.0.7, 4242]\n    idle: [IDLE, 10.0.0.8, 104]\n"
    links = (
        "  links:\n    pacs -> viewer: store, tls\n    viewer -> third: store\n    third -> pacs: store\n"
        "    ct1 -> viewer: echo\n    ct1 -> pacs: echo\n"
    )
    fleet = read(folder, text + nodes + links)
    assert [(warning.message, warning.place.line if warning.place else 0) for warning in fleet.warnings] == [
        ("no link names this node: nothing follows from it", 12),
        (
            "a loop: pacs -> viewer -> third -> pacs: if each forwards what it receives, an image goes round for ever",
            14,
        ),
        ("pacs asks viewer with DICOM TLS, and ct1 without", 14),
    ]


def test_a_peer_that_does_not_know_the_other_one_is_a_warning(folder: Path) -> None:
    (folder / "pacs.yaml").write_text("version: 1\npeers: {v: {url: 'http://VIEWER:8042/'}}\n")
    (folder / "viewer.yaml").write_text("version: 1\npeers: {}\n")
    fleet = read(folder, SERVERS.replace('viewer:8042"', 'viewer:8042", documents: [viewer.yaml]'))
    documents = {name: member.document() for name, member in fleet.members.items()}
    (warning,) = one_way_peers(fleet.select(), documents)
    assert str(warning).replace(f"{folder}/", "") == (
        "pacs.yaml:2:9 peers.v: pacs has the peer viewer-server, which does not have pacs: one way only (if both are "
        "to send, give viewer-server a peer with the URL http://pacs:8042)"
    )
    (folder / "viewer.yaml").write_text("version: 1\npeers: {p: {url: 'http://pacs:8042'}}\n")
    documents = {name: member.document() for name, member in fleet.members.items()}
    assert not list(one_way_peers(fleet.select(), documents))
    # Of a server whose document is not known, nothing is said.
    assert not list(one_way_peers(fleet.select(), {"pacs": documents["pacs"]}))


def test_ansible_is_told_what_follows_from_the_network(folder: Path) -> None:
    links = LINKS.replace("ct1", "ct9")
    text = SERVERS + NODES.replace("ct1: [CT1", 'ct9: ["{{ CT1 }}"') + links
    variables = host_data(read(folder, text).members["pacs"])
    assert variables["orthanc_network_modalities"]["ct9"]["aet"].startswith("{{ 'e3sg")
    assert variables["orthanc_network_modalities"]["viewer"]["allow_find"] is True
    assert "orthanc_network_modalities" not in host_data(read(folder, SERVERS).members["pacs"])


def test_validate_tells_where_a_right_came_from(folder: Path, cli: Cli, tmp_path: Path) -> None:
    read(folder, SERVERS + NODES + LINKS)
    done = cli("validate", "--inventory", "fleet.yaml", "--server", "pacs", "--explain", "modalities.ct1.allow_store")
    assert done.returncode == 0, done.stderr
    assert "modalities.ct1.allow_store: true\n  fleet.yaml:11:18\n" in done.stdout
