"""The client beside the two others that there are for Python, at what people do with one."""

from __future__ import annotations

import cProfile
import io
import os
import pstats
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.dicom import DAYS, Factory, archive, day, write_files
from benchmarks.harness import Benchmark, Result, Row, Sample, SkippedError, UnmeasurableError, interleaved, timed
from orthanc_state import Orthanc
from orthanc_state.testing import OrthancServer, find

if TYPE_CHECKING:
    from benchmarks.rivals import Client

_SUITE = "forky"

TWICE = 0.5
"""The bar of what is to be twice as fast."""
NEVER_SLOWER = 1.0
DOWNLOAD = 1.05
"""The server compresses all the while, and no client changes that: what is left is noise."""

_STUDIES = 10_000
_FILES = 2_000
_LABELLED = 2_000
_PER_ARCHIVE = 200
_LARGE_FILES, _LARGE_SIDE = 96, 1024  # 2 MiB each: 200 MB
_PER_STUDY, _SIDE = 100, 128
_LABEL = "seen"
_TIMEOUT = 120

_EVERY = {"PatientName": "TEST*"}
_SOME = {"StudyDate": day(4)}
_NUMBER_OF_SOME = len(range(4, _STUDIES, DAYS))

_INSTALL = "make bench, or pip install --editable '.[bench]'"


@dataclass(frozen=True, slots=True)
class _Served:
    """The server that is asked, and what is needed to ask it.

    Attributes:
        url: Its URL.
        folder: For files, which go with it.
        large: The study whose archive is large.
        labelled: The studies that are given a label.
    """

    url: str
    folder: Path
    large: str
    labelled: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Task:
    """One thing that is done with each client.

    Attributes:
        what: What it is.
        bar: How many times as long ours may take.
        rounds: How often it is done.
        sample: Does it with one client.
    """

    what: str
    bar: float
    rounds: int
    sample: Callable[[Client], float]


def _measure(rounds: int | None) -> Result:
    for module in ("pyorthanc", "orthanc_api_client"):
        if find_spec(module) is None:
            raise SkippedError(f"{module} is not installed: {_INSTALL}")
    from benchmarks.rivals import ApiClient, BarePyorthanc, Ours, Pyorthanc

    rows: list[Row] = []
    with _served() as served:
        ours = Ours(served.url)
        rivals: list[Client] = [Pyorthanc(served.url), ApiClient(served.url)]
        for task in _tasks(served):
            taken, *bases = interleaved(
                rounds or task.rounds, *(partial(task.sample, client) for client in (ours, *rivals)), warm_up=False
            )
            for rival, base in zip(rivals, bases, strict=True):
                what = f"{task.what}: {rival.distribution}"
                rows.append(Row(what, rival.described(), taken, base, task.bar))
        bare = BarePyorthanc(served.url)
        for query, count in ((_EVERY, _STUDIES), (_SOME, _NUMBER_OF_SOME)):
            taken, base = interleaved(rounds or 7, *(_found(query, count, client) for client in (ours, bare)))
            rows.append(Row(f"find {count:,}: pyorthanc's bare request", bare.described(), taken, base))
    return Result(rows, [*_verdicts(rows), f"Orthanc {find(_SUITE).version}; load {os.getloadavg()[0]:.1f} at the end"])


def _tasks(served: _Served) -> Iterator[_Task]:
    def listed(client: Client) -> float:
        return _checked(client.list_tags, _STUDIES)

    def tags(query: dict[str, str], count: int, client: Client) -> float:
        return _checked(partial(client.find_tags, query), count)

    def found(query: dict[str, str], count: int, client: Client) -> float:
        return _found(query, count, client)()

    yield _Task(f"list {_STUDIES:,}, main tags", NEVER_SLOWER, 5, listed)
    for query, count, rounds in ((_EVERY, _STUDIES, 5), (_SOME, _NUMBER_OF_SOME, 15)):
        yield _Task(f"find {count:,}", TWICE, rounds, partial(found, query, count))
        yield _Task(f"find {count:,}, main tags", NEVER_SLOWER, rounds, partial(tags, query, count))
    yield _Task("download 200 MB", DOWNLOAD, 5, partial(_downloaded, served))
    yield _Task(f"upload {_FILES:,} files", TWICE, 4, partial(_uploaded, served))
    yield _Task(f"label {_LABELLED:,} studies", TWICE, 5, partial(_labelled, served))


def _found(query: dict[str, str], count: int, client: Client) -> Sample:
    return lambda: _checked(partial(client.find, query), count)


def _checked(ask: Callable[[], Sequence[object]], count: int) -> float:
    answers: list[Sequence[object]] = []
    seconds = timed(lambda: answers.append(ask()))
    if len(answers[0]) != count or not all(answers[0]):
        raise UnmeasurableError(f"{len(answers[0])} studies instead of {count}")
    return seconds


def _downloaded(served: _Served, client: Client) -> float:
    path = served.folder / "archive.zip"
    os.sync()  # what was written before is not to be waited for now
    seconds = timed(lambda: client.download(served.large, path))
    if path.stat().st_size < _LARGE_FILES * _LARGE_SIDE**2 * 2:
        raise UnmeasurableError("the archive is not whole")
    path.unlink()
    return seconds


def _uploaded(served: _Served, client: Client) -> float:
    with OrthancServer(find(_SUITE)) as server, Orthanc(server.url) as orthanc:
        os.sync()
        seconds = timed(lambda: type(client)(server.url).upload(served.folder / "files"))
        stored = orthanc.statistics()["CountInstances"]
    if stored != _FILES:
        raise UnmeasurableError(f"{stored} instances were stored instead of {_FILES}")
    return seconds


def _labelled(served: _Served, client: Client) -> float:
    seconds = timed(lambda: client.label(served.labelled, _LABEL))
    with Orthanc(served.url, timeout=_TIMEOUT) as orthanc:
        labelled = orthanc.studies.find_ids(labels=[_LABEL])
        orthanc.studies.change_labels(labelled, remove=[_LABEL])
    if len(labelled) != _LABELLED:
        raise UnmeasurableError(f"{len(labelled)} studies were labelled instead of {_LABELLED}")
    return seconds


def _verdicts(rows: Sequence[Row]) -> Iterator[str]:
    for what in dict.fromkeys(row.what.partition(":")[0] for row in rows if row.bar is not None):
        better = max((row for row in rows if row.what.startswith(f"{what}: ") and row.bar is not None), key=_ratio)
        yield f"{what}: {1 / better.ratio:.2f} times as fast as the better one, {better.what.partition(': ')[2]}"


def _ratio(row: Row) -> float:
    return row.ratio


@contextmanager
def _served() -> Iterator[_Served]:
    with tempfile.TemporaryDirectory(prefix="orthanc-bench-") as name, OrthancServer(find(_SUITE)) as server:
        folder = Path(name)
        (folder / "files").mkdir()
        write_files(folder / "files", _FILES, per_study=_PER_STUDY, side=_SIDE)
        with Orthanc(server.url, timeout=_TIMEOUT) as orthanc:
            small = Factory()
            batches = (
                range(begin, min(begin + _PER_ARCHIVE, _STUDIES - 1)) for begin in range(0, _STUDIES, _PER_ARCHIVE)
            )
            orthanc.instances.upload_many(
                archive(small.file(number, number) for number in batch) for batch in batches
            ).check()
            large = Factory(_LARGE_SIDE)
            for number in range(_LARGE_FILES):
                stored = orthanc.instances.upload(large.file(_STUDIES - 1, _STUDIES + number))
            yield _Served(server.url, folder, stored[0]["ParentStudy"], orthanc.studies.ids()[:_LABELLED])


def _profile() -> Iterator[str]:
    with _served() as served, Orthanc(served.url, timeout=_TIMEOUT) as orthanc:
        profile = cProfile.Profile()
        profile.runcall(lambda: list(orthanc.studies.find(content=["MainDicomTags"])))
        profile.runcall(lambda: orthanc.studies[served.large].archive().save(served.folder / "archive.zip"))
    out = io.StringIO()
    pstats.Stats(profile, stream=out).strip_dirs().sort_stats("tottime").print_stats(25)
    yield f"  a list of {_STUDIES:,} studies and a download of 200 MB:"
    yield from (f"  {line}" for line in out.getvalue().splitlines() if line.strip())


BENCHMARK = Benchmark(
    "client",
    "beside pyorthanc and orthanc-api-client: never slower than the better one, and at least 2 times as fast at "
    "finding identifiers, uploading and labelling",
    _measure,
    _profile,
)
