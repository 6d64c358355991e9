"""A small plan as a whole process, beside the import of what it talks and checks with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.harness import Benchmark, Result, Row, interleaved
from benchmarks.processes import console_script, imports, peak, python, seconds
from benchmarks.sample import bring_in_sync, orthanc_server
from orthanc_state import Orthanc, load

BAR = 2.5
_ROUNDS = 20
_QUICKSTART = Path(__file__).parents[1] / "examples" / "quickstart.yaml"
_EMPTY = "an empty Python"
# `import pydantic` alone imports next to nothing of it: the rest comes with the first name that is asked for.
_IMPORT = "import httpx, pydantic"
_IMPORT_ALL = "import httpx; from pydantic import BaseModel"


def _measure(rounds: int | None) -> Result:
    with _command() as ours:
        argvs = [ours, python("-c", _IMPORT), python("-c", _IMPORT_ALL), python("-c", "pass")]
        taken, base, base_all, empty = interleaved(rounds or _ROUNDS, *(partial(seconds, argv) for argv in argvs))
        memory = [peak(argv) for argv in argvs]
    what = "orthanc-state plan quickstart.yaml"
    return Result(
        [
            Row(what, f"python -c '{_IMPORT}'", taken, base, BAR, memory[0], memory[1]),
            Row("the same, with pydantic loaded", f"python -c '{_IMPORT_ALL}'", taken, base_all, None, None, memory[2]),
            Row(_EMPTY, f"python -c '{_IMPORT}'", empty, base),
        ]
    )


def _profile() -> Iterator[str]:
    with _command() as ours:
        yield from imports(ours, shown=40)


@contextmanager
def _command() -> Iterator[list[str]]:
    """The command, for a server that is in sync."""
    with orthanc_server() as server:
        with Orthanc(server.url) as orthanc:
            bring_in_sync(orthanc, load(_QUICKSTART))
        yield [console_script(), "plan", str(_QUICKSTART), "--url", server.url]


BENCHMARK = Benchmark(
    "process",
    f"a small in-sync plan's whole process: at most {BAR:g} times importing httpx and pydantic",
    _measure,
    _profile,
)
