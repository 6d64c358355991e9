"""Every writing module from nothing to nothing: checked, applied, applied again, checked, removed, removed again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orthanc_state import Orthanc
from tests.ansible.playbooks import CANARY, Playbooks, Run
from tests.api.stored import FILES, store

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServer

SITE = """\
version: 1
modalities:
  file-a: {aet: A, host: "${host}", port: 104}
peers:
  file-p: {url: "https://f.example/", username: user, password: "${secret}", http_headers: {X-Key: !env SECRET}}
"""
GONE = "version: 1\nmodalities: {file-a: {state: absent}}\npeers: {file-p: {state: absent}}\n"

TASKS = 6
"""How many tasks both playbooks have."""


def test_from_nothing_to_nothing(versions: dict[str, OrthancServer], playbooks: Callable[..., Playbooks]) -> None:
    playbook = playbooks(**{name: server.url for name, server in versions.items()})
    (playbook.folder / "site.yaml").write_text(SITE)
    (playbook.folder / "gone.yaml").write_text(GONE)
    for server in versions.values():
        with Orthanc(server.url) as orthanc:
            store(orthanc, *FILES)
    empty = states(versions)

    checked = playbook.run("present.yml", "--check", "--diff")
    assert_all(checked, changed=True)
    assert states(versions) == empty

    applied = playbook.run("present.yml")
    assert_all(applied, changed=True)
    full = states(versions)
    assert all(full[name] != empty[name] for name in versions)
    assert {task.result["report"]["ok"] for task in applied} == {True}
    for task in applied:
        before = checked.of(task.name, task.host)
        assert before.result["plan"]["changes"] == task.result["plan"]["changes"], (before, task)

    again = playbook.run("present.yml", "--diff", "-vvv")
    assert_all(again, changed=False)
    for task in again:
        assert task.result["diff"]["before"] == task.result["diff"]["after"] == {}, task
    assert states(versions) == full

    removed = playbook.run("absent.yml", "--diff")
    assert_all(removed, changed=True)
    assert states(versions) == empty
    assert_all(playbook.run("absent.yml", "--check"), changed=False)

    for journal in (playbook.folder / "state").rglob("*.jsonl"):
        assert CANARY not in journal.read_text()


def assert_all(run: Run, *, changed: bool) -> None:
    """All tasks were done, and say the same."""
    assert run.code == 0, run.output
    assert len(run.tasks) == TASKS * 2
    assert not [str(task) for task in run if task.changed is not changed]


def states(servers: dict[str, OrthancServer]) -> dict[str, str]:
    """What each server is, as text."""
    return {name: state(server) for name, server in servers.items()}


def state(server: OrthancServer) -> str:
    with Orthanc(server.url) as orthanc:
        found: list[Any] = [
            orthanc.modalities.configurations(),
            orthanc.peers.configurations(),
            orthanc.get("/dicom-web/servers", params={"expand": ""}),
            sorted(orthanc.tools.accepted_transfer_syntaxes.get()),
            orthanc.tools.unknown_sop_class_accepted.get(),
            orthanc.tools.default_encoding.get(),
            orthanc.tools.log_level.get(category="dicom"),
            orthanc.tools.metrics.get(),
            [orthanc.patients[each].protected.get() for each in sorted(orthanc.patients.ids())],
            *(
                [orthanc.get(f"/{level}/{each}/metadata") for each in sorted(orthanc.get(f"/{level}"))]
                for level in ("studies", "series")
            ),
        ]
    return json.dumps(found, indent=1, sort_keys=True)
