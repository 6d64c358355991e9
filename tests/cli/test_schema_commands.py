"""`schema`, `init` and `explain` as a user runs them."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from orthanc_state.document.schema import schema_text
from orthanc_state.document.starter import starter

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Cli

SCHEMA_FILE = "orthanc-state.schema.json"


def names(folder: Path) -> list[str]:
    """Everything in a folder, hidden files too."""
    return sorted(os.listdir(folder))


def test_schema_prints_the_schema_and_nothing_else(cli: Cli, tmp_path: Path) -> None:
    printed = cli("schema")
    assert (printed.returncode, printed.stdout, printed.stderr) == (0, schema_text(), "")
    Draft202012Validator.check_schema(json.loads(printed.stdout))
    assert names(tmp_path) == []


def test_schema_writes_a_file(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text("old")
    written = cli("schema", "--out", "s.json")
    assert (written.returncode, written.stdout) == (0, "")
    assert (tmp_path / "s.json").read_text() == schema_text()
    assert names(tmp_path) == ["s.json"]


@pytest.mark.parametrize("target", ["missing/s.json", ".", "a" * 300])
def test_schema_says_what_cannot_be_written(cli: Cli, tmp_path: Path, target: str) -> None:
    failed = cli("schema", "--out", target)
    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: cannot write ")
    assert "Traceback" not in failed.stderr
    assert names(tmp_path) == []


def test_init_writes_a_document_that_is_valid_and_its_schema(cli: Cli, tmp_path: Path) -> None:
    first = cli("init")
    assert first.returncode == 0, first.stderr
    assert f"Wrote {SCHEMA_FILE} and orthanc.yaml" in first.stdout
    assert names(tmp_path) == [SCHEMA_FILE, "orthanc.yaml"]
    assert (tmp_path / SCHEMA_FILE).read_text() == schema_text()
    assert (tmp_path / "orthanc.yaml").read_text() == starter("orthanc.yaml", f"./{SCHEMA_FILE}")
    assert cli("validate", "orthanc.yaml").returncode == 0


def test_init_overwrites_nothing(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "orthanc.yaml").write_text("mine")
    failed = cli("init")
    assert failed.returncode == 1
    assert "orthanc.yaml is there already: nothing was written" in failed.stderr
    assert names(tmp_path) == ["orthanc.yaml"]
    assert (tmp_path / "orthanc.yaml").read_text() == "mine"
    # Not where a link leads either.
    (tmp_path / "link.yaml").symlink_to("nowhere.yaml")
    assert cli("init", "link.yaml").returncode == 1
    assert names(tmp_path) == ["link.yaml", "orthanc.yaml"]


@pytest.mark.parametrize("content", [b"{}", b"[1]", b"\xff", b'{"$id": "https://example.org/schema"}', None])
def test_init_leaves_a_file_that_is_no_schema_of_its_own(cli: Cli, tmp_path: Path, content: bytes | None) -> None:
    beside = tmp_path / SCHEMA_FILE
    if content is None:
        beside.mkdir()
    else:
        beside.write_bytes(content)
    failed = cli("init")
    assert failed.returncode == 1
    assert "is no schema of documents: nothing was written" in failed.stderr
    assert names(tmp_path) == [SCHEMA_FILE]
    assert content is None or beside.read_bytes() == content


def test_init_renews_a_schema_of_its_own(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / SCHEMA_FILE).write_text('{"$id": "urn:orthanc-state:document:0"}')
    assert cli("init", "a.yaml").returncode == 0
    assert (tmp_path / SCHEMA_FILE).read_text() == schema_text()
    assert cli("init", "b.yaml").returncode == 0
    assert names(tmp_path) == ["a.yaml", "b.yaml", SCHEMA_FILE]


def test_init_takes_another_schema_and_another_folder(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    ran = cli("init", "sites/a.yaml", "--schema", "https://intranet.example/o.json", "--json")
    assert json.loads(ran.stdout) == {"written": ["sites/a.yaml"]}
    assert names(tmp_path / "sites") == ["a.yaml"]
    first = (tmp_path / "sites" / "a.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=https://intranet.example/o.json"
    assert cli("init", "sites/b.yaml").returncode == 0
    assert names(tmp_path / "sites") == ["a.yaml", "b.yaml", SCHEMA_FILE]


@pytest.mark.parametrize("schema", ["two words", "a\nversion: 2", "a\tb"])
def test_init_refuses_a_schema_that_would_end_its_line(cli: Cli, tmp_path: Path, schema: str) -> None:
    failed = cli("init", "--schema", schema)
    assert failed.returncode == 1
    assert "up to the first blank" in failed.stderr
    assert names(tmp_path) == []


def test_init_leaves_nothing_where_one_of_the_two_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    failed = cli("init", "missing/orthanc.yaml")
    assert failed.returncode == 1
    assert "cannot write missing/" in failed.stderr
    assert names(tmp_path) == []
    # The name of the document is too long; that of the schema is not.
    failed = cli("init", "a" * 256)
    assert failed.returncode == 1
    assert names(tmp_path) == []


def test_explain_lists_the_sections(cli: Cli) -> None:
    ran = cli("explain")
    assert ran.returncode == 0
    assert re.search(r"(?m)^  modalities +The DICOM servers that it knows", ran.stdout)
    assert "explain modalities.allow_store" in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 80


def test_explain_tells_of_a_field(cli: Cli) -> None:
    shown = cli("explain", "modalities.retrieve_method").stdout
    for part in (
        "How resources are fetched from it",
        "Type           SystemDefault, C-MOVE or C-GET",
        "Default        SystemDefault",
        "In Orthanc     RetrieveMethod",
        "Since          Orthanc 1.12.6",
        "After restart  kept only where DicomModalitiesInDatabase is true",
        "Request        PUT /modalities/{name}",
    ):
        assert part in shown
    assert "Secret         yes" in cli("explain", "peers.password").stdout
    assert "SiemensSyngoCT: Orthanc 1.13.0" in cli("explain", "modalities.manufacturer").stdout
    assert "After restart  forgotten" in cli("explain", "logging").stdout


def test_explain_of_what_is_not_there_is_an_error(cli: Cli) -> None:
    failed = cli("explain", "modalities.alow_store")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "a document has no `modalities.alow_store`" in failed.stderr
    assert "did you mean `modalities.allow_store`?" in failed.stderr
    as_json = cli("explain", "x\x1b[2J", "--json")
    assert as_json.returncode == 1
    assert "\x1b" not in as_json.stderr + as_json.stdout
    assert "has no" in json.loads(as_json.stdout)["message"]


def test_explain_gives_json(cli: Cli) -> None:
    found: dict[str, Any] = json.loads(cli("explain", "peers.password", "--json").stdout)
    assert found == {
        "path": "peers.password",
        "summary": "Password of that user, best as !env NAME or !file PATH; null for none.",
        "type": "secret text (!env NAME, !file PATH), or null",
        "required": False,
        "default": None,
        "orthanc_name": "Password",
        "since": None,
        "values_since": {},
        "secret": True,
        "write_only": True,
        "durability": "OrthancPeersInDatabase",
        "requests": ["PUT /peers/{name}"],
        "examples": [],
        "parts": [],
    }
    whole = json.loads(cli("explain", "--json").stdout)
    assert [part["path"] for part in whole["parts"]][:2] == ["version", "modalities"]
    example = json.loads(cli("explain", "peers", "--json").stdout)["examples"][0]
    assert example["backup"]["password"] == "!env BACKUP_PASSWORD"


def test_explain_is_as_wide_as_the_terminal_but_not_too_wide(cli: Cli) -> None:
    for columns, widest in (("60", 60), ("200", 100)):
        shown = cli("explain", "policies", env={"COLUMNS": columns}).stdout
        assert widest - 15 < max(map(len, shown.splitlines())) <= widest
    assert cli("explain", "modalities", env={"COLUMNS": "1"}).returncode == 0
