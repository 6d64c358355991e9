"""Many modalities by Ansible: one task with a document, beside a loop of `uri` and a loop of `modality`.

What a loop costs for each item does not depend on how many there are, so the loops are run with few items and scaled,
which the notes say. Of every run the cost of a play with an empty module is taken away.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import httpx

from benchmarks.harness import Benchmark, Result, Row, UnmeasurableError, timed
from benchmarks.processes import imports, python
from benchmarks.sample import orthanc_server
from orthanc_state import Orthanc

MODALITIES = 500
LOOPED = 20
BAR_SECONDS = 1.0
_ROUNDS = 5
_ROOT = Path(__file__).parents[1]


class _Plays:
    """Runs plays of one task against one server."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._url = url
        self._program = Path(sys.executable).with_name("ansible-playbook")
        if not self._program.exists():
            raise UnmeasurableError("ansible-playbook is not installed beside this Python: pip install -e '.[dev]'")

    def seconds(self, task: dict[str, Any], *, changed: bool | None = None) -> float:
        """How long a play with one task takes.

        Raises:
            UnmeasurableError: It failed, or was not what it is taken for.
        """
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
        path = self._folder / "play.json"
        path.write_text(json.dumps([play]))
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(_ROOT / "ansible"),
            "ANSIBLE_HOME": str(self._folder / "home"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_PIPELINING": "true",
            "LC_ALL": "C.UTF-8",
            "ORTHANC_URL": self._url,
            "XDG_STATE_HOME": str(self._folder),
        }
        began = perf_counter()
        done = subprocess.run(
            [str(self._program), str(path)],
            cwd=self._folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        taken = perf_counter() - began
        if done.returncode != 0:
            raise UnmeasurableError(f"a play failed: {done.stdout[-500:]}{done.stderr[-500:]}")
        if changed is not None and ("changed=1" in done.stdout) is not changed:
            raise UnmeasurableError(f"a play has changed {'nothing' if changed else 'something'}")
        return taken


def _entry(number: int) -> dict[str, Any]:
    return {"aet": f"AET{number:04}", "host": f"10.0.{number // 250}.{number % 250}", "port": 104}


def _put(client: httpx.Client) -> None:
    for number in range(MODALITIES):
        entry = _entry(number)
        body = {"AET": entry["aet"], "Host": entry["host"], "Port": entry["port"]}
        client.put(f"/modalities/modality-{number:04}", json=body).raise_for_status()


def _document(count: int) -> dict[str, Any]:
    entries = {f"modality-{number:04}": _entry(number) for number in range(count)}
    return {"orthanc.state.document": {"document": {"modalities": entries}}, "delegate_to": "localhost"}


def _loop(module: str, arguments: dict[str, Any], count: int) -> dict[str, Any]:
    items = [{"name": f"modality-{number:04}", **_entry(number)} for number in range(count)]
    return {module: arguments, "loop": items, "loop_control": {"label": "{{ item.name }}"}, "delegate_to": "localhost"}


def _uri(url: str, count: int) -> dict[str, Any]:
    body = {"AET": "{{ item.aet }}", "Host": "{{ item.host }}", "Port": "{{ item.port }}"}
    arguments = {"url": f"{url}/modalities/{{{{ item.name }}}}", "method": "PUT", "body_format": "json", "body": body}
    return _loop("ansible.builtin.uri", arguments, count)


def _modality(count: int) -> dict[str, Any]:
    fields = {name: f"{{{{ item.{name} }}}}" for name in ("name", "aet", "host", "port")}
    return _loop("orthanc.state.modality", fields, count)


def _measure(rounds: int | None) -> Result:
    with orthanc_server() as server, tempfile.TemporaryDirectory() as folder, Orthanc(server.url) as orthanc:
        plays = _Plays(Path(folder), server.url)
        empty = {"ansible.builtin.ping": {}, "delegate_to": "localhost"}

        def forget() -> None:
            for name in orthanc.modalities.names():
                orthanc.modalities[name].delete()

        def from_nothing(task: dict[str, Any]) -> Callable[[], float]:
            def run() -> float:
                forget()
                return plays.seconds(task)

            return run

        def bare() -> float:
            """The requests alone, which a server takes the longer for the more modalities it has."""
            forget()
            with httpx.Client(base_url=server.url) as client:
                return timed(lambda: _put(client))

        samples = {
            "empty": lambda: plays.seconds(empty),
            "written": from_nothing(_document(MODALITIES)),
            "unchanged": lambda: plays.seconds(_document(MODALITIES), changed=False),
            "uri": from_nothing(_uri(server.url, LOOPED)),
            "modality": from_nothing(_modality(LOOPED)),
            "bare": bare,
        }
        samples["empty"]()
        taken: dict[str, list[float]] = {name: [] for name in samples}
        for _ in range(rounds or _ROUNDS):
            for name, sample in samples.items():
                # The document is unchanged after it was written; what comes between has taken it away.
                taken[name].append(sample())
    above = {name: [each - base for each, base in zip(taken[name], taken["empty"], strict=True)] for name in taken}
    above["bare"] = taken["bare"]
    factor = MODALITIES / LOOPED
    loops = {name: [each * factor for each in above[name]] for name in ("uri", "modality")}
    what = f"{MODALITIES} modalities by `document`"
    rows = [
        Row(f"{what}, written", "a loop of `uri`", above["written"], loops["uri"]),
        Row(f"{what}, written", "a loop of `modality`", above["written"], loops["modality"]),
        Row(f"{what}, unchanged", "a loop of `uri`", above["unchanged"], loops["uri"]),
        Row(f"{what}, written", f"{MODALITIES} bare PUTs of the same", above["written"], above["bare"]),
        Row(
            f"{what}, written",
            f"the bare PUTs and {BAR_SECONDS:g} s",
            above["written"],
            # A server makes its list of all modalities anew for each that is put, which can be more than the second.
            [seconds + BAR_SECONDS for seconds in above["bare"]],
            1.0,
        ),
        Row(f"{what}, unchanged", f"{BAR_SECONDS:g} s", above["unchanged"], [BAR_SECONDS] * len(above["written"]), 1.0),
    ]
    return Result(
        rows,
        [
            f"Above the cost of a play with an empty module, which is {median(taken['empty']):.2f} s.",
            f"Written in {median(above['written']):.2f} s, of which bare PUTs take {median(taken['bare']):.2f} s.",
            f"The loops had {LOOPED} items, and are scaled to {MODALITIES}.",
        ],
    )


def _profile() -> Iterator[str]:
    yield from imports(python("-c", "from orthanc_state import apply, from_data, plan"), shown=40)


BENCHMARK = Benchmark(
    "ansible",
    f"{MODALITIES} modalities in one task: at most {BAR_SECONDS:g} s above an empty module and the bare requests",
    _measure,
    _profile,
)
