"""Plans and applies through a line on which anything may go wrong at any time: honest, and finished by a second one.

Each schedule of faults comes of its seed alone. `make schedules` tries a thousand; `FAULT_SEEDS=417` tries one again.
"""

from __future__ import annotations

import os
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, apply, from_data, plan
from orthanc_state.client import ClientError
from orthanc_state.execution import batches
from orthanc_state.execution.history import History
from orthanc_state.execution.journal import Journal
from tests.faults.fault_proxy import (
    Exchange,
    Fault,
    FaultProxy,
    cut,
    duplicate,
    forward,
    hang_up,
    late,
    lose_answer,
    raw,
    replace,
    reset,
    trickle,
)
from tests.trust.honesty import assert_honest
from tests.trust.sites import addresses, blank, furnish, site

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from orthanc_state import Document, Plan, Report
    from orthanc_state.testing import OrthancServer

TIMEOUT = 0.5


def _latency(exchange: Exchange) -> None:
    exchange.wait(0.02)
    forward(exchange)


FAULTS: dict[Fault, int] = {
    reset: 4,
    hang_up: 4,
    lose_answer: 4,
    duplicate: 4,
    cut(): 4,
    cut(announced=False): 4,
    raw(b"SSH-2.0-OpenSSH_9.2\r\n"): 4,
    replace("<html>bad gateway</html>", 502, "text/html"): 4,
    replace("", 503, Retry_After="0"): 4,
    replace("", 429, Retry_After="0"): 4,
    replace("null"): 4,
    _latency: 8,
    late: 1,
    cut(stalled=True): 1,
    trickle(0.1, lasting=TIMEOUT + 0.3): 1,
}
"""What may happen to a request, with how often it does beside the others. What costs a whole timeout is rare."""


FOUND = (167, 171)
"""Seeds that have found something: half of a bare text, and a `null` in its place, were taken for an encoding."""


def _seeds(few: Sequence[int]) -> Sequence[int]:
    """Which schedules are tried: `FAULT_SEEDS=417`, `FAULT_SEEDS=0-999`; a few where nothing is said."""
    if "FAULT_SEEDS" not in os.environ:
        return few
    begin, _, end = os.environ["FAULT_SEEDS"].partition("-")
    return list(range(int(begin), int(end or begin) + 1))


def scheduled(seed: int) -> Fault:
    """Whatever the seed has in store for each request in turn; between a twentieth and a third of them go wrong."""
    random = Random(seed)
    share = random.choice([0.05, 0.15, 0.33])
    faults, weights = list(FAULTS), list(FAULTS.values())

    def fault(exchange: Exchange) -> None:
        chosen = random.choices(faults, weights)[0] if random.random() < share else forward
        chosen(exchange)

    return fault


def _crowd(state: str) -> Document:
    """So many entries that they are sent several at a time: some of them new, some changed, some taken away."""
    modalities: dict[str, Any] = {f"m{number:02}": {"aet": "CT", "host": state, "port": 104} for number in range(20)}
    peers: dict[str, Any] = {f"p{number:02}": {"url": f"http://{state}/"} for number in range(20)}
    for number in range(4):
        modalities[f"m{number:02}"] = peers[f"p{number:02}"] = {"state": "absent"}
    if state == "before":
        modalities = {f"m{19 - number:02}": entry for number, entry in enumerate(modalities.values())}
    return from_data({"version": 1, "modalities": modalities, "peers": peers})


def _crowded(orthanc: Orthanc) -> Plan:
    """Make a server what it is before the crowd is applied; the plan that is then to be applied."""
    blank(orthanc)
    assert apply(orthanc, plan(orthanc, _crowd("before"))).ok
    return plan(orthanc, _crowd("after"))


@pytest.mark.parametrize("seed", _seeds([*range(24), *FOUND]))
def test_whatever_goes_wrong_it_is_said_and_a_second_apply_finishes(
    server: OrthancServer, tmp_path: Path, seed: int
) -> None:
    _try(server, tmp_path, seed, furnish, site())


@pytest.mark.parametrize("seed", _seeds(range(8)))
def test_whatever_goes_wrong_with_many_entries_the_same_holds(
    server: OrthancServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    # Once as to a server on another machine, and once as to one on this.
    monkeypatch.setattr(batches, "NEARBY", batches.WORKERS if seed % 2 else 1)
    _try(server, tmp_path, seed, _crowded, _crowd("after"))


def _try(server: OrthancServer, folder: Path, seed: int, begin: Callable[[Orthanc], Plan], wanted: Document) -> None:
    path = folder / "journal.jsonl"
    with FaultProxy(server.url) as proxy:
        with Orthanc(proxy.url) as orthanc:
            found = begin(orthanc)
        proxy.fault = scheduled(seed)
        with Orthanc(proxy.url, timeout=TIMEOUT, retries=1) as orthanc:
            with suppress(ClientError):
                assert plan(orthanc, wanted).changes == found.changes
            with Journal(path) as journal:
                try:
                    report: Report | ClientError = apply(orthanc, found, journal=journal, allow_deletes=True)
                except ClientError as error:
                    report = error
    with Orthanc(server.url) as direct:
        left = plan(direct, wanted)
        assert_honest(report, History.read(path), addresses(left), planned=len(found.changes))
        assert apply(direct, left, allow_deletes=True).ok
        assert plan(direct, wanted).empty
