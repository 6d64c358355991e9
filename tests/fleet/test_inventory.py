"""An inventory: what it says of each server, and what is wrong with one, with place and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthanc_state.fleet.inventory import Inventory, InventoryError, SelectionError
from orthanc_state.fleet.member import MemberError

if TYPE_CHECKING:
    from pathlib import Path

MARK = "»"
"""Stands in the texts of this file where a problem is to be found."""

HOSPITAL = """\
version: 1
variables: {site: Lausanne, store: none}
defaults: {username: admin, password: !env ADMIN_PASSWORD, ca_file: certs/ca.pem, timeout: 10}
documents: [base.yaml]
groups:
  ct: {documents: [ct.yaml], variables: {store: pacs, port: 104}}
  archive: {timeout: 60, variables: {store: archive}}
  spare:
servers:
  pacs:
    url: https://pacs:8042/
    groups: [archive, ct]
    variables: {aet: PACS, site: null}
    documents: [pacs.yaml]
    password: !env PACS_PASSWORD
  viewer: {url: "https://viewer/orthanc", groups: [ct, archive], token: !env TOKEN, variables: {port: 11112}}
  lab: {url: "http://lab:8042", username: null, password: null, ca_file: null}
network: {nodes: {ct1: [CT1, 10.0.0.9, 104]}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the documents of the hospital."""
    for name in ("base", "ct", "pacs"):
        (tmp_path / f"{name}.yaml").write_text("version: 1\n")
    return tmp_path


def read(folder: Path, text: str, **environment: str) -> Inventory:
    path = folder / "fleet.yaml"
    path.write_text(text)
    return Inventory.load(path, environment)


def test_each_server_has_what_its_layers_say(folder: Path) -> None:
    fleet = read(folder, HOSPITAL, ADMIN_PASSWORD="a", PACS_PASSWORD="p", TOKEN="t")
    pacs, viewer, lab = fleet.members.values()
    assert [path.name for path in pacs.documents] == ["base.yaml", "ct.yaml", "pacs.yaml"]
    assert [path.name for path in viewer.documents] == ["base.yaml", "ct.yaml"]
    assert [path.name for path in lab.documents] == ["base.yaml"]
    # A later group overrides an earlier one, and the server itself all of them; null takes away.
    assert {name: variable.value for name, variable in pacs.variables.items()} == {
        "store": "pacs",
        "port": 104,
        "aet": "PACS",
    }
    assert {name: variable.value for name, variable in viewer.variables.items()} == {
        "site": "Lausanne",
        "store": "archive",
        "port": 11112,
    }
    assert (pacs.url, pacs.access.username, pacs.access.timeout) == ("https://pacs:8042", "admin", 60)
    assert pacs.access.password is not None
    assert pacs.access.password.reveal() == "p"
    # Who asks with a token asks as no user.
    assert (viewer.access.username, viewer.access.password) == (None, None)
    assert (lab.access.username, lab.access.password, lab.access.timeout) == (None, None, 10)
    assert fleet.network is not None
    assert list(fleet.network.nodes) == ["ct1"]
    assert fleet.groups == ("ct", "archive", "spare")


def test_every_value_keeps_its_place(folder: Path) -> None:
    fleet = read(folder, HOSPITAL)
    pacs = fleet.members["pacs"]
    assert str(pacs.variables["store"].place).endswith("fleet.yaml:6:49")
    assert str(pacs.places["password"]).endswith("fleet.yaml:15:15")
    assert str(pacs.places["username"]).endswith("fleet.yaml:3:22")
    assert str(fleet.place(("network", "nodes", "ct1"))).endswith("fleet.yaml:18:19")


def test_a_secret_that_is_missing_is_missed_where_it_is_used(folder: Path) -> None:
    fleet = read(folder, HOSPITAL, PACS_PASSWORD="p")
    with pytest.raises(MemberError) as caught:
        fleet.members["viewer"].connect()
    assert str(caught.value.problems[0]).endswith("fleet.yaml:16:73 token: the environment variable TOKEN is not set")
    fleet.members["lab"].connect().close()
    assert "'p'" not in repr(fleet)


def test_files_of_its_access_are_found_beside_it(folder: Path) -> None:
    fleet = read(folder, HOSPITAL, PACS_PASSWORD="p")
    with pytest.raises(MemberError) as caught:
        fleet.members["pacs"].connect()
    problem = caught.value.problems[0]
    assert "cannot read the CA file" in problem.message
    assert str(folder / "certs" / "ca.pem") in problem.message
    assert str(problem.place).endswith("fleet.yaml:3:69")


def test_selection(folder: Path) -> None:
    fleet = read(folder, HOSPITAL)

    def names(servers: tuple[str, ...] = (), groups: tuple[str, ...] = ()) -> list[str]:
        return [member.name for member in fleet.select(servers, groups)]

    assert names() == ["pacs", "viewer", "lab"]
    assert names(("lab", "pacs")) == ["pacs", "lab"]
    assert names((), ("ct",)) == ["pacs", "viewer"]
    assert names(("lab",), ("archive",)) == ["pacs", "viewer", "lab"]
    for servers, groups, message, hint in (
        (("pasc",), (), "has no server pasc", "Did you mean `pacs`?"),
        ((), ("x",), "has no group x", "Its groups are ct, archive, spare"),
        ((), ("spare",), "no server of", "`groups: [spare]`"),
    ):
        with pytest.raises(SelectionError) as caught:
            fleet.select(servers, groups)
        assert message in caught.value.message
        assert hint in caught.value.hint


def one(fields: str) -> str:
    """An inventory with one server, of which some fields are given."""
    return f'version: 1\nservers:\n  a: {{url: "http://a", {fields}}}\n'


SERVERS = "servers: {a: {url: 'http://a'}}\n"

MISTAKES = [
    (f"»{SERVERS}", "", "`version` is missing", "version: 1"),
    (f"version: »2\n{SERVERS}", "version", "expected 1", ""),
    (f"version: 1\nservrs: {{}}\n{SERVERS}".replace("servrs", "»servrs"), "servrs", "unknown key", "`servers`"),
    ("»version: 1\n", "servers", "`servers` is missing", ""),
    ("version: 1\n»servers: {}\n", "servers", "expected at least one server", ""),
    ("»- a\n", "", "expected a mapping of sections", ""),
    ("version: 1\nservers:\n  »a b: {url: 'http://a'}\n", "servers.a b", "a server's name is made of", ""),
    (f"version: 1\n{SERVERS}groups: {{»a-b: {{}}}}\n", "groups.a-b", "a group's name is made of", ""),
    (f"version: 1\n{SERVERS}groups: {{»all: {{}}}}\n", "groups.all", "Ansible keeps this name", ""),
    (f"version: 1\n{SERVERS}groups: {{a: »5}}\n", "groups.a", "expected a mapping of fields", ""),
    (f"version: 1\n{SERVERS}variables: {{»a-b: 1}}\n", "variables.a-b", "a variable's name is made of", ""),
    (f"version: 1\n{SERVERS}variables: {{»a: [1]}}\n", "variables.a", "expected a text, a number, true or false", ""),
    (f"version: 1\n{SERVERS}defaults: {{»urk: x}}\n", "defaults.…", "unknown key", "valid are username,"),
    (f"version: 1\n{SERVERS}defaults: {{»usrname: x}}\n", "defaults.usrname", "unknown key", "`username`"),
    ("version: 1\nservers:\n  »a: {groups: []}\n", "servers.a.url", "`url` is missing", ""),
    ("version: 1\nservers:\n  a: {url: »'ftp://a'}\n", "servers.a.url", "not the URL of an Orthanc", ""),
    ("version: 1\nservers:\n  a: {url: »'http://u:hunter2@a'}\n", "servers.a.url", "holds a user name", ""),
    (
        "version: 1\nservers:\n  a: {url: »!env URL}\n",
        "servers.a.url",
        "this field is not a secret",
        "the value itself",
    ),
    (
        "version: 1\nservers:\n  a: {url: 'http://a'}\n  b: {url: »'http://a/'}\n",
        "servers.b.url",
        "the URL of `a` too",
        "one name",
    ),
    (one("username: u, password: »hunter2"), "servers.a.password", "in clear", ""),
    (one("username: u, password: »'!env X'"), "servers.a.password", "in quotes is only text", ""),
    (one("username: »'u:p', password: !env P"), "servers.a.username", "cannot hold a colon", ""),
    (one("username: »u"), "servers.a.username", "without a password", "no use without"),
    (one("password: »!env P"), "servers.a.password", "without a username", "no use without"),
    (one("client_key: »k.pem"), "servers.a.client_key", "without a client_certificate", ""),
    (
        "version: 1\nservers:\n  »a: {url: 'http://a', username: u, token: !env T}\n",
        "servers.a",
        "one or the other",
        "",
    ),
    (one("timeout: »0"), "servers.a.timeout", "expected 0.1 or more", ""),
    (one("timeout: »true"), "servers.a.timeout", "expected a number", ""),
    (one("documents: [»nothing.yaml]"), "servers.a.documents.0", "there is no such file", "relative to"),
    (one("documents: [»'a${b}.yaml']"), "servers.a.documents.0", "not in the names of files", ""),
    (one("documents: »site.yaml"), "servers.a.documents", "expected a list", ""),
    (one("groups: [»ctt]") + "groups: {ct: }\n", "servers.a.groups.0", "there is no group `ctt`", "`ct`"),
    (one("groups: [»x]"), "servers.a.groups.0", "there is no group `x`", "declares it"),
    (one("»password:hunter2: 1"), "servers.a.…", "unknown key", "`password`"),
]


@pytest.mark.parametrize(("text", "field", "message", "hint"), MISTAKES, ids=[field for _, field, _, _ in MISTAKES])
def test_mistakes_have_place_and_remedy(folder: Path, text: str, field: str, message: str, hint: str) -> None:
    before = text.partition(MARK)[0]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    with pytest.raises(InventoryError) as caught:
        read(folder, text.replace(MARK, ""))
    (problem,) = caught.value.problems
    assert problem.place is not None
    assert (problem.place.line, problem.place.column) == (line, column)
    assert problem.field == field
    assert message in problem.message
    assert hint in problem.hint
    assert "hunter2" not in str(caught.value)


def test_all_mistakes_are_found_together(folder: Path) -> None:
    with pytest.raises(InventoryError) as caught:
        read(folder, one("username: 'u:p', timeout: 0, nonsense: 1") + "more: 1\n")
    assert [problem.field for problem in caught.value.problems] == [
        *("servers.a.username", "servers.a.timeout", "servers.a.…", "more")
    ]


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot be read: No such file"), (b"\xff", "not text in UTF-8"), (b"", "empty")]
)
def test_a_file_that_is_no_inventory(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "fleet.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InventoryError, match=message):
        Inventory.load(path)
