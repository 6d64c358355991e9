"""`import-config`: a plan of what comes out, against a server that was started from the same files, is empty."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, import_configuration, loads, plan
from orthanc_state.configuration.files import ConfigurationError
from orthanc_state.testing import SUITES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orthanc_state.configuration.importing import Imported
    from orthanc_state.testing import OrthancServer, OrthancServers
    from tests.conftest import Cli

CANARY = "canary-hunter2"
MODALITIES = """\
// What this hospital has
{
	"DicomModalities": {
		"array": ["ARRAY", "10.0.0.1", 104], /* three */
		"four": ["FOUR", "10.0.0.1", "104", "SyngoVia",],
		"object": {"AET": "${AET:-OBJECT}", "Host": "${PACS_HOST}", "Port": ${PACS_PORT}, "AllowEcho": false, "Foo": 5},
		"commitment": {"AET": "COMMIT", "Host": "h", "Port": 1, "AllowStorageCommitment": false, "Timeout": 4},
		"long": {"AET": "THIS_IS_TOO_LONG_FOR_DICOM", "Host": "h", "Port": 1}
	},
	"UnknownSopClassAccepted": true,
	"AcceptedTransferSyntaxes": ["1.2.840.10008.1.2", "1.2.840.10008.1.2.4.*", "JPEG2000Lossless", "1.2.3.4"],
	"DefaultEncoding": "Utf8",
	"MetricsEnabled": true,
	"MetricsEnabled": false
}
"""
SERVICES = """\
{
  "OrthancPeers": {
    "array": ["http://array.example/", "sync", "canary-hunter2"],
    "bare": ["http://bare.example"],
    "object": {
      "Url": "https://object.example/x", "Username": "sync", "Password": "${PEER_PASSWORD}",
      "HttpHeaders": {"X-Key": "${PEER_KEY:-canary-hunter2}", "X-Part": "a-${PEER_KEY:-canary-hunter2}"},
      "Timeout": 7, "Owner": "radiology", "Number": 5, "CertificateFile": "@CERTIFICATE@"
    }
  },
  "DicomWeb": {
    "Root": "/dw/",
    "Servers": {"the cloud": {"Url": "http://cloud/", "HasDelete": true, "ChunkedTransfers": false, "Foo": true}}
  },
  "HttpTimeout": 30
}
"""
ENVIRONMENT = {"PACS_HOST": "pacs.example", "PACS_PORT": "11112", "PEER_PASSWORD": CANARY, "PEER_KEY": CANARY}


def written(folder: Path, files: Mapping[str, str], environment: Mapping[str, str]) -> Path:
    """A folder of configuration files, and the file of its environment."""
    (folder / "orthanc.d").mkdir()
    for name, text in files.items():
        (folder / "orthanc.d" / name).write_text(text)
    env_file = folder / "orthanc.env"
    env_file.write_text("# the environment\n" + "".join(f"{name}={value}\n" for name, value in environment.items()))
    return folder / "orthanc.d"


def imported(folder: Path, **files: str) -> Imported:
    names = {f"{name}.json": text for name, text in files.items()}
    path = written(folder, names, ENVIRONMENT)
    return import_configuration([path], env_files=[folder / "orthanc.env"])


@pytest.mark.orthanc(plugins=["dicomweb"])
def test_a_plan_against_a_server_that_was_started_from_the_same_files_is_empty(
    orthanc_server: OrthancServer, start_orthanc: Callable[..., OrthancServer], tmp_path: Path
) -> None:
    services = SERVICES.replace("@CERTIFICATE@", str(orthanc_server.log_path))
    found = imported(tmp_path, modalities=MODALITIES, services=services)
    server = start_orthanc(files={"m.json": MODALITIES, "s.json": services}, environment=ENVIRONMENT)
    document = loads(found.text, environment=dict.fromkeys(found.variables, "anything"))
    with Orthanc(server.url) as orthanc:
        todo = plan(orthanc, document)
    assert todo.empty, [(change.address, change.before, change.after) for change in todo.changes]
    assert todo.unmanaged == ("modalities/long",)
    assert len(todo.unchanged) == 4 + 3 + 1 + 4
    assert CANARY not in found.text + json.dumps(found.data) + repr(found)


def test_nothing_is_dropped_silently_and_everything_has_its_place(tmp_path: Path) -> None:
    found = imported(tmp_path, modalities=MODALITIES, services=SERVICES)
    left = {problem.field: problem for problem in found.left_out}
    assert left.keys() == {
        "DicomModalities.object.Foo",
        "modalities.long.aet",
        "AcceptedTransferSyntaxes.2",
        "AcceptedTransferSyntaxes.3",
        "DicomWeb.Root",
        "HttpTimeout",
    }
    assert str(left["modalities.long.aet"].place).endswith("modalities.json:8:19")
    assert str(left["HttpTimeout"].place).endswith("services.json:15:3")
    assert "given twice" in found.warnings[0].message


def test_a_secret_has_the_variable_that_it_has_there_or_one_of_its_own(tmp_path: Path) -> None:
    found = imported(tmp_path, services=SERVICES)
    peers = found.data["peers"]
    assert peers["array"]["password"] == "!env ORTHANC_PEERS_ARRAY_PASSWORD"
    assert peers["object"]["password"] == "!env PEER_PASSWORD"
    assert peers["object"]["http_headers"] == {
        "X-Key": "!env PEER_KEY",
        "X-Part": "!env ORTHANC_PEERS_OBJECT_HTTP_HEADERS_X_PART",
    }
    assert found.variables == (
        "ORTHANC_PEERS_ARRAY_PASSWORD",
        "PEER_PASSWORD",
        "PEER_KEY",
        "ORTHANC_PEERS_OBJECT_HTTP_HEADERS_X_PART",
    )
    said = "\n".join(warning.message for warning in found.warnings)
    assert "the value that stands here for PEER_KEY is not taken over" in said
    assert "only a part of this secret is a reference" in said


def test_a_reference_that_is_needed_and_not_known_is_an_error_and_a_secret_one_is_not(tmp_path: Path) -> None:
    file = tmp_path / "orthanc.json"
    file.write_text(
        '{"DicomModalities": {"a": ["A",\n "${NO_HOST}", 104]}, "Name": "${NO_NAME}",\n'
        ' "OrthancPeers": {"p": ["http://h", "u", "${NO_PASSWORD}"]}}'
    )
    with pytest.raises(ConfigurationError) as error:
        import_configuration([file])
    [problem] = error.value.problems
    assert (problem.place.line, problem.place.column) == (2, 2)  # type: ignore[union-attr]
    assert "`NO_HOST` is not known" in problem.message
    file.write_text(file.read_text().replace("${NO_HOST}", "${NO_HOST:-h}"))
    assert import_configuration([file]).variables == ("NO_PASSWORD",)


@pytest.mark.parametrize(("section", "entry"), [("DicomModalities", ["A", "h", 104]), ("OrthancPeers", ["http://h"])])
def test_what_the_database_overrides_is_left_out_as_orthanc_leaves_it_out(
    orthanc_servers: OrthancServers, tmp_path: Path, section: str, entry: Any
) -> None:
    switch = f"{section}InDatabase"
    text = json.dumps({switch: True, section: {"a": entry}})
    for suite in SUITES:
        server = orthanc_servers.start(suite, files={"a.json": text})
        with Orthanc(server.url) as orthanc:
            assert orthanc.modalities.names() == orthanc.peers.names() == []
        orthanc_servers.stop(server)
    (tmp_path / "a.json").write_text(text)
    found = import_configuration([tmp_path / "a.json"])
    assert found.data == {"version": 1}
    left = {problem.field: problem.message for problem in found.left_out}
    assert left.keys() == {switch, section}
    assert f"counts for nothing while {switch} is true" in left[section]


def test_a_variable_of_a_container_is_the_reference_itself(tmp_path: Path) -> None:
    (tmp_path / "orthanc.json").write_text('{"OrthancPeers": {"Backup": {"Url": "http://h", "Username": "u"}}}')
    (tmp_path / "env").write_text(
        f"ORTHANC__ORTHANC_PEERS__BACKUP__PASSWORD={CANARY}\n"
        'ORTHANC__DICOM_MODALITIES={"ct": {"AET": "CT", "Host": "h", "Port": 104}}\n'
        "ORTHANC__METRICS_ENABLED=false\nORTHANC__NAME=x\n"
    )
    found = import_configuration([tmp_path / "orthanc.json"], env_files=[tmp_path / "env"])
    assert found.data["peers"]["Backup"]["password"] == "!env ORTHANC__ORTHANC_PEERS__BACKUP__PASSWORD"
    assert found.data["modalities"] == {"ct": {"aet": "CT", "host": "h", "port": 104}}
    assert found.data["metrics"] is False
    assert [(str(problem.place), problem.field) for problem in found.left_out] == [(f"{tmp_path}/env:4:1", "Name")]
    assert CANARY not in found.text


def test_the_command_prints_the_document_and_lists_the_rest(cli: Cli, tmp_path: Path) -> None:
    written(tmp_path, {"m.json": MODALITIES, "s.json": SERVICES}, ENVIRONMENT)
    run = cli("import-config", "orthanc.d", "--env-file", "orthanc.env")
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("# Secrets are not taken over: set these environment variables")
    assert "Not in the document:\n  orthanc.d/m.json:6:" in run.stderr
    assert "orthanc.d/s.json:15:3 HttpTimeout: not managed by a document" in run.stderr
    same = cli("import-config", "orthanc.d", "--environment", "--out", "site.yaml", env=ENVIRONMENT)
    assert (same.returncode, same.stdout) == (0, "")
    assert (tmp_path / "site.yaml").read_text() == run.stdout
    data = json.loads(cli("import-config", "--json", "orthanc.d", "--env-file", "orthanc.env").stdout)
    assert data["document"]["peers"]["object"]["password"] == "!env PEER_PASSWORD"
    assert data["variables"][1] == "PEER_PASSWORD"
    assert {"field": "HttpTimeout", "line": 15}.items() <= data["left_out"][-1].items()
    assert CANARY not in run.stdout + run.stderr + same.stderr + json.dumps(data)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"OrthancPeers": {"p": ["http://h", "u", "canary-hunter2]}}', "this text has no end"),
        ('{"OrthancPeers": {"p": "canary-hunter2"}}', "expected a mapping"),
        ('{"OrthancPeers": {"p": {"Url": "http://u:canary-hunter2@h"}}}', "would be shown"),
        ('{"OrthancPeers": {"p": {"Url": "http://h", "HttpHeaders": {"a: canary-hunter2": "x"}}}}', "not the name of"),
        ('{"OrthancPeers": {"p": {"Url": "http://h", "canary-hunter2": {}}}}', "a custom property is a text"),
        ('{"OrthancPeers": "canary-hunter2"}', "expected a mapping"),
        ('{"OrthancPeers": {"canary-hunter2!": ["http://h"]}}', "a name has only letters"),
        ('{"RegisteredUsers": {"admin": "canary-hunter2"}}', "not managed"),
        ('canary-hunter2', "expected a `{`"),
    ],
)  # fmt: skip
def test_what_may_be_a_secret_is_in_no_message(cli: Cli, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "orthanc.json").write_text(text)
    run = cli("import-config", "orthanc.json")
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    if "hunter2!" not in text:
        assert CANARY not in run.stdout + run.stderr


@pytest.mark.parametrize("line", ["canary-hunter2", "=canary-hunter2", "  = canary-hunter2"])
def test_a_line_of_an_environment_file_that_is_none_is_not_quoted(cli: Cli, tmp_path: Path, line: str) -> None:
    (tmp_path / "orthanc.json").write_text("{}")
    (tmp_path / "env").write_text(f"A=b\n{line}\n")
    run = cli("import-config", "orthanc.json", "--env-file", "env")
    assert run.returncode == 1
    assert "env:2:1" in run.stderr
    assert CANARY not in run.stderr
