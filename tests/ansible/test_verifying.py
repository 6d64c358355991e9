"""`verify`: a task fails when a modality that answered no longer does, and says what undoes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.testing.probe import free_port
from tests.ansible.playbooks import Playbooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthanc_state.testing import OrthancServers


def test_a_link_that_is_broken_fails_the_task(
    orthanc_servers: OrthancServers, playbooks: Callable[..., Playbooks]
) -> None:
    server = orthanc_servers.start("trixie")
    playbook = playbooks(server=server.url)
    free = free_port()
    run = playbook.run("verify.yml", variables={"aet": server.aet, "dicom_port": server.dicom_port, "free": free})
    for name in ("new", "kept", "deleted"):
        assert run.of(name).changed, run.of(name)
        assert run.of(name).result["lost_links"] == []
    broken = run.of("broken")
    assert (broken.failed, broken.changed) == (True, True), broken
    journal = playbook.folder / "journal.jsonl"
    assert "No longer answers: modalities/itself: " in broken.message
    assert f"This undoes it: orthanc-state rollback {journal}" in broken.message
    assert [(link["target"], link["status"]) for link in broken.result["lost_links"]] == [
        ("modalities/itself", "failed")
    ]
    assert broken.result["report"]["ok"]
    orthanc_servers.stop(server)
