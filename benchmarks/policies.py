"""Policies at the scale of an archive: planned beside the bare question, applied beside the other clients."""

from __future__ import annotations

import cProfile
import io
import logging
import os
import pstats
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx

from benchmarks import wrk
from benchmarks.dicom import DAYS, Factory, archive
from benchmarks.harness import Benchmark, Result, Row, UnmeasurableError, interleaved, timed
from orthanc_state import Document, Orthanc, apply, from_data, plan
from orthanc_state.execution.policy import WORKERS
from orthanc_state.testing import OrthancServer, find

_SUITE = "trixie"
"""1.12.7: 1.13.0 looks through all instances for each one that it stores, which takes it an hour for so many."""

_STUDIES = 100_000
_WEEK = 7
_PER_ARCHIVE = 500
_CHANGED = 10_000
_TIMEOUT = 600
_STABLE = 1
"""Seconds after which a server takes a study for stable."""

_SHARE_OF_WRK = 0.3
_ALL_BARS = ("wrk", "http", "scripts")
_MEMORY = 250
"""MiB that this process may take, of which the files that it stores are a part."""

_RANGE = {"from": "20200101", "to": f"202001{_WEEK:02}"}
_EVER = {"from": "19000101"}
_MATCHING = sum(number % DAYS < _WEEK for number in range(_STUDIES))


def _policy(**labels: list[str]) -> Document:
    return _document(_RANGE, {"labels": labels})


def _document(dates: Mapping[str, str], effects: Mapping[str, object]) -> Document:
    policy = {"name": "week", "level": "study", "match": {"StudyDate": dates}, **effects}
    return from_data({"version": 1, "policies": [policy]})


def _measure(rounds: int | None) -> Result:
    rounds = rounds or 5
    with _served(_STUDIES) as server, Orthanc(server.url, timeout=_TIMEOUT) as orthanc:
        rows = [_planned(orthanc, f"plan, {_MATCHING:,} to label", rounds, _MATCHING)]
        if not apply(orthanc, plan(orthanc, _policy(add=["archive"]))).ok:
            raise UnmeasurableError("the labels could not be given")
        rows.append(_planned(orthanc, "plan, all labelled", rounds, 0))
        asked = list(_requests(orthanc))
        apply(orthanc, plan(orthanc, _policy(remove=["archive"])), allow_deletes=True)
        # Writing alone takes the server there what the tenth of a loop is: with no bar.
        rows += _applied(orthanc, min(rounds, 3), _RANGE, f"of {_STUDIES:,}", bars=())
    with _in_memory() as memory:
        # A disk takes more time for as many labels than the tenth of a loop is, whoever writes them: all bars are for
        # where the disk has no part in it.
        places: list[tuple[Path | None, str, Collection[str]]] = [
            (None, "on disk", ("wrk", "http") if memory else _ALL_BARS),
            *([(memory, "in memory", _ALL_BARS)] if memory else []),
        ]
        for folder, where, bars in places:
            with _served(_CHANGED, folder) as server, Orthanc(server.url, timeout=_TIMEOUT) as orthanc:
                rows += _applied(orthanc, min(rounds, 3), _EVER, where, bars=bars)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if peak > _MEMORY:
        raise UnmeasurableError(f"planning and applying took {peak:.0f} MiB, and {_MEMORY} are allowed")
    notes = [*asked, f"peak memory of this process: {peak:.0f} MiB", f"load {os.getloadavg()[0]:.1f} at the end"]
    if not wrk.available():
        notes.append("no row beside wrk, which is not installed (Debian and Ubuntu have it as `wrk`)")
    return Result(rows, notes)


def _requests(orthanc: Orthanc) -> Iterator[str]:
    """How many requests a plan takes that finds everything as it should be: where the server tells who lacks a label,
    and where each that is selected is looked at."""
    for what, match, effects, selected in (
        ("a label", _RANGE, {"labels": {"add": ["archive"]}}, _MATCHING),
        ("a metadata", _RANGE, {"metadata": {"remove": ["1024"]}}, _MATCHING),
        ("a metadata", _EVER, {"metadata": {"remove": ["1024"]}}, _STUDIES),
    ):
        with _counted() as sent:
            found = plan(orthanc, _document(match, effects))
        if not found.empty:
            raise UnmeasurableError("a plan finds something to do where everything is as it should be")
        each = ", ".join(f"{count} {path}" for path, count in Counter(sent).items())
        yield f"a converged plan of {what} for {selected:,} studies: {len(sent)} requests ({each})"


@contextmanager
def _counted() -> Iterator[list[str]]:
    """The requests that are sent meanwhile."""
    paths: list[str] = []

    class Noted(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            paths.append(" ".join(record.getMessage().partition(":")[0].split()[:2]))

    logger, handler = logging.getLogger("orthanc_state.client"), Noted()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield paths
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


def _planned(orthanc: Orthanc, what: str, rounds: int, expected: int) -> Row:
    """A plan, beside the one question to `/tools/find` that it cannot do without."""
    document = _policy(add=["archive"])
    question = {
        "Level": "Study",
        "Query": {"StudyDate": f"{_RANGE['from']}-{_RANGE['to']}"},
        "ResponseContent": [],
        "Labels": ["archive"],
        "LabelsConstraint": "None",
    }

    def planned() -> float:
        found: list[int] = []
        seconds = timed(lambda: found.append(sum(change.count for change in plan(orthanc, document).by_policies)))
        return _right(seconds, found[0], expected)

    def bare() -> float:
        answers: list[Sequence[object]] = []
        with httpx.Client(timeout=_TIMEOUT) as client:
            seconds = timed(lambda: answers.append(client.post(f"{orthanc.url}/tools/find", json=question).json()))
        return _right(seconds, len(answers[0]), expected)

    ours, base = interleaved(rounds, planned, bare)
    return Row(what, "one bare POST /tools/find with the same constraint", ours, base, 1.5)


def _applied(
    orthanc: Orthanc, rounds: int, dates: Mapping[str, str], where: str, *, bars: Collection[str]
) -> list[Row]:
    """10,000 label additions: a plan of ours applied, beside a loop of each of the others."""
    document = _document(dates, {"labels": {"add": ["archive"]}})
    what = f"{_CHANGED:,} labels {where}".strip()
    todo = plan(orthanc, document)
    (effect,) = todo.by_policies[0].effects
    chosen = sorted(effect.resources)[:_CHANGED]
    others = [identifier for identifier in effect.resources if identifier not in set(chosen)]
    orthanc.studies.change_labels(others, add=["archive"])
    smaller = plan(orthanc, document)

    def ours(*, scripts: bool) -> Callable[[], float]:
        def run() -> float:
            seconds = timed(lambda: apply(orthanc, smaller, scripts=scripts))
            return _undone(orthanc, seconds, chosen, len(others))

        return run

    samples = [ours(scripts=True), ours(scripts=False)]
    names = []
    if all(find_spec(module) for module in ("pyorthanc", "orthanc_api_client")):
        from benchmarks.rivals import ApiClient, Client, Pyorthanc

        def theirs(client: Client) -> Callable[[], float]:
            return lambda: _undone(orthanc, timed(lambda: client.label(chosen, "archive")), chosen, len(others))

        rivals: list[Client] = [Pyorthanc(orthanc.url), ApiClient(orthanc.url)]
        samples += [theirs(client) for client in rivals]
        names = [client.distribution for client in rivals]
    if wrk.available():
        samples.append(lambda: _by_wrk(orthanc, chosen))
    scripts, plain, *bases = interleaved(rounds, *samples, warm_up=False)
    rows = []
    if wrk.available():
        base = bases.pop()
        against = f"wrk on as many connections ({WORKERS}): 0.3 of its rate"
        rows.append(Row(f"{what} over HTTP: wrk", against, plain, base, 1 / _SHARE_OF_WRK if "wrk" in bars else None))
    for name, base in zip(names, bases, strict=True):
        against = f"a loop with {name}"
        rows.append(Row(f"{what} by scripts: {name}", against, scripts, base, 0.1 if "scripts" in bars else None))
        rows.append(Row(f"{what} over HTTP: {name}", against, plain, base, 1.0 if "http" in bars else None))
    return rows


def _by_wrk(orthanc: Orthanc, chosen: Sequence[str]) -> float:
    seconds = wrk.seconds_to_label(orthanc.url, chosen, "archive", WORKERS)
    orthanc.studies.change_labels(chosen, remove=["archive"])
    return seconds


def _undone(orthanc: Orthanc, seconds: float, chosen: Sequence[str], others: int) -> float:
    labelled = len(orthanc.studies.find_ids(labels=["archive"]))
    orthanc.studies.change_labels(chosen, remove=["archive"])
    return _right(seconds, labelled, len(chosen) + others)


def _right(seconds: float, found: int, expected: int) -> float:
    if found != expected:
        raise UnmeasurableError(f"{found} studies instead of {expected}")
    return seconds


@contextmanager
def _served(studies: int, folder: Path | None = None) -> Iterator[OrthancServer]:
    with (
        OrthancServer(find(_SUITE), {"ExecuteLuaEnabled": True, "StableAge": _STABLE}, directory=folder) as server,
        Orthanc(server.url, timeout=_TIMEOUT) as orthanc,
    ):
        small = Factory()
        batches = (range(begin, begin + _PER_ARCHIVE) for begin in range(0, studies, _PER_ARCHIVE))
        files = (archive(small.file(number, number) for number in batch) for batch in batches)
        orthanc.instances.upload_many(files, workers=2).check()
        _settle(orthanc)
        yield server


def _settle(orthanc: Orthanc) -> None:
    """Wait until the server notes nothing any more: of each study it does once more, when that is stable."""
    before, now = -1, orthanc.changes.last()
    while now != before:
        time.sleep(2 * _STABLE)
        before, now = now, orthanc.changes.last()


@contextmanager
def _in_memory() -> Iterator[Path | None]:
    """A folder in memory, since the clients are measured and not the disk; None where the machine has none."""
    # The path of Linux for it; the folder within is ours alone.
    root = Path("/", "dev", "shm")
    if not root.is_dir():
        yield None
        return
    with tempfile.TemporaryDirectory(dir=root) as name:
        yield Path(name)


def _profile() -> Iterator[str]:
    with _served(_STUDIES) as server, Orthanc(server.url, timeout=_TIMEOUT) as orthanc:
        profile = cProfile.Profile()
        profile.runcall(plan, orthanc, _policy(add=["archive"]))
    out = io.StringIO()
    pstats.Stats(profile, stream=out).strip_dirs().sort_stats("tottime").print_stats(25)
    yield f"  a plan of {_STUDIES:,} studies:"
    yield from (f"  {line}" for line in out.getvalue().splitlines() if line.strip())


BENCHMARK = Benchmark(
    "policies",
    f"a plan over {_STUDIES:,} studies takes little longer than its question; applying beats every loop",
    _measure,
    _profile,
)
