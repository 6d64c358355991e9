"""Plans and applies through a line on which anything may go wrong at any time: honest, and finished by a second one.

Each schedule of faults comes of its seed alone. `make schedules` tries a thousand; `FAULT_SEEDS=417` tries one again.
"""

from __future__ import annotations

import os
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc, apply, plan
from orthanc_state.client import ClientError
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
from tests.trust.sites import addresses, furnish, site

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state import Report
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


def _seeds() -> list[int]:
    """Which schedules are tried: `FAULT_SEEDS=417`, `FAULT_SEEDS=0-999`; a few where nothing is said."""
    if "FAULT_SEEDS" not in os.environ:
        return [*range(24), *FOUND]
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


@pytest.mark.parametrize("seed", _seeds())
def test_whatever_goes_wrong_it_is_said_and_a_second_apply_finishes(
    server: OrthancServer, tmp_path: Path, seed: int
) -> None:
    path = tmp_path / "journal.jsonl"
    with FaultProxy(server.url) as proxy:
        with Orthanc(proxy.url) as orthanc:
            found = furnish(orthanc)
        proxy.fault = scheduled(seed)
        with Orthanc(proxy.url, timeout=TIMEOUT, retries=1) as orthanc:
            with suppress(ClientError):
                assert plan(orthanc, site()).changes == found.changes
            with Journal(path) as journal:
                try:
                    report: Report | ClientError = apply(orthanc, found, journal=journal)
                except ClientError as error:
                    report = error
    with Orthanc(server.url) as direct:
        left = plan(direct, site())
        assert_honest(report, History.read(path), addresses(left))
        assert apply(direct, left).ok
        assert plan(direct, site()).empty
