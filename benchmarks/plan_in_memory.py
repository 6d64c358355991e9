"""An in-sync plan of a large document, beside the two questions that it cannot do without."""

from __future__ import annotations

import cProfile
import io
import logging
import pstats
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from benchmarks.harness import Benchmark, Result, Row, UnmeasurableError, interleaved, timed
from benchmarks.processes import peak, python
from benchmarks.sample import (
    MODALITIES,
    PEERS,
    VARIANTS,
    Variant,
    bring_in_sync,
    check_in_sync,
    document,
    orthanc_server,
)
from orthanc_state import Document, Orthanc, plan
from orthanc_state.client._sync.connection import KEEP_ALIVE

BAR = 4.0
_ROUNDS = 30
_ROUNDS_OF_MANY_HASHES = 3  # 200 times scrypt takes seconds
_ENTRIES = (10, 100, 1000)
_BARE = "GET /modalities?expand and GET /peers?expand with one httpx.Client, bodies read and not parsed"
_FRESH_AND_AGAIN = (
    "a fresh document hashes each of its passwords once; `again` is the same document planned once more,",
    "as a program that keeps it would",
)


class _Bare:
    """The two questions and nothing else."""

    def __init__(self, url: str) -> None:
        # As long as the kit keeps a connection: Orthanc closes it soon after.
        limits = httpx.Limits(keepalive_expiry=KEEP_ALIVE)
        self._client = httpx.Client(base_url=url, limits=limits, trust_env=False)

    def sample(self) -> float:
        self._client.get("/system")  # opens the connection
        return timed(self._ask)

    def _ask(self) -> None:
        for path in ("/modalities", "/peers"):
            response = self._client.get(path, params={"expand": ""})
            if response.status_code != httpx.codes.OK or not response.content:
                raise UnmeasurableError(f"GET {path} answered {response.status_code}")

    def close(self) -> None:
        self._client.close()


def _measure(rounds: int | None) -> Result:
    rows = [row for chosen in VARIANTS for row in _rows(chosen, rounds)]
    return Result(rows, [*_requests(), *_FRESH_AND_AGAIN])


def _rows(chosen: Variant, rounds: int | None) -> Iterator[Row]:
    with _in_sync(chosen) as (url, orthanc, kept):
        bare = _Bare(url)

        def fresh() -> float:
            return _sample(orthanc, document(chosen))

        def again() -> float:
            return _sample(orthanc, kept)

        many_hashes = chosen.fingerprints == "scrypt" and chosen.passwords > 1
        usual = rounds or _ROUNDS
        memory = peak(python("-m", "benchmarks.once", url, chosen.name))
        counted = min(usual, _ROUNDS_OF_MANY_HASHES) if many_hashes else usual
        seconds, base = interleaved(counted, fresh, bare.sample, warm_up=not many_hashes)
        # A slow hash is slow on purpose: one costs more than the whole bar, whatever is planned with it.
        hashes = chosen.fingerprints == "scrypt" and chosen.passwords > 0
        yield Row(chosen.what, _BARE, seconds, base, None if hashes else BAR, memory)
        if hashes:
            seconds, base = interleaved(usual, again, bare.sample)
            yield Row(f"{chosen.what}, again", _BARE, seconds, base, BAR)
        bare.close()


def _sample(orthanc: Orthanc, wanted: Document) -> float:
    orthanc.system()  # opens the connection
    return timed(lambda: check_in_sync(orthanc, wanted))


def _requests() -> Iterator[str]:
    chosen = VARIANTS[0]
    counts = []
    with orthanc_server() as server, Orthanc(server.url) as orthanc:
        for number in _ENTRIES:
            wanted = document(chosen, number, number * PEERS // MODALITIES)
            bring_in_sync(orthanc, wanted)
            counts.append(_count(orthanc, wanted))
    listed = ", ".join(f"{count} for {number:,}" for number, count in zip(_ENTRIES, counts, strict=True))
    verdict = "constant: yes" if len(set(counts)) == 1 else "constant: NO"
    yield f"requests by number of modalities (and a fifth as many peers): {listed}; {verdict}"


class _Counter(logging.Handler):
    """Counts the requests that the client says that it has sent."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


def _count(orthanc: Orthanc, wanted: Document) -> int:
    """How many requests were sent and answered."""
    logger, counter = logging.getLogger("orthanc_state.client"), _Counter()
    level = logger.level
    logger.addHandler(counter)
    logger.setLevel(logging.DEBUG)
    try:
        check_in_sync(orthanc, wanted)
    finally:
        logger.setLevel(level)
        logger.removeHandler(counter)
    return counter.count


def _profile() -> Iterator[str]:
    with _in_sync(VARIANTS[0]) as (_, orthanc, kept):
        profile = cProfile.Profile()
        for _ in range(_ROUNDS):
            profile.runcall(plan, orthanc, kept)
    out = io.StringIO()
    pstats.Stats(profile, stream=out).strip_dirs().sort_stats("tottime").print_stats(25)
    yield f"  {_ROUNDS} plans of {MODALITIES:,} modalities and {PEERS} peers without secrets:"
    yield from (f"  {line}" for line in out.getvalue().splitlines() if line.strip())


@contextmanager
def _in_sync(chosen: Variant) -> Iterator[tuple[str, Orthanc, Document]]:
    """A server that is what the document says."""
    kept = document(chosen)
    with orthanc_server() as server, Orthanc(server.url) as orthanc:
        bring_in_sync(orthanc, kept)
        yield server.url, orthanc, kept


BENCHMARK = Benchmark(
    "plan",
    f"an in-sync plan of {MODALITIES:,} modalities and {PEERS} peers, document in memory: at most {BAR:g} times "
    "the two bare GETs that it needs",
    _measure,
    _profile,
)
