"""The event source: what is stored on a server comes as events, also after the server was away."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc
from tests.ansible.playbooks import ROOT
from tests.api.dicom_files import ct
from tests.api.stored import store

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from orthanc_state.testing import OrthancServer

SOURCE = ROOT / "ansible/ansible_collections/orthanc/state/extensions/eda/plugins/event_source/changes.py"
QUICK = {"StableAge": 1}

RULES = """\
- name: What happens
  hosts: all
  sources:
    - name: The changes
      orthanc.state.changes: {{url: "{url}", types: [NewStudy], since: 0}}
  rules:
    - name: A study is new
      condition: event.type == "NewStudy"
      action:
        print_event:
          pretty: false
"""


def by_itself(folder: Path, url: str) -> list[str]:
    """The source's own runner."""
    return [sys.executable, str(SOURCE), url, "NewStudy"]


def by_rulebook(folder: Path, url: str) -> list[str]:
    """`ansible-rulebook`, which takes Java."""
    (folder / "rules.yml").write_text(RULES.format(url=url))
    (folder / "hosts").write_text("localhost ansible_connection=local\n")
    return ["ansible-rulebook", "--rulebook", "rules.yml", "-i", "hosts"]


RUNNERS = {"itself": by_itself}
if shutil.which("ansible-rulebook") and shutil.which("java"):
    RUNNERS["ansible-rulebook"] = by_rulebook


@pytest.fixture(scope="module")
def source() -> ModuleType:
    spec = importlib.util.spec_from_file_location("changes", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.orthanc(configuration=QUICK)
def test_new_and_stable_studies_are_events(source: ModuleType, orthanc_server: OrthancServer) -> None:
    with Orthanc(orthanc_server.url) as orthanc:
        store(orthanc, ct("OLD"))

        async def run() -> list[dict[str, Any]]:
            queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
            task = asyncio.create_task(source.main(queue, {"url": orthanc_server.url, "interval": 0.1}))
            # It begins after what is there when it starts.
            await asyncio.sleep(0.5)
            await asyncio.to_thread(store, orthanc, ct("NEW"))
            seen = [await asyncio.wait_for(queue.get(), 20)]
            orthanc_server.kill()
            await asyncio.sleep(0.3)
            await asyncio.to_thread(orthanc_server.start)
            await asyncio.to_thread(store, orthanc, ct("LATER"))
            while not any(event["type"] == "NewStudy" and event["id"] != seen[0]["id"] for event in seen):
                seen.append(await asyncio.wait_for(queue.get(), 20))
            while not any(event["type"] == "StableStudy" for event in seen):
                seen.append(await asyncio.wait_for(queue.get(), 20))
            assert not task.done()
            task.cancel()
            return seen

        seen = asyncio.run(run())
        ids = set(orthanc.studies.ids())
    assert seen[0]["type"] == "NewStudy"
    assert set(seen[0]) == {"url", "seq", "type", "level", "id", "date"}
    assert {event["id"] for event in seen} <= ids
    assert "OLD" not in json.dumps(seen)
    assert [event["seq"] for event in seen] == sorted(event["seq"] for event in seen)


@pytest.mark.orthanc(suites=["trixie"])
@pytest.mark.parametrize("command", RUNNERS.values(), ids=RUNNERS)
def test_a_runner_prints_events(
    start_orthanc: Callable[..., OrthancServer], tmp_path: Path, command: Callable[[Path, str], list[str]]
) -> None:
    server = start_orthanc()
    with Orthanc(server.url) as orthanc:
        store(orthanc, ct())
        (study,) = orthanc.studies.ids()
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "ansible"), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command(tmp_path, server.url),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
        env=environment,
    ) as process:
        assert process.stdout is not None
        timer = threading.Timer(60, process.kill)
        timer.start()
        said = []
        for line in process.stdout:
            said.append(line)
            if study in line:
                break
        timer.cancel()
        process.kill()
    assert study in said[-1], "".join(said)
    assert "NewStudy" in said[-1]
    assert server.url in said[-1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({}, "`url` is missing"), ({"url": "http://h", "typse": []}, "no such argument: typse")],
)
def test_wrong_arguments_are_refused(source: ModuleType, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        asyncio.run(source.main(asyncio.Queue(), arguments))
