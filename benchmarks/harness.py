"""Measuring two things beside each other, and the table that is made of it.

Nothing here compares with a time of another day or another machine. A thing and what it is held against run in turn
(A B A B), so that whatever else the machine does slows both, and what is judged is the ratio of their medians.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

Sample = Callable[[], float]
"""Does a thing once and returns the seconds that it took, without what it had to prepare."""

_WHAT_WIDTH = 44


class UnmeasurableError(Exception):
    """Something that a benchmark needs is not here, or the thing to be measured does not work."""


class SkippedError(Exception):
    """What a benchmark compares with is not installed here, and need not be."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing beside what it is held against.

    Attributes:
        what: What was done.
        against: What it is held against.
        seconds: How long it took, each time.
        base_seconds: How long that took, each time, in the same order.
        bar: How many times as long it may take; None where nothing is promised.
        peak: The most memory that a process had that did it once, in bytes.
        base_peak: The same for what it is held against.
    """

    what: str
    against: str
    seconds: Sequence[float]
    base_seconds: Sequence[float]
    bar: float | None = None
    peak: int | None = None
    base_peak: int | None = None

    @property
    def ratio(self) -> float:
        """How many times as long it takes."""
        return median(self.seconds) / median(self.base_seconds)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest ratio of a single pair."""
        ratios = [ours / base for ours, base in zip(self.seconds, self.base_seconds, strict=True)]
        return min(ratios), max(ratios)

    @property
    def met(self) -> bool | None:
        """Whether it keeps below its bar; None where there is none."""
        return None if self.bar is None else self.ratio <= self.bar


@dataclass(frozen=True, slots=True)
class Result:
    """What one benchmark found: its rows, and in words what is no ratio."""

    rows: Sequence[Row]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One thing that is promised.

    Attributes:
        name: How it is chosen on the command line.
        promise: What is promised.
        measure: Measures it; the argument is how many rounds, None for as many as it takes to be sure.
        profile: Says where the time goes, as lines of text.
    """

    name: str
    promise: str
    measure: Callable[[int | None], Result] = field(repr=False)
    profile: Callable[[], Iterator[str]] = field(repr=False)


def timed(run: Callable[[], object]) -> float:
    """The seconds that a call takes, on a heap that holds no garbage of what ran before."""
    gc.collect()
    began = perf_counter()
    run()
    return perf_counter() - began


def interleaved(rounds: int, *samples: Sample, warm_up: bool = True) -> list[list[float]]:
    """Takes each sample in turn, as often as there are rounds, and returns the seconds of each.

    Args:
        rounds: how often.
        samples: what is measured.
        warm_up: take each once before, uncounted.
    """
    if warm_up:
        for sample in samples:
            sample()
    found: list[list[float]] = [[] for _ in samples]
    for _ in range(rounds):
        for seconds, sample in zip(found, samples, strict=True):
            seconds.append(sample())
    return found


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Rows as lines of text."""
    yield f"  {'':<{_WHAT_WIDTH}} {'median':>10} {'against':>10} {'ratio':>7} {'(min..max)':>15} {'bar':>5}  met"
    for row in rows:
        low, high = row.spread
        bar = "" if row.bar is None else f"{row.bar:g}"
        met = {None: "", True: "yes", False: "NO"}[row.met]
        yield (
            f"  {row.what:<{_WHAT_WIDTH}} {_milliseconds(row.seconds):>10} {_milliseconds(row.base_seconds):>10}"
            f" {row.ratio:>7.2f} {f'({low:.2f}..{high:.2f})':>15} {bar:>5}  {met}".rstrip()
        )
    for against in dict.fromkeys(row.against for row in rows):
        yield f"  against: {against}"
    for row in rows:
        if row.peak is not None:
            base = "" if row.base_peak is None else f", against {_mebibytes(row.base_peak)}"
            yield f"  peak memory: {row.what}: {_mebibytes(row.peak)}{base}"


def _milliseconds(seconds: Sequence[float]) -> str:
    return f"{median(seconds) * 1000:.1f} ms"


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:.0f} MiB"
