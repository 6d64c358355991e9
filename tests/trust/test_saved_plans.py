"""A saved plan holds what was approved, and is applied as such."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orthanc_state import Orthanc, apply, from_data, load, loads, plan
from orthanc_state.errors import UnwritableError
from orthanc_state.kinds.version import parse_version
from orthanc_state.planning.plan_data import PlanData
from orthanc_state.planning.plan_file import is_plan, open_plan, save
from tests.trust.sites import ADDRESSES, ENVIRONMENT, PEER_HEADER, PEER_PASSWORD, SITE, furnish, referring, site

if TYPE_CHECKING:
    from orthanc_state import Plan
    from orthanc_state.testing import OrthancServer
    from tests.conftest import Cli


def plain(found: Plan) -> Plan:
    """A plan without what cannot be compared: the means by which secrets are told apart."""
    return replace(found, context=None)


@pytest.fixture
def saved(orthanc: Orthanc, tmp_path: Path) -> Path:
    """The plan of the site, saved."""
    path = tmp_path / "plan.json"
    save(furnish(orthanc), path)
    return path


def test_it_holds_everything_that_was_approved_and_no_secret(orthanc: Orthanc, saved: Path) -> None:
    text = saved.read_text("ascii")
    data = json.loads(text)
    assert data["format"] == "orthanc-state/plan"
    assert data["server"]["url"] == orthanc.url
    assert data["document"]["files"] == ["<text>"]
    assert len(data["document"]["digest"]) == 64
    assert [change["address"] for change in data["changes"]] == list(ADDRESSES)
    peer = next(change for change in data["changes"] if change["address"] == "peers/backup")
    assert peer["before"]["url"] == "http://backup.example/"
    assert peer["secrets"]["password"] == {"reference": "!env PEER_PASSWORD"}
    assert peer["operation"]["body"]["HttpHeaders"] == {"X-Api-Key": {"$secret": "http_headers.X-Api-Key"}}
    assert PEER_PASSWORD not in text
    assert PEER_HEADER not in text
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert is_plan(saved)


def test_its_schema_names_every_field_that_is_in_it(saved: Path) -> None:
    data = json.loads(saved.read_text())
    outside = {"format", "format_version", "kit", "digest"}
    assert data.keys() - outside == PlanData.model_json_schema()["properties"].keys()


@pytest.mark.orthanc(plugins=["dicomweb"])
def test_a_plan_is_the_same_when_it_is_opened_again_and_comes_to_the_same(
    orthanc_server: OrthancServer, tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    documents = referring(parse_version(orthanc_server.version), str(orthanc_server.log_path))

    @settings(max_examples=10)
    @given(before=documents, wanted=documents, mode=st.sampled_from(["scrypt", "off", "key"]))
    def law(before: tuple[str, dict[str, str]], wanted: tuple[str, dict[str, str]], mode: str) -> None:
        found_mode = "{key: !env KEY}" if mode == "key" else mode
        first, last = (
            loads(f'{text[:-1]}, "fingerprints": {found_mode}}}', environment={**secrets, "KEY": "k"})
            for text, secrets in (before, wanted)
        )
        environment = {**wanted[1], "KEY": "k"}
        with Orthanc(orthanc_server.url) as orthanc:
            assert apply(orthanc, plan(orthanc, first), allow_deletes=True).ok
            found = plan(orthanc, last)
            save(found, path)
            assert not [secret for secret in wanted[1].values() if len(secret) > 5 and secret in path.read_text()]
            opened = open_plan(path, environment)
            assert plain(opened) == plain(found)
            report = apply(orthanc, opened, allow_deletes=True)
            assert report.ok, report
            assert plan(orthanc, last).empty

    law()


def test_a_secret_that_stands_in_the_document_in_clear_is_not_saved(orthanc: Orthanc, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(SITE.replace("!env PEER_PASSWORD", PEER_PASSWORD))
    environment = {**ENVIRONMENT, "ORTHANC_URL": orthanc.url}
    result = cli("plan", "site.yaml", "--out", "plan.json", env=environment)
    assert result.returncode == 1
    assert "peers.backup.password" in result.stderr
    assert "a secret stands in the document in clear" in result.stderr
    assert "use !env NAME or !file PATH" in result.stderr
    assert PEER_PASSWORD not in result.stdout + result.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["site.yaml"]


def test_the_key_of_a_site_is_saved_as_its_reference_only(orthanc: Orthanc, tmp_path: Path) -> None:
    document = loads(
        SITE + "fingerprints: {key: !env SITE_KEY}\n", environment={**ENVIRONMENT, "SITE_KEY": "canary-key-of-the-site"}
    )
    path = tmp_path / "plan.json"
    save(plan(orthanc, document), path)
    assert "canary" not in path.read_text()
    assert json.loads(path.read_text())["fingerprints"] == {"mode": "key", "key": "!env SITE_KEY"}
    opened = open_plan(path, {**ENVIRONMENT, "SITE_KEY": "canary-key-of-the-site"})
    assert apply(orthanc, opened).ok
    assert plan(orthanc, document).empty


def test_a_secret_file_is_found_from_the_folder_of_the_plan(orthanc: Orthanc, tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "plans").mkdir()
    (tmp_path / "documents" / "key").write_text(PEER_PASSWORD)
    peer = '{url: "http://h/", username: u, password: !file key}'
    (tmp_path / "documents" / "site.yaml").write_text(f"version: 1\npeers: {{backup: {peer}}}\n")
    path = tmp_path / "plans" / "plan.json"
    save(plan(orthanc, load(tmp_path / "documents" / "site.yaml")), path)
    [change] = json.loads(path.read_text())["changes"]
    assert change["secrets"]["password"]["reference"] == "!file ../documents/key"
    # Both folders can move together, as a checkout does.
    moved = tmp_path / "moved"
    moved.mkdir()
    (tmp_path / "documents").rename(moved / "documents")
    (tmp_path / "plans").rename(moved / "plans")
    assert apply(orthanc, open_plan(moved / "plans" / "plan.json")).ok
    assert plan(orthanc, load(moved / "documents" / "site.yaml")).empty


def test_names_that_the_file_itself_uses_mean_nothing_to_it(orthanc: Orthanc, tmp_path: Path) -> None:
    document = loads(
        'version: 1\npeers: {p: {url: "http://h/", http_headers: {$hidden: !env A, $secret: !env B}, '
        "properties: {$hidden: x, $secret: password, digest: y}}}\n",
        environment={"A": "one", "B": "two"},
    )
    found = plan(orthanc, document)
    save(found, tmp_path / "plan.json")
    opened = open_plan(tmp_path / "plan.json", {"A": "one", "B": "two"})
    assert plain(opened) == plain(found)
    assert apply(orthanc, opened).ok
    assert plan(orthanc, document).empty


def test_it_is_shown_without_the_server_and_without_its_secrets(saved: Path, cli: Cli) -> None:
    shown = cli("show", str(saved))
    assert shown.returncode == 0, shown.stderr
    for address in ADDRESSES:
        assert address in shown.stdout
    data = json.loads(cli("show", str(saved), "--json").stdout)
    assert [change["address"] for change in data["changes"]] == list(ADDRESSES)


def test_it_is_applied_by_the_command_line_as_it_is(orthanc: Orthanc, saved: Path, cli: Cli) -> None:
    refused = cli("apply", "--yes", str(saved), "--target", "metrics", env=ENVIRONMENT)
    assert refused.returncode == 1
    assert "is applied alone and as it is" in refused.stderr
    applied = cli("apply", "--yes", str(saved), env=ENVIRONMENT)
    assert applied.returncode == 0, applied.stderr
    assert "Applied 12 of 12." in applied.stdout
    assert plan(orthanc, site()).empty


@pytest.mark.parametrize("there_before", [False, True], ids=["new", "over another one"])
def test_a_full_disk_leaves_nothing_that_is_half_written(orthanc: Orthanc, tmp_path: Path, there_before: bool) -> None:
    """The limit on the size of a file stands for the disk that is full."""
    modalities = {f"m{number}": ["A", "h", 104] for number in range(60)}
    (tmp_path / "site.json").write_text(json.dumps({"version": 1, "modalities": modalities}))
    if there_before:
        (tmp_path / "plan.json").write_text("as it was")
    command = f"ulimit -f 8; exec {sys.executable} -m orthanc_state plan site.json --out plan.json --url {orthanc.url}"
    result = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 1
    assert "cannot write plan.json: File too large" in result.stderr
    assert "Traceback" not in result.stderr
    expected = ["plan.json", "site.json"] if there_before else ["site.json"]
    assert sorted(each.name for each in tmp_path.iterdir()) == expected
    if there_before:
        assert (tmp_path / "plan.json").read_text() == "as it was"


@pytest.mark.parametrize("where", ["no/such/folder/plan.json", "a file/plan.json", "a folder", "name\0"])
def test_a_place_where_nothing_can_be_written_is_said(orthanc: Orthanc, tmp_path: Path, where: str) -> None:
    (tmp_path / "a file").touch()
    (tmp_path / "a folder").mkdir()
    found = plan(orthanc, from_data({"version": 1, "metrics": False}))
    with pytest.raises(UnwritableError, match="cannot write"):
        save(found, tmp_path / where)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a file", "a folder"]
