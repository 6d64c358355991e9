"""What a run of all benchmarks found, as a page: `benchmarks/RESULTS.md`."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from orthanc_state.client.partial_file import PartialFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.harness import Benchmark, Result, Row

PATH = Path(__file__).parent / "RESULTS.md"

_INTRODUCTION = """\
# Results

Each row is one thing beside what it is held against, measured in turns in one run on one machine. The ratio is that of
the medians; the spread is the lowest and the highest of a single pair. Times are of the machine; ratios count.
Made by `make bench`; one of them again: `python -m benchmarks NAME`.
"""


def write(versions: str, results: Sequence[tuple[Benchmark, Result | str]], path: Path = PATH) -> None:
    """Write the page whole.

    Args:
        versions: What was measured, on what.
        results: Each benchmark with what it found, or why it found nothing.
        path: The file.
    """
    parts = [_INTRODUCTION, "\n".join(f"- {line}" for line in versions.splitlines()) + "\n"]
    for benchmark, result in results:
        parts.append(f"## {benchmark.name}\n\n{benchmark.promise[0].upper()}{benchmark.promise[1:]}.\n")
        if isinstance(result, str):
            parts.append(f"{result}\n")
            continue
        rows = ["| what | against | median | against it | ratio | spread | bar | met |", "| --- " * 8 + "|"]
        parts.append("\n".join([*rows, *map(_row, result.rows)]) + "\n")
        if result.notes:
            parts.append("\n".join(f"- {note}" for note in result.notes) + "\n")
    with PartialFile(path, 0o666) as file:
        file.write("\n".join(parts).encode())
        file.sync()


def _row(row: Row) -> str:
    low, high = row.spread
    met = {True: "yes", False: "**no**", None: ""}[row.met]
    bar = "" if row.bar is None else f"{row.bar:.3g}"
    cells = (
        row.what,
        row.against,
        f"{median(row.seconds) * 1000:.1f} ms",
        f"{median(row.base_seconds) * 1000:.1f} ms",
        f"{row.ratio:.2f}",
        f"{low:.2f} to {high:.2f}",
        bar,
        met,
    )
    return f"| {' | '.join(cells)} |"
