"""The command line killed at each of its requests in turn: the journal can be read, and the next apply finishes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc, apply, loads, plan
from orthanc_state.execution.history import History
from orthanc_state.execution.journal import Journal
from tests.client.test_read_only_gate import is_question
from tests.faults.fault_proxy import Exchange, FaultProxy, forward, nth
from tests.trust.sites import ENVIRONMENT, KEY, addresses

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state.testing import OrthancServer

BEFORE = f"""\
version: 1
modalities:
  old: {{aet: OLD, host: 10.0.0.1, port: 104}}
  pacs: {{aet: PACS, host: 10.0.0.5, port: 104}}
  new: {{state: absent}}
peers: {{backup: {{url: "http://backup.example/", username: sync, password: !env PEER_PASSWORD}}}}
dicom: {{default_encoding: Latin1}}
{KEY}"""

WANTED = f"""\
version: 1
modalities:
  old: {{state: absent}}
  pacs: {{aet: PACS, host: 10.0.0.5, port: 11112}}
  new: {{aet: NEW, host: 10.0.0.9, port: 104}}
peers: {{backup: {{url: "http://elsewhere.example/", username: sync, password: !env PEER_PASSWORD}}}}
dicom: {{default_encoding: Utf8}}
{KEY}"""

PLANNING = 5
"""Which server it is, what it has of each of three kinds, and what a restart would do to them."""

CHANGES = 5
LAST = PLANNING + 1 + 3 * CHANGES
"""Which server it is once more, and of each change: compared, written, read back."""


def _kill_when(reached: threading.Event, process: subprocess.Popen[str]) -> str:
    assert reached.wait(50), process.communicate(timeout=5)
    os.kill(process.pid, signal.SIGKILL)
    output = "".join(process.communicate(timeout=10))
    assert process.returncode == -signal.SIGKILL
    return output


def _start(url: str, folder: Path) -> subprocess.Popen[str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("ORTHANC_")}
    return subprocess.Popen(
        [sys.executable, "-m", "orthanc_state", "apply", "--yes", "site.yaml", "--journal", "journal.jsonl"],
        env={**inherited, **ENVIRONMENT, "ORTHANC_URL": url},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _hold(reached: threading.Event, *, after: bool) -> Callable[[Exchange], None]:
    """The request is held, before or after the server has got it, and the kit hears nothing of it any more."""

    def fault(exchange: Exchange) -> None:
        if after:
            exchange.forward()
        reached.set()
        exchange.wait()
        exchange.open = False

    return fault


POINTS = [
    *((number, False) for number in range(PLANNING + 1, LAST + 1)),
    # Only of what is written it matters whether the server has got it.
    *((number, True) for number in range(PLANNING + 3, LAST + 1, 3)),
]


@pytest.mark.parametrize(
    ("number", "after"), POINTS, ids=[f"{number} {'after' if after else 'before'}" for number, after in POINTS]
)
def test_killed_at_any_request_it_leaves_what_the_next_apply_finishes(
    server: OrthancServer, tmp_path: Path, number: int, after: bool
) -> None:
    (tmp_path / "site.yaml").write_text(WANTED)
    path = tmp_path / "journal.jsonl"
    wanted = loads(WANTED, environment=ENVIRONMENT)
    with Orthanc(server.url) as orthanc:
        assert apply(orthanc, plan(orthanc, loads(BEFORE, environment=ENVIRONMENT)), allow_deletes=True).ok
        planned = plan(orthanc, wanted)
    assert len(planned.changes) == CHANGES
    reached = threading.Event()
    with FaultProxy(server.url, nth(number, _hold(reached, after=after))) as proxy:
        _kill_when(reached, _start(proxy.url, tmp_path))
    written = [each for each in proxy.seen if not is_question(each)]
    operations = {(each.operation.method, each.operation.path): each.address for each in planned.changes}
    assert [each for each in written if (each.method, each.path) not in operations] == []

    history = History.read(path)
    assert history.torn == 0
    noted = [line["address"] for run in history.runs for line in run.sent]
    # Whatever was sent had been noted before.
    assert noted == [operations[each.method, each.path] for each in written]
    if number > PLANNING + 1:
        [run] = history.runs
        assert run.ended is None
        # All but the one in hand, at most, is settled.
        assert set(noted) - run.settled.keys() <= set(noted[-1:])
    with Orthanc(server.url) as orthanc, Journal(path) as journal:
        done = [address for address in addresses(planned) if address not in addresses(plan(orthanc, wanted))]
        # The one that was held is done if the server has got it.
        got = noted if after or number % 3 != PLANNING % 3 else noted[:-1]
        assert done == got
        assert apply(orthanc, plan(orthanc, wanted), journal=journal).ok
        assert plan(orthanc, wanted).empty
    assert History.read(path).runs[-1].ended


def test_the_requests_are_as_many_as_are_counted_here(server: OrthancServer, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(WANTED)
    with Orthanc(server.url) as orthanc:
        assert apply(orthanc, plan(orthanc, loads(BEFORE, environment=ENVIRONMENT)), allow_deletes=True).ok
    with FaultProxy(server.url, forward) as proxy:
        process = _start(proxy.url, tmp_path)
        assert process.communicate(timeout=50)[1] == ""
    assert process.returncode == 0
    assert len(proxy.seen) == LAST
