"""What a user can get wrong, and a server that is not there: failed, with a message that says what to do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from orthanc_state.testing.probe import free_port
from tests.ansible.playbooks import ROOT, Playbooks, Run

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServers

PLUGINS = ROOT / "ansible/ansible_collections/orthanc/state/plugins"

WRONG = "version: 1\nmodalities:\n  a:\n    aet: A\n    host: h\n    prot: 104\n"

SAID = {
    "document": ("unknown section `modalitys`", "did you mean `modalities`?", "peers.a.url"),
    "document of a file": ("wrong.yaml:6:5", "unknown key `prot`", "did you mean `port`?"),
    "plan_info": ("modalities.a.aet", "16"),
    "modality": ("modalities.a b", "letters, digits", "port"),
    "modality twice": ("the entries hold `a` twice", "Give each of them once."),
    "modality pruned": ("`prune` would delete all others", "Give `entries`."),
    "peer": ("peers.a", "a password is given without a username"),
    "dicomweb_server": ("dicomweb_servers.a", "`url` is missing"),
    "settings": ("dicom.accepted_transfer_syntaxes", "1.2.3.4"),
    "policy": ("policies.0.match.Modality", "ModalitiesInStudy"),
    "find_info": ("NoSuchTag",),
    "job_info": ("/jobs/no-such-job",),
    "echo": ("the server has no modalities/no-such-modality", "Its modalities are none."),
    "job": ("the server stores nothing of the identifier no-such-study",),
    "job parameters": ("no such option: keeping", "keep"),
    "dump": ("cannot write", "No such file or directory"),
    "server_info": ("localhost", "http"),
    "modality_info": ("/no/such/file.pem",),
    "peer_info": ("/no/such/file.pem",),
    "find": ("NoSuchTag",),
}
"""What each task of `wrong.yml` has to say."""


def test_what_is_wrong_is_said(orthanc_servers: OrthancServers, playbooks: Callable[..., Playbooks]) -> None:
    server = orthanc_servers.shared("trixie")
    playbook = playbooks(server=server.url)
    (playbook.folder / "wrong.yaml").write_text(WRONG)
    run = playbook.run("wrong.yml")
    assert {task.name for task in run} == set(SAID)
    for task in run:
        assert task.failed, task
        assert not task.changed, task
        assert all(words in task.message for words in SAID[task.name]), f"{task.name}: {task.message}"
    assert {path.stem for path in (PLUGINS / "modules").glob("*.py")} <= set(SAID)


def test_a_server_that_is_not_there(playbooks: Callable[..., Playbooks]) -> None:
    port = free_port()
    playbook = playbooks(server=f"http://127.0.0.1:{port}")

    def run(group: int) -> Run:
        return playbook.run("down.yml", "--tags", f"group{group}")

    # A client asks again a few times before it gives up: several wait at once.
    with ThreadPoolExecutor() as pool:
        tasks = [task for done in pool.map(run, range(4)) for task in done]
    assert {path.stem for path in (PLUGINS / "modules").glob("*.py")} <= {task.name for task in tasks}
    for task in tasks:
        assert task.failed, task
        assert f"127.0.0.1:{port}" in task.message, task


def test_a_missing_library_comes_with_the_command_that_installs_it(playbooks: Callable[..., Playbooks]) -> None:
    # The Python that this environment was made of has nothing of it.
    python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    here = {"ansible_python_interpreter": str(python)}
    (task,) = playbooks(server="http://127.0.0.1:1").run("missing.yml", variables=here, PYTHONPATH="")
    assert task.failed
    assert f"{python} -m pip install orthanc-state" in task.message
    assert "delegate_to: localhost" in task.message
