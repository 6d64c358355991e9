"""The benchmarks that there are, and running one of them."""

from __future__ import annotations

import httpx

from benchmarks import (
    ansible,
    client,
    fleet,
    load_yaml,
    plan_command,
    plan_in_memory,
    policies,
    version_command,
)
from benchmarks.harness import Benchmark, Result, SkippedError, UnmeasurableError, table
from orthanc_state import OrthancStateError
from orthanc_state.testing import OrthancDied, OrthancUnavailable

BENCHMARKS: dict[str, Benchmark] = {
    module.BENCHMARK.name: module.BENCHMARK
    for module in (plan_in_memory, load_yaml, version_command, plan_command, client, policies, fleet, ansible)
}
UNMEASURED = "It could not be measured."


def measured(name: str, rounds: int | None, *, profile: bool) -> Result | str:
    """What a benchmark found; in words why it found nothing."""
    benchmark = BENCHMARKS[name]
    say(f"\n{benchmark.name}: {benchmark.promise}")
    try:
        result = benchmark.measure(rounds)
        for line in table(result.rows):
            say(line)
        for note in result.notes:
            say(f"  {note}")
        if profile:
            say("  where the time goes:")
            for line in benchmark.profile():
                say(line)
    except SkippedError as error:
        say(f"  skipped: {error}")
        return f"Skipped: {error}"
    except (UnmeasurableError, OrthancDied, OrthancUnavailable, OrthancStateError, httpx.HTTPError) as error:
        say(f"  could not be measured: {error}")
        return UNMEASURED
    return result


def say(text: str) -> None:
    """Print a line at once: what follows takes a while."""
    print(text, flush=True)
