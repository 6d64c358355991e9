"""Drift and apply in a loop against servers that change, for as long as `SOAK_MINUTES` says: nothing grows.

`make soak` takes half an hour. It is no part of `make test`.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from orthanc_state import Orthanc, apply, dump, loads, plan
from orthanc_state.checks.registry import chosen_checks
from orthanc_state.checks.run import run_checks
from orthanc_state.checks.subject import Subject
from orthanc_state.client import NotFoundError
from orthanc_state.execution.history import History
from orthanc_state.execution.journal import Journal
from orthanc_state.execution.rollback import rollback
from orthanc_state.fleet.inventory import Inventory
from orthanc_state.fleet.plan import plan_fleet
from orthanc_state.planning.plan_file import open_plan, save
from tests.policies.studies import SCRIPTS, many, store
from tests.trust.sites import BEFORE, ENVIRONMENT, KEY, SITE

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from orthanc_state.testing import OrthancServer, OrthancServers

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
SUITES = ("bookworm", "trixie", "forky")
POLICIES = """\
policies:
  - {name: note, level: patient, metadata: {set: {note: "%s"}}, protected: %s}
"""
LABELS = "  - {name: archive, level: study, labels: {%s: [archive]}}\n"
GROWTH = 1.02
"""How much more memory the last fifth of the time may take than the second one."""

_C = ctypes.CDLL(None)


class Reading(NamedTuple):
    """What this process holds of the machine."""

    kibibytes: int
    files: int
    threads: tuple[str, ...]


def _reading() -> Reading:
    """What is in use: what was freed, and is only kept for what comes next, is given back first.

    The holes between what is in use grow for hours, ever more slowly, and are no leak.
    """
    gc.collect()
    _C.malloc_trim(0)
    status = Path("/proc/self/status").read_text()
    resident = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return Reading(int(resident), len(os.listdir("/proc/self/fd")), _threads())


def _threads() -> tuple[str, ...]:
    return tuple(sorted(thread.name for thread in threading.enumerate()))


def _by_hand(orthanc: Orthanc, random: Random) -> None:
    """Somebody changes something without telling anybody."""
    drifts: list[Callable[[], object]] = [
        orthanc.modalities["pacs"].delete,
        lambda: orthanc.modalities["stray"].put({"AET": "STRAY", "Host": "10.9.9.9", "Port": 104}),
        lambda: orthanc.peers["backup"].put({"Url": "http://elsewhere.example/"}),
        lambda: orthanc.tools.default_encoding.set("Greek"),
        lambda: orthanc.tools.log_level.set("trace", category="dicom"),
        lambda: orthanc.tools.metrics.set(random.choice([True, False])),
    ]
    for drift in random.sample(drifts, random.randint(0, len(drifts))):
        # What is to go may be gone already.
        with suppress(NotFoundError):
            drift()


def _round(server: OrthancServer, folder: Path, random: Random) -> None:
    policies = POLICIES % (random.randint(0, 9), random.choice(["true", "false"]))
    if server.version != "1.10.1":
        policies += LABELS % random.choice(["add", "remove"])
    text = random.choice([BEFORE, SITE]) + KEY + policies
    document = loads(text, environment=ENVIRONMENT)
    journal = folder / "journal.jsonl"
    journal.unlink(missing_ok=True)
    with Orthanc(server.url) as orthanc:
        _by_hand(orthanc, random)
        save(plan(orthanc, document), folder / "plan.json")
        with Journal(journal) as opened:
            found = open_plan(folder / "plan.json", environment=ENVIRONMENT)
            scripts = random.choice([True, False])
            assert apply(orthanc, found, journal=opened, allow_deletes=True, scripts=scripts).ok
        assert plan(orthanc, document).empty
        rollback(orthanc, History.read(journal).runs[-1])
        dump(orthanc)
        run_checks([Subject(server.url, orthanc, document)], chosen_checks([], skip=["echo", "echo-back", "peers"]))


def test_neither_memory_nor_files_nor_threads_grow(
    orthanc_servers: OrthancServers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    servers = [orthanc_servers.start(suite, SCRIPTS, plugins=["dicomweb"]) for suite in SUITES]
    for server in servers:
        with Orthanc(server.url) as orthanc:
            store(orthanc, *many(5))
    (tmp_path / "site.yaml").write_text("version: 1\nmodalities: {ct: [CT, 10.0.0.9, 104]}\n")
    rows = "".join(f"  {suite}: {{url: '{server.url}'}}\n" for suite, server in zip(SUITES, servers, strict=True))
    (tmp_path / "fleet.yaml").write_text(f"version: 1\ndocuments: [site.yaml]\nservers:\n{rows}")
    random = Random(1)
    readings: list[Reading] = []
    began = time.monotonic()
    while time.monotonic() - began < MINUTES * 60:
        for server in servers:
            _round(server, tmp_path, random)
        assert not plan_fleet(Inventory.load(tmp_path / "fleet.yaml").select()).failed
        if random.random() < 0.02:
            random.choice(servers).restart()
        readings.append(_reading())
    fifth = len(readings) // 5
    assert fifth >= 3, "too short to tell anything"
    early, late = readings[fifth : 2 * fifth], readings[-fifth:]
    with capsys.disabled():
        sys.stdout.write(f"\n{len(readings)} rounds; {early[0]} at a fifth, {late[-1]} at the end\n")
    assert median(each.kibibytes for each in late) <= GROWTH * median(each.kibibytes for each in early)
    assert max(each.files for each in late) <= max(each.files for each in early)
    assert {each.threads for each in late} <= {each.threads for each in early}
