"""Files that somebody else wrote: they run nothing, and read nothing that they are not let read."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from orthanc_state import OrthancStateError, load
from orthanc_state.fleet.inventory import Inventory
from orthanc_state.planning.plan_file import open_plan

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Cli

CODE = [
    '!!python/object/apply:os.system ["touch ran"]',
    '!!python/object/new:os.system ["touch ran"]',
    "!!python/name:os.system",
    "!!python/module:antigravity",
    "!!python/object/apply:subprocess.check_output [[touch, ran]]",
    '!<tag:yaml.org,2002:python/object/apply:os.system> ["touch ran"]',
    "!!js/function 'function () {}'",
    "!ruby/object:Gem::Installer {i: x}",
    "!exec touch ran",
    "!lookup ${env:HOME}",
]


@pytest.mark.parametrize("value", CODE)
def test_a_tag_of_yaml_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.chdir(tmp_path)
    document = tmp_path / "site.yaml"
    document.write_text(f"version: 1\nmodalities: {{pacs: [PACS, {value}, 104]}}\n")
    with pytest.raises(OrthancStateError, match="tag"):
        load(document)
    inventory = tmp_path / "fleet.yaml"
    inventory.write_text(f"version: 1\nservers: {{a: {{url: {value}, documents: [site.yaml]}}}}\n")
    with pytest.raises(OrthancStateError):
        Inventory.load(inventory)
    assert sorted(os.listdir(tmp_path)) == ["fleet.yaml", "site.yaml"]


@pytest.mark.parametrize("value", ["${HOME}", "$(touch ran)", "`touch ran`", "{{ 7 * 7 }}", "%(HOME)s"])
def test_a_value_is_no_shell_and_no_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Only variables that somebody declared are put in, never those of the environment."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.yaml").write_text(f'version: 1\nmodalities: {{pacs: {{aet: A, host: "{value}", port: 104}}}}\n')
    try:
        host = load(tmp_path / "site.yaml").sections["modalities"]["pacs"].host
    except OrthancStateError:
        # A variable that nobody has declared, or no name of a host.
        host = value
    assert host == value
    assert os.listdir(tmp_path) == ["site.yaml"]


def test_without_secrets_no_file_of_one_is_opened(tmp_path: Path, cli: Cli) -> None:
    """A pipe would be waited for, and a secret device emptied."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "site.yaml").write_text(
        'version: 1\npeers: {b: {url: "http://h/", username: u, password: !file pipe}}\n'
    )
    assert cli("validate", "--no-secrets", "site.yaml").returncode == 0
    assert cli("validate", "site.yaml").returncode == 1


@pytest.mark.parametrize("reference", ["!env HOME", "!file /etc/hostname"])
def test_a_plan_that_somebody_made_up_reads_nothing_before_it_is_refused(tmp_path: Path, reference: str) -> None:
    made_up = {
        "format": "orthanc-state/plan",
        "format_version": 1,
        "kit": "x",
        "changes": [{"after": {"password": reference}}],
        "digest": "0" * 64,
    }
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(made_up))
    with pytest.raises(OrthancStateError) as raised:
        open_plan(path)
    assert raised.value.code == "file-refused"
