"""The example of a fleet is planned and applied as it stands in the folder, on real servers."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from orthanc_state.fleet.apply import apply_fleet
from orthanc_state.fleet.inventory import Inventory
from orthanc_state.fleet.plan import plan_fleet
from orthanc_state.fleet.waves import Waves

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthanc_state.testing import OrthancServer

EXAMPLE = Path(__file__).parents[2] / "examples" / "fleet"
PORTS = {"pacs": 8042, "ward7": 8043, "ward8": 8044}


@pytest.mark.orthanc(suites=["trixie"])
def test_the_example(
    start_orthanc: Callable[..., OrthancServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORTHANC_PASSWORD", "admin's")
    monkeypatch.setenv("BACKUP_PASSWORD", "backup's")
    servers = {
        name: start_orthanc({"Name": name, "RegisteredUsers": {"admin": "admin's"}}, suite)
        for name, suite in zip(PORTS, ("bookworm", "trixie", "forky"), strict=True)
    }
    shutil.copytree(EXAMPLE, tmp_path / "fleet")
    file = tmp_path / "fleet" / "fleet.yaml"
    text = file.read_text()
    for name, port in PORTS.items():
        text = text.replace(f"http://127.0.0.1:{port}", servers[name].url)
    file.write_text(text)
    inventory = Inventory.load(file)
    report = apply_fleet(plan_fleet(inventory.select()), inventory.members, waves=Waves.parse("1,100%"))
    assert report.ok, report
    assert report.waves == 2
    assert plan_fleet(inventory.select()).in_sync
    found = {}
    for name, server in servers.items():
        with Orthanc(server.url, "admin", "admin's") as orthanc:
            found[name] = orthanc.modalities.configurations()
            assert orthanc.peers.configurations()["backup"]["Url"] == f"https://backup.pacs.example/{name.upper()}/"
    assert {name: set(modalities) for name, modalities in found.items()} == {
        "pacs": {"ct1", "mr1"},
        "ward7": {"ct1", "mr1"},
        "ward8": {"ct1"},
    }
    assert [found[name]["ct1"]["AllowMove"] for name in found] == [False, True, True]
