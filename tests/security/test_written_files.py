"""What is written where secrets may be near is for its owner alone, whatever the umask and what was there before."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from orthanc_state.testing import OrthancServer
    from tests.conftest import Cli

DOCUMENT = """\
version: 1
modalities: {pacs: [PACS, h, 104]}
peers: {backup: {url: "http://h/", username: u, password: !env PEER_PASSWORD}}
"""


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.orthanc(suites=["trixie"])
@pytest.mark.usefixtures("open_umask")
@pytest.mark.parametrize("there_before", [False, True])
def test_files_are_for_their_owner_alone(
    cli: Cli, orthanc_server: OrthancServer, tmp_path: Path, there_before: bool
) -> None:
    environment = {"ORTHANC_URL": orthanc_server.url, "PEER_PASSWORD": "canary", "HOME": str(tmp_path)}
    (tmp_path / "site.yaml").write_text(DOCUMENT)
    (tmp_path / "fleet.yaml").write_text(
        f'version: 1\nservers: {{a: {{url: "{orthanc_server.url}", documents: [site.yaml]}}}}\n'
    )
    names = ["plan.json", "fleet-plan.json", "snapshot.json", "orthanc.env"]
    if there_before:
        for name in names:
            (tmp_path / name).write_text("old")
            (tmp_path / name).chmod(0o666)
    for line in (
        "plan site.yaml --out plan.json",
        "plan --inventory fleet.yaml --out fleet-plan.json",
        "snapshot --out snapshot.json site.yaml",
        "render-config site.yaml --env-file orthanc.env --out orthanc.json",
        "apply --yes site.yaml",
    ):
        ran = cli(*line.split(), env=environment)
        assert ran.returncode == 0, ran.stderr
    for name in names:
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600, name
    (journal,) = (tmp_path / "state").rglob("*.jsonl")
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.parent.stat().st_mode) & 0o077 == 0


@pytest.mark.usefixtures("open_umask")
def test_a_link_that_somebody_laid_is_replaced_and_not_followed(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(DOCUMENT)
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "orthanc.env").symlink_to("victim")
    ran = cli("render-config", "site.yaml", "--env-file", "orthanc.env", env={"PEER_PASSWORD": "canary"})
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "victim").read_text() == "mine"
    assert not (tmp_path / "orthanc.env").is_symlink()
