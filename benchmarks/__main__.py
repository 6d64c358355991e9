"""`python -m benchmarks [NAME...]`: measures what is promised and prints it beside its bars.

All of them together are written to `benchmarks/RESULTS.md` too.

A bar that is missed is no failure, since a busy machine is none either: the exit code is 1 only for what could not be
measured at all.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context

from benchmarks import results
from benchmarks.harness import Benchmark, Result
from benchmarks.sample import SUITE
from benchmarks.suite import BENCHMARKS, UNMEASURED, measured, say
from orthanc_state.testing import OrthancUnavailable, find

_LIBRARIES = ("httpx", "pydantic", "ruamel.yaml", "ruamel.yaml.clib", "typer")


def main() -> int:
    """Run the benchmarks that were asked for; 1 when one of them could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"{', '.join(BENCHMARKS)}; all of them if none")
    parser.add_argument("--rounds", type=int, help="how often each pair is measured")
    parser.add_argument("--profile", action="store_true", help="say where the time goes, too")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    if chosen.rounds is not None and chosen.rounds < 1:
        parser.error("--rounds takes 1 or more")
    versions = _versions()
    say(versions)
    found: list[tuple[Benchmark, Result | str]] = []
    for name in chosen.names or BENCHMARKS:
        # Each in a process of its own, which has only its own memory.
        with ProcessPoolExecutor(1, get_context("spawn")) as executor:
            result: Result | str = executor.submit(measured, name, chosen.rounds, profile=chosen.profile).result()
        found.append((BENCHMARKS[name], result))
        if not chosen.names:
            # After each of them: a run that is interrupted has measured something.
            results.write(versions, found)
    return 1 if any(result == UNMEASURED for _, result in found) else 0


def _versions() -> str:
    try:
        orthanc = find(SUITE).version
    except OrthancUnavailable as error:
        orthanc = f"none ({error})"
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    machine = f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    return f"Python {platform.python_version()}, Orthanc {orthanc}, {libraries}\n{machine}"


if __name__ == "__main__":
    sys.exit(main())
