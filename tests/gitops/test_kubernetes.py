"""The commands of the CronJobs and of their image, run as a pod runs them, against a real Orthanc."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from orthanc_state.execution.history import History
from tests.gitops.conftest import BACKUP_PASSWORD, PASSWORD, SECRETS, USERNAME
from tests.gitops.pipeline import EXAMPLES, environment
from tests.gitops.test_pipelines import DOCUMENT

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state import Orthanc
    from orthanc_state.testing import OrthancServer

pytestmark = pytest.mark.orthanc(suites=["trixie"])

FOLDER = EXAMPLES / "kubernetes"


def pod_of(name: str) -> Any:
    """What a CronJob starts."""
    documents = {
        document["metadata"]["name"]: document for document in YAML(typ="safe").load_all(FOLDER / "cronjob.yaml")
    }
    return documents[name]["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def run(pod: Any, volumes: Path, secret: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the container of a pod, with the folders of its volumes and with nothing but its secret."""
    [container] = pod["containers"]
    command = list(container["command"])
    for mount in container["volumeMounts"]:
        folder = volumes / mount["name"]
        command = [argument.replace(mount["mountPath"], str(folder)) for argument in command]
    [source] = container["envFrom"]
    assert source == {"secretRef": {"name": "orthanc-state"}}
    nowhere = volumes / "nowhere"
    ran = subprocess.run(
        command,
        cwd=volumes / "document",
        env=environment(HOME=str(nowhere), PYTHONDONTWRITEBYTECODE="1", **secret),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    # The root file system is read-only.
    assert not nowhere.exists()
    return ran


def test_drift_fails_its_job_until_an_apply_which_keeps_a_journal(
    tmp_path: Path, guarded: OrthancServer, orthanc: Orthanc
) -> None:
    for name in ("document", "journal"):
        (tmp_path / name).mkdir()
    (tmp_path / "document" / "site.yaml").write_text(DOCUMENT)
    secret = {
        "ORTHANC_URL": guarded.url,
        "ORTHANC_USERNAME": USERNAME,
        "ORTHANC_PASSWORD": PASSWORD,
        "BACKUP_PASSWORD": BACKUP_PASSWORD,
    }
    drift, apply = pod_of("orthanc-drift"), pod_of("orthanc-apply")
    assert run(drift, tmp_path, secret).returncode == 2
    applied = run(apply, tmp_path, secret)
    assert applied.returncode == 0, applied.stderr
    assert orthanc.modalities.names() == ["pacs"]
    calm = run(drift, tmp_path, secret)
    assert calm.returncode == 0, calm.stderr
    assert run(apply, tmp_path, secret).returncode == 0
    journal = tmp_path / "journal" / "journal.jsonl"
    assert len(History.read(journal).runs) == 1
    assert sorted(os.listdir(tmp_path / "document")) == ["site.yaml"]
    shown = applied.stdout + applied.stderr + calm.stdout + calm.stderr + journal.read_text()
    assert not [secret for secret in SECRETS if secret in shown]


@pytest.mark.parametrize("name", ["orthanc-drift", "orthanc-apply"])
def test_a_pod_may_do_nothing_that_it_need_not(name: str) -> None:
    pod = pod_of(name)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    [container] = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "env" not in container
    writable = [mount["name"] for mount in container["volumeMounts"] if not mount.get("readOnly")]
    assert writable == (["journal"] if name == "orthanc-apply" else [])


def test_the_image_is_what_the_pipelines_install_too(tmp_path: Path) -> None:
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    words = dict(line.split(" ", 1) for line in lines)
    assert words["USER"].split(":")[0] == str(pod_of("orthanc-apply")["securityContext"]["runAsUser"])
    source, target = words["COPY"].split()
    script = words["RUN"].replace(target, str(EXAMPLES / "ci" / source))
    ran = subprocess.run(
        ["sh", "-ec", script],
        cwd=tmp_path,
        env=environment(HOME=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Requirement already satisfied: orthanc-state" in ran.stdout
