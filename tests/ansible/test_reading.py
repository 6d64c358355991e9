"""The modules that read, and the jobs."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orthanc_state import Orthanc
from tests.ansible.conftest import SUITES
from tests.ansible.playbooks import Playbooks, Run
from tests.api.stored import FILES, store

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServer

JOBS = ("anonymize", "modify", "store", "store over HTTP", "move", "archive", "begin")


def test_what_is_read_and_done(versions: dict[str, OrthancServer], playbooks: Callable[..., Playbooks]) -> None:
    playbook = playbooks(**{host: server.url for host, server in versions.items()})
    there: dict[str, dict[str, Any]] = {"aets": {}, "ports": {}}
    studies: dict[str, list[str]] = {}
    wanted: dict[str, list[str]] = {}
    for host, server in versions.items():
        there["aets"][host], there["ports"][host] = server.aet, server.dicom_port
        with Orthanc(server.url) as orthanc:
            store(orthanc, *FILES)
            studies[host] = orthanc.studies.ids()
            wanted[host] = orthanc.studies.find_ids({"PatientID": "PAT1"})

    newest = SUITES[-1]
    limited = ("--limit", newest)
    checked = playbook.run("reading.yml", "--check", "--diff", "--tags", "writing", *limited, variables=there)
    assert checked.code == 0, checked.output
    with Orthanc(versions[newest].url) as orthanc:
        assert set(orthanc.studies.ids()) == set(studies[newest])
    assert not list(playbook.folder.glob("*.zip"))
    assert not (playbook.folder / f"{newest}.yaml").exists()
    for name in (*JOBS, "dump"):
        assert checked.of(name).changed, name
    assert "itself:" in checked.of("dump").result["diff"]["after"]

    done = playbook.run("reading.yml", variables=there)
    assert done.code == 0, done.output
    for host, server in versions.items():
        changed = [task.name for task in done if task.host == host and task.changed]
        itself = [] if host == newest else ["itself", "itself over HTTP"]
        assert changed == [*itself, *JOBS, "dump"]
        _check_read(done, host, server, studies[host], wanted[host])
        with Orthanc(server.url) as orthanc:
            assert len(orthanc.studies.ids()) == len(studies[host]) + 3
        with zipfile.ZipFile(playbook.folder / f"{host}.zip") as archive:
            assert len(archive.namelist()) == 4
        size = (playbook.folder / f"{host}.zip").stat().st_size
        assert done.of("archive", host).result["size"] == size
        assert "itself" in (playbook.folder / f"{host}.yaml").read_text()

    again = playbook.run("reading.yml", "--tags", "files", *limited, variables=there)
    assert not [task for task in again if task.changed]


def _check_read(done: Run, host: str, server: OrthancServer, studies: list[str], wanted: list[str]) -> None:
    """What was read of a server is what it is."""

    def result(name: str) -> dict[str, Any]:
        return done.of(name, host).result

    assert result("server_info")["system"]["Version"] == server.version
    assert "dicom-web" in result("server_info")["plugins"]
    assert result("server_info")["statistics"]["CountStudies"] == len(studies)
    known = result("modality_info")["modalities"]["itself"]
    assert known["port"] == server.dicom_port
    assert known["allow_echo"] is True
    assert result("peer_info")["peers"]["itself"]["http_headers"] == {"X-Key": "(secret)"}
    assert result("plan_info")["plan"]["summary"]["update"] == 1
    assert "~ modalities/itself" in result("plan_info")["text"]
    assert "! modalities/itself" in result("plan_info")["markdown"]
    assert [row["status"] for row in result("echo")["results"]] == ["ok", "ok"]
    assert set(result("find_info")["ids"]) == set(wanted)
    assert {each["PatientMainDicomTags"]["PatientID"] for each in result("find_info")["resources"]} == {"PAT1"}
    assert set(result("find")["ansible_facts"]["found_by_lookup"]) == set(wanted)
    assert result("wait")["job"]["State"] == "Success"
    kinds = {job["Type"] for job in result("job_info")["jobs"]}
    # 1.10.1 makes no job of a C-MOVE.
    assert {"Archive", "OrthancPeerStore", "DicomModalityStore"} <= kinds
    assert ("DicomMoveScu" in kinds) is ("job" in result("move")) is (host == SUITES[-1])
