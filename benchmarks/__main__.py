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
from importlib.metadata import version

import httpx

from benchmarks import (
    ansible,
    client,
    fleet,
    load_yaml,
    plan_command,
    plan_in_memory,
    policies,
    results,
    version_command,
)
from benchmarks.harness import Benchmark, Result, SkippedError, UnmeasurableError, table
from benchmarks.sample import SUITE
from orthanc_state import OrthancStateError
from orthanc_state.testing import OrthancDied, OrthancUnavailable, find

BENCHMARKS = {
    module.BENCHMARK.name: module.BENCHMARK
    for module in (plan_in_memory, load_yaml, version_command, plan_command, client, policies, fleet, ansible)
}
UNMEASURED = "It could not be measured."
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
    _say(versions)
    found = []
    for name in chosen.names or BENCHMARKS:
        found.append((BENCHMARKS[name], _run(BENCHMARKS[name], chosen.rounds, profile=chosen.profile)))
        if not chosen.names:
            # After each of them: a run that is interrupted has measured something.
            results.write(versions, found)
    return 1 if any(result == UNMEASURED for _, result in found) else 0


def _run(benchmark: Benchmark, rounds: int | None, *, profile: bool) -> Result | str:
    """What it found; in words why it found nothing."""
    _say(f"\n{benchmark.name}: {benchmark.promise}")
    try:
        result = benchmark.measure(rounds)
        for line in table(result.rows):
            _say(line)
        for note in result.notes:
            _say(f"  {note}")
        if profile:
            _say("  where the time goes:")
            for line in benchmark.profile():
                _say(line)
    except SkippedError as error:
        _say(f"  skipped: {error}")
        return f"Skipped: {error}"
    except (UnmeasurableError, OrthancDied, OrthancUnavailable, OrthancStateError, httpx.HTTPError) as error:
        _say(f"  could not be measured: {error}")
        return UNMEASURED
    return result


def _versions() -> str:
    try:
        orthanc = find(SUITE).version
    except OrthancUnavailable as error:
        orthanc = f"none ({error})"
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    machine = f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    return f"Python {platform.python_version()}, Orthanc {orthanc}, {libraries}\n{machine}"


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
