"""`orthanc-state --version`, beside the import of what parses its command line."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks.harness import Benchmark, Result, Row, interleaved
from benchmarks.processes import console_script, imports, peak, python, seconds

BAR = 1.5
_ROUNDS = 20


def _measure(rounds: int | None) -> Result:
    ours, theirs = [console_script(), "--version"], python("-c", "import typer")
    taken, base = interleaved(rounds or _ROUNDS, partial(seconds, ours), partial(seconds, theirs))
    return Result(
        [Row("orthanc-state --version", "python -c 'import typer'", taken, base, BAR, peak(ours), peak(theirs))]
    )


def _profile() -> Iterator[str]:
    yield from imports([console_script(), "--version"])


BENCHMARK = Benchmark(
    "version", f"`orthanc-state --version`: at most {BAR:g} times importing typer, whole processes", _measure, _profile
)
