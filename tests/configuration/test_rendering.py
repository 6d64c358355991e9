"""`render-config`: a server that starts with what comes out is what the document says."""

from __future__ import annotations

import json
import pickle
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from orthanc_state import (
    Orthanc,
    dump,
    from_data,
    import_configuration,
    loads,
    plan,
    render_configuration,
)
from orthanc_state.configuration.files import ConfigurationError
from orthanc_state.configuration.rendering import escaped
from orthanc_state.kinds.secret import Secret
from orthanc_state.kinds.version import parse_version
from orthanc_state.planning.fields import field_changes
from orthanc_state.testing import OrthancDied, OrthancServer
from tests.reconcile.strategies import documents
from tests.reconcile.test_laws import secrets_of, state

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state import Document, Plan
    from orthanc_state.configuration.rendering import Rendered
    from orthanc_state.testing import OrthancServers
    from tests.conftest import Cli

CANARY = 'canary-"hunter2\\$'

DOCUMENT = """\
version: 1
modalities:
  pacs: {aet: PACS, host: 10.0.0.5, port: 11112, allow_transcoding: false, timeout: 7}
  gone: {state: absent}
peers:
  backup:
    url: "https://backup.example/"
    username: sync
    password: !env BACKUP_PASSWORD
    http_headers: {X-Key: !file key}
    properties: {"looks like ${BACKUP_PASSWORD}": "$${BACKUP_PASSWORD} $${NOPE:-x}"}
dicomweb_servers:
  the cloud: {url: "http://cloud.example/", username: u, password: !env CLOUD_PASSWORD, has_delete: true}
dicom: {accepted_transfer_syntaxes: [JPEG2000Lossless, "1.2.840.10008.1.2.4.5?"], default_encoding: Utf8}
metrics: false
"""


def variables(found: Rendered) -> dict[str, str]:
    """The environment that a container engine makes of the file."""
    return dict(line.split("=", 1) for line in found.environment.splitlines())


def changed(found: Plan) -> set[str]:
    """The fields that a plan changes."""
    return {field.path for change in found.changes for field in field_changes(change.before, change.after)}


@pytest.fixture
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Document:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text(CANARY)
    return loads(DOCUMENT, environment={"BACKUP_PASSWORD": CANARY, "CLOUD_PASSWORD": "plain"})


@pytest.mark.orthanc(plugins=["dicomweb"])
def test_a_server_that_starts_with_it_is_in_sync_and_so_is_one_that_starts_with_its_dump(
    orthanc_server: OrthancServer, orthanc_servers: OrthancServers, tmp_path: Path
) -> None:
    anything = documents(parse_version(orthanc_server.version), str(orthanc_server.log_path))

    def started(found: Rendered) -> OrthancServer:
        files = {"rendered.json": found.text}
        return orthanc_servers.start(
            orthanc_server.name, plugins=["dicomweb"], files=files, environment=variables(found)
        )

    @settings(max_examples=8)
    @given(data=anything)
    def law(data: dict[str, Any]) -> None:
        data.pop("logging", None)
        document = from_data(data)
        found = render_configuration(document, with_environment=True, version=orthanc_server.version)
        first = started(found)
        with Orthanc(first.url) as orthanc:
            assert plan(orthanc, document).empty
            dumped = dump(orthanc)
            before = state(orthanc, document)
        secrets = secrets_of(data)
        again = loads(dumped.text, environment={name: secrets.get(name, "anything") for name in dumped.variables})
        second = started(render_configuration(again, with_environment=True))
        with Orthanc(second.url) as orthanc:
            # A dump cannot give this one: the server never returns it, and a secret it is not.
            assert changed(plan(orthanc, document)) <= {"certificate_key_file"}
            assert plan(orthanc, again).empty
            assert state(orthanc, document) == before
            (tmp_path / "rendered.json").write_text(found.text)
            imported = import_configuration([tmp_path / "rendered.json"])
            document = loads(imported.text, environment=dict.fromkeys(imported.variables, "anything"))
            assert plan(orthanc, document).empty
        for server in (first, second):
            orthanc_servers.stop(server)

    law()


@pytest.mark.orthanc(plugins=["dicomweb"])
def test_secrets_reach_the_server_as_they_are(
    orthanc_server: OrthancServer, start_orthanc: Callable[..., OrthancServer], document: Document
) -> None:
    found = render_configuration(document, with_environment=True)
    assert CANARY not in found.text + repr(found) + json.dumps(found.data)
    server = start_orthanc({"ExecuteLuaEnabled": True}, files={"a.json": found.text}, environment=variables(found))
    with Orthanc(server.url) as orthanc:
        assert plan(orthanc, document).empty
        answer = orthanc.post("/tools/execute-script", content=b"print(DumpJson(GetOrthancConfiguration()))")
    peer = json.loads(answer)["OrthancPeers"]["backup"]
    assert (peer["Password"], peer["HttpHeaders"]["X-Key"]) == (CANARY, CANARY)
    assert peer["looks like ${BACKUP_PASSWORD}"] == "${BACKUP_PASSWORD} ${NOPE:-x}"


def test_what_no_file_can_hold_is_listed_with_what_to_do_instead(document: Document) -> None:
    more = {
        "version": 1,
        "logging": {"all": "verbose", "dicom": "trace", "http": "default"},
        "policies": [{"name": "a", "level": "study", "labels": {"add": ["x"]}}],
        "peers": {"p": {"url": "http://h/", "certificate_file": "/c.pem", "ignore": ["certificate_key_file"]}},
        "dicomweb_servers": {},
    }
    said = {problem.field: problem.message for problem in render_configuration(from_data(more)).elsewhere}
    assert said.keys() == {
        "logging.all",
        "logging.dicom",
        "logging.http",
        "policies",
        "peers.p.certificate_key_file",
        "dicomweb_servers",
    }
    assert said["logging.all"].endswith("start Orthanc with --verbose")
    assert said["logging.dicom"].endswith("start Orthanc with --trace-dicom")
    assert "apply the document" in said["logging.http"]


@pytest.mark.parametrize(
    "levels", [{"all": "verbose", "dicom": "trace"}, {"all": "default", "lua": "verbose"}], ids=str
)
def test_the_options_that_are_named_give_the_levels(
    orthanc_server: OrthancServer, tmp_path: Path, levels: dict[str, str]
) -> None:
    document = from_data({"version": 1, "logging": levels})
    said = [problem.message for problem in render_configuration(document).elsewhere]
    options = [message.rpartition(" ")[2] for message in said]
    installed = orthanc_server.installation
    server = OrthancServer(replace(installed, argv=(*installed.argv, *options)), directory=tmp_path)
    with server, Orthanc(server.start().url) as orthanc:
        assert plan(orthanc, document).empty


def test_a_secret_that_orthanc_cannot_be_told_of_is_refused_without_an_environment_file(document: Document) -> None:
    with pytest.raises(ConfigurationError) as error:
        render_configuration(document)
    problems = {problem.field: problem for problem in error.value.problems}
    assert problems.keys() == {"peers.backup.password", "peers.backup.http_headers.X-Key"}
    assert "cannot take the value of BACKUP_PASSWORD as it is" in problems["peers.backup.password"].message
    assert "comes from no environment variable" in problems["peers.backup.http_headers.X-Key"].message
    assert all("--env-file" in problem.hint and problem.place for problem in problems.values())


def test_a_variable_that_orthanc_can_take_as_it_is_needs_no_file(
    orthanc_server: OrthancServer, start_orthanc: Callable[..., OrthancServer]
) -> None:
    environment = {"PW": "plain's $x # {y} é "}
    text = "version: 1\npeers: {a: {url: 'http://h', username: u, password: !env PW}}"
    document = loads(text, environment=environment)
    found = render_configuration(document)
    server = start_orthanc(files={"a.json": found.text}, environment=environment)
    with Orthanc(server.url) as orthanc:
        assert plan(orthanc, document).empty


def test_two_secrets_never_share_a_variable() -> None:
    peers: dict[str, Any] = {
        "a-b": {"url": "http://h", "username": "u", "password": "1"},
        "a_b": {"url": "http://h", "username": "u", "password": "2"},
        "c": {"url": "http://h", "username": "u", "password": "1"},
    }
    found = render_configuration(from_data({"version": 1, "peers": peers}), with_environment=True)
    assert len(set(found.variables)) == 3
    peers["d"] = {"url": "http://h", "username": "u", "password": Secret("9", "!env ORTHANC_PEERS_C_PASSWORD")}
    with pytest.raises(ConfigurationError, match="two secrets would have the variable ORTHANC_PEERS_C_PASSWORD"):
        render_configuration(from_data({"version": 1, "peers": peers}), with_environment=True)


def test_written_again_it_is_the_same(document: Document, tmp_path: Path) -> None:
    first = render_configuration(document, with_environment=True)
    (tmp_path / "a.json").write_text(first.text)
    fresh = loads(DOCUMENT, environment={"BACKUP_PASSWORD": CANARY, "CLOUD_PASSWORD": "plain"})
    second = render_configuration(fresh, with_environment=True, previous=tmp_path / "a.json")
    assert second.text == first.text
    (tmp_path / "a.json").write_text("not a configuration")
    third = render_configuration(fresh, with_environment=True, previous=tmp_path / "a.json")
    assert third.data.keys() == first.data.keys()


def test_a_version_that_is_too_old_is_refused() -> None:
    document = loads(
        "version: 1\nmodalities:\n  a: {aet: A, host: h, port: 1, retrieve_method: C-GET}\n", name="s.yaml"
    )
    with pytest.raises(ConfigurationError, match=r"`retrieve_method` needs Orthanc 1.12.6, and this is for 1.10.1"):
        render_configuration(document, version="1.10.1")
    assert render_configuration(document).data["DicomModalities"]["a"]["RetrieveMethod"] == "C-GET"


def test_a_file_that_says_that_the_database_counts_is_a_conflict_and_not_a_silence(
    orthanc_servers: OrthancServers,
) -> None:
    found = render_configuration(loads("version: 1\nmodalities: {a: [A, h, 104]}"))
    with pytest.raises(OrthancDied):
        orthanc_servers.start("trixie", {"DicomModalitiesInDatabase": True}, files={"a.json": found.text})


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        ('"', '\\"'),
        ("\\", "\\\\"),
        ("a\nb", "a\\nb"),
        ("$a", "\\u0024a"),
        (" a ", "\\u0020a\\u0020"),
    ],
)
def test_a_secret_is_one_line_that_no_reader_takes_for_more(value: str, written: str) -> None:
    assert escaped(value) == written
    assert json.loads(f'"{written}"') == value


def test_the_secrets_are_in_one_file_that_nobody_else_reads(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(DOCUMENT)
    (tmp_path / "key").write_text(CANARY)
    environment = {"BACKUP_PASSWORD": CANARY, "CLOUD_PASSWORD": "plain"}
    refused = cli("render-config", "site.yaml", "--out", "orthanc.json", env=environment)
    assert refused.returncode == 1
    assert not (tmp_path / "orthanc.json").exists()
    run = cli("render-config", "site.yaml", "--out", "orthanc.json", "--env-file", "orthanc.env", env=environment)
    assert (run.returncode, run.stdout) == (0, ""), run.stderr
    assert "Not in the configuration:\n  site.yaml:12:1 dicomweb_servers: Orthanc takes a section" in run.stderr
    assert stat.S_IMODE((tmp_path / "orthanc.env").stat().st_mode) == 0o600
    assert (tmp_path / "orthanc.env").read_text().startswith("BACKUP_PASSWORD=" + escaped(CANARY) + "\n")
    data = json.loads(cli("render-config", "site.yaml", "--json", "--env-file", "x.env", env=environment).stdout)
    assert data["variables"] == ["BACKUP_PASSWORD", "ORTHANC_PEERS_BACKUP_HTTP_HEADERS_X_KEY", "CLOUD_PASSWORD"]
    assert data["configuration"]["OrthancPeers"]["backup"]["Password"] == "${BACKUP_PASSWORD}"
    for text in (run.stderr, refused.stderr, (tmp_path / "orthanc.json").read_text(), json.dumps(data)):
        assert CANARY not in text
        assert escaped(CANARY) not in text


def test_what_holds_secrets_cannot_be_stored(document: Document) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(render_configuration(document, with_environment=True))


def test_a_file_that_cannot_be_written_is_an_error(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("version: 1\nmetrics: true\n")
    run = cli("render-config", "site.yaml", "--out", "missing/orthanc.json")
    assert run.returncode == 1
    assert run.stderr.startswith("Error: cannot write missing/orthanc.json")
