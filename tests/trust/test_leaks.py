"""No command prints or writes a secret that was put in, nor what tells who a patient is."""

from __future__ import annotations

import json
import re
import stat
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from orthanc_state import Orthanc
from orthanc_state.cli.app import app
from tests.api.dicom_files import basic, encoded
from tests.policies.studies import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.testing import OrthancServer, OrthancServers
    from tests.conftest import Cli

USER = "admin"
SECRETS = {
    "ORTHANC_PASSWORD": "canary-of-the-server",
    "PEER_PASSWORD": "canary-of-the-peer",
    "PEER_HEADER": "canary-of-the-header",
    "SITE_KEY": "canary-of-the-site",
}
IN_FILE = "canary-of-the-file"
IN_CLEAR = "canary-in-clear"
BY_HAND = "canary-by-hand"
PATIENT = "CANARY-4711"

BASIC = [b64encode(f"{user}:{secret}".encode()).decode() for user in (USER, "sync") for secret in SECRETS.values()]
"""Names and passwords as HTTP has them."""

SITE = """\
version: 1
modalities: {pacs: [PACS, 10.0.0.5, 104], broken: {state: absent}}
peers:
  backup:
    url: http://backup.example/
    username: sync
    password: !env PEER_PASSWORD
    http_headers: {X-Api-Key: !env PEER_HEADER, X-Other: !file key}
  hand: {url: "http://other.example/", username: u, password: !env PEER_PASSWORD, http_headers: {X-Hand: null}}
metrics: false
policies:
  - {name: by-patient, level: study, match: {PatientID: CANARY*}, labels: {add: [seen]}}
  - {name: named, level: study, metadata: {set: {note: "of {PatientName}"}}}
"""
PLAIN = """\
version: 1
fingerprints: {key: !env SITE_KEY}
peers: {backup: {url: "http://h/", password: !env PEER_PASSWORD, username: sync}}
"""
CLEAR = f'version: 1\npeers: {{clear: {{url: "http://h/", username: u, password: {IN_CLEAR}}}}}\nmetrics: true\n'
REFUSED = """\
version: 1
peers: {p: {url: "http://h/", username: u, password: !env PEER_PASSWORD, certificate_file: /none}}
"""
WRONG = f"version: 1\npeers: {{p: {{url: http://u:{IN_CLEAR}@h/, password: [{IN_CLEAR}], pasword: {IN_CLEAR}}}}}\n"

CONFIGURATION = {
    "Name": "ward",
    "RegisteredUsers": {"admin": IN_CLEAR},
    "OrthancPeers": {
        "a": ["http://h/", "u", IN_CLEAR],
        "b": {"Url": "http://u:canary-in-a-url@h/", "Username": "u", "Password": "${PEER_PASSWORD}"},
        "c": {"Url": "http://h/", "HttpHeaders": {"X-Key": IN_CLEAR}},
    },
    "DicomWeb": {"Servers": {"d": ["http://h/", "u", IN_CLEAR]}},
    "DicomModalities": {"m": ["M", "h", 104]},
    "PostgreSQL": {"Password": IN_CLEAR},
}

FLEET = f"""\
version: 1
defaults: {{username: {USER}, password: !env ORTHANC_PASSWORD}}
documents: [plain.yaml]
servers: {{ward: {{url: "@URL@"}}, away: {{url: "http://127.0.0.1:1", password: !file key}}}}
"""

NETWORK = f"""\
version: 1
defaults: {{username: {USER}, password: !file key}}
servers: {{pacs: {{url: "http://127.0.0.1:1", documents: [plain.yaml]}}}}
network:
  nodes: {{pacs: [PACS, 10.0.0.5, 4242], ct: [CT, 10.0.0.9, 104]}}
  links: {{"ct -> pacs": "store, echo"}}
"""

INPUTS = {
    "site.yaml": SITE,
    "plain.yaml": PLAIN,
    "clear.yaml": CLEAR,
    "refused.yaml": REFUSED,
    "wrong.yaml": WRONG,
    "key": IN_FILE,
    "fleet.yaml": FLEET,
    "network.yaml": NETWORK,
    "orthanc.json": json.dumps(CONFIGURATION),
    "docker.env": f"ORTHANC__PLUGIN__TOKEN={IN_CLEAR}\nORTHANC__NAME=ward\nPEER_PASSWORD={SECRETS['PEER_PASSWORD']}\n",
}

WITHOUT_SERVER: dict[str, list[str]] = {
    "validate": ["validate site.yaml plain.yaml", "validate clear.yaml", "validate wrong.yaml --json"],
    "import-config": [
        "import-config orthanc.json",
        "import-config orthanc.json --json --env-file docker.env",
        "import-config orthanc.json --environment --out imported.yaml",
    ],
    "render-config": [
        "render-config plain.yaml",
        "render-config site.yaml --json",
        "render-config plain.yaml --out rendered.json --env-file secrets.env",
    ],
    "inventory": ["inventory fleet.yaml", "inventory fleet.yaml --json", "inventory fleet.yaml --ansible"],
    "network": ["network --inventory network.yaml", "network --inventory network.yaml --format svg --out network.svg"],
    "init": ["init started.yaml"],
    "explain": ["explain peers.password", "explain --json"],
    "schema": ["schema", "schema --out schema.json"],
    "demo": ["demo"],
}
WITH_SERVER: dict[str, list[str]] = {
    "snapshot": ["snapshot --out snapshot.json", "snapshot site.yaml --out with.json"],
    "plan": [
        "plan site.yaml",
        "plan site.yaml --json",
        "plan site.yaml --format markdown",
        "plan clear.yaml --format html",
        "plan site.yaml --exclude policies --out plan.json",
        "plan site.yaml --out refused.json",
        "plan clear.yaml --out refused.json",
        "plan plain.yaml --target peers --out plain.json",
        "plan plain.yaml --against snapshot.json",
        "plan site.yaml --against with.json",
        "plan wrong.yaml",
        "plan --inventory fleet.yaml",
        "plan --inventory fleet.yaml --server ward --out fleet.json",
    ],
    "check": [
        "check",
        "check site.yaml",
        "check site.yaml --json --only peers",
        "check clear.yaml --format junit",
        "check plain.yaml --format sarif --restart-safe",
        "check wrong.yaml",
        "check --inventory fleet.yaml --json",
    ],
    "drift": ["drift site.yaml", "drift clear.yaml --json"],
    "show": ["show plan.json", "show plain.json --json", "show site.yaml"],
    "apply": [
        "apply site.yaml",
        "apply --yes --json plain.json --journal plain.jsonl",
        "apply --yes fleet.json",
        "apply --yes refused.yaml --journal refused.jsonl",
        "apply --yes clear.yaml --journal journal.jsonl",
        "apply --yes site.yaml --journal journal.jsonl",
        "apply --yes plan.json --format markdown",
    ],
    "journal verify": [
        "journal verify journal.jsonl",
        "journal verify refused.jsonl --json",
        "journal verify site.yaml",
    ],
    "rollback": [
        "rollback journal.jsonl --out undo.json",
        "rollback journal.jsonl --yes --json",
        "rollback plain.jsonl --yes",
    ],
    "dump": ["dump", "dump --json"],
}
"""What each command is told, in an order in which a later one finds what an earlier one wrote."""


def _names(command: Any, prefix: str = "") -> Iterator[str]:
    below = getattr(command, "commands", {})
    for name, each in below.items():
        yield from _names(each, f"{prefix} {name}".strip())
    if not below:
        yield prefix


def test_there_is_a_case_for_every_command() -> None:
    assert set(_names(typer.main.get_command(app))) == WITHOUT_SERVER.keys() | WITH_SERVER.keys()


@pytest.fixture
def guarded(orthanc_servers: OrthancServers) -> Iterator[OrthancServer]:
    """A server that asks for a password, with secrets that were set by hand and with a patient."""
    configuration = {"RegisteredUsers": {USER: SECRETS["ORTHANC_PASSWORD"]}, **METADATA}
    server = orthanc_servers.start(configuration=configuration)
    with Orthanc(server.url, USER, SECRETS["ORTHANC_PASSWORD"]) as orthanc:
        tags: dict[str, Any] = {
            "PatientName": f"{PATIENT}^ANN",
            "PatientBirthDate": "19470711",
            "AccessionNumber": PATIENT,
        }
        orthanc.instances.upload(encoded(basic("1.2.840.10008.5.1.4.1.1.7", PATIENT, 1, Modality="OT", **tags)))
        orthanc.peers["hand"].put(
            {
                "Url": f"http://user:{BY_HAND}@h/",
                "Username": "u",
                "Password": BY_HAND,
                "HttpHeaders": {"X-Hand": BY_HAND},
            }
        )
        orthanc.modalities["broken"].put({"AET": "B", "Host": "h", "Port": 1})
    yield server
    orthanc_servers.stop(server)


def leaks(text: str) -> list[str]:
    """What of the canaries is in a text, with what stands around it."""
    found = [text[max(0, hit.start() - 60) : hit.end() + 20] for hit in re.finditer("canary", text, re.IGNORECASE)]
    return found + [shape for shape in BASIC if shape in text]


class Told:
    """What commands printed and wrote, in a folder of their own."""

    def __init__(self, cli: Cli, folder: Path, commands: dict[str, list[str]], environment: dict[str, str]) -> None:
        for name, text in INPUTS.items():
            (folder / name).write_text(text.replace("@URL@", environment.get("ORTHANC_URL", "http://127.0.0.1:2")))
        self.codes: dict[str, int] = {}
        for line in (line for lines in commands.values() for line in lines):
            result = cli("--debug", *line.split(), env=environment)
            output = result.stdout + result.stderr
            assert leaks(output) == [], line
            assert "Traceback" not in output, output
            self.codes[line] = result.returncode
        written = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        self.written = {name: path for name, path in written.items() if name not in INPUTS}

    @property
    def failed(self) -> set[str]:
        """The commands whose exit code was 1."""
        return {line for line, code in self.codes.items() if code == 1}


def test_no_command_without_a_server_tells_what_was_put_in(cli: Cli, tmp_path: Path) -> None:
    told = Told(cli, tmp_path, WITHOUT_SERVER, SECRETS)
    # That is what it is for, and it is for nobody else to read.
    assert stat.S_IMODE(told.written["secrets.env"].stat().st_mode) == 0o600
    assert SECRETS["PEER_PASSWORD"] in told.written.pop("secrets.env").read_text()
    for name, path in told.written.items():
        assert leaks(path.read_text()) == [], name
    assert {"imported.yaml", "rendered.json", "started.yaml", "schema.json"} <= told.written.keys()
    assert told.failed == {"validate wrong.yaml --json", "render-config site.yaml --json"}, told.codes


def test_no_command_with_a_server_tells_what_was_put_in(guarded: OrthancServer, cli: Cli, tmp_path: Path) -> None:
    environment = {**SECRETS, "ORTHANC_URL": guarded.url, "ORTHANC_USERNAME": USER}
    told = Told(cli, tmp_path, WITH_SERVER, environment)
    for name, path in told.written.items():
        assert leaks(path.read_text()) == [], name
    # It is not for want of having been done that nothing is seen.
    assert {
        "snapshot.json",
        "with.json",
        "plan.json",
        "plain.json",
        "journal.jsonl",
        "refused.jsonl",
    } <= told.written.keys()
    assert "refused.json" not in told.written
    assert told.failed == {
        "plan site.yaml --out refused.json",
        "plan clear.yaml --out refused.json",
        "plan site.yaml --against with.json",
        "plan wrong.yaml",
        "plan --inventory fleet.yaml",
        "apply --yes fleet.json",
        "check",
        "check site.yaml",
        "check site.yaml --json --only peers",
        "check clear.yaml --format junit",
        "check plain.yaml --format sarif --restart-safe",
        "check wrong.yaml",
        "check --inventory fleet.yaml --json",
        "show site.yaml",
        "apply site.yaml",
        "apply --yes refused.yaml --journal refused.jsonl",
        "apply --yes plan.json --format markdown",
        "journal verify site.yaml",
        "rollback journal.jsonl --out undo.json",
        "rollback journal.jsonl --yes --json",
        "rollback plain.jsonl --yes",
    }, told.codes
