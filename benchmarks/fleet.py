"""Ten servers planned together, beside the slowest of them alone."""

from __future__ import annotations

import cProfile
import io
import pstats
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.harness import Benchmark, Result, Row, UnmeasurableError, interleaved, timed
from benchmarks.processes import console_script, seconds
from orthanc_state.fleet.inventory import Inventory
from orthanc_state.fleet.member import Member
from orthanc_state.fleet.plan import plan_fleet
from orthanc_state.testing import OrthancServer, find

BAR = 3.0
_SERVERS = 10
_SUITES = ("bookworm", "trixie", "forky")
_ROUNDS = 10
_DOCUMENT = "version: 1\nmodalities:\n" + "".join(f"  m{n}: [M{n}, 10.0.0.{n}, 104]\n" for n in range(20))


def _measure(rounds: int | None) -> Result:
    rounds = rounds or _ROUNDS
    with _fleet() as inventory:
        members = inventory.select()
        command = [console_script(), "plan"]
        together = [*command, "--inventory", str(inventory.path)]
        alone = [[*command, str(inventory.folder / "base.yaml"), "--url", member.url] for member in members[:3]]
        whole, *single = interleaved(rounds, *(partial(seconds, argv) for argv in (together, *alone)))
        inner, *inner_single = interleaved(
            rounds, partial(_plan, members), *(partial(_plan, [member]) for member in members[:3])
        )
    return Result(
        [
            Row("plan --inventory of ten servers", "plan of the slowest of them", whole, _slowest(single), BAR),
            Row("of which planning", "planning the slowest of them", inner, _slowest(inner_single)),
        ],
        ["servers and plans share the processors here; servers on machines of their own are only waited for"],
    )


def _slowest(samples: Sequence[Sequence[float]]) -> Sequence[float]:
    return max(samples, key=median)


def _plan(members: Sequence[Member]) -> float:
    found: list[int] = []
    taken = timed(lambda: found.append(len(plan_fleet(members).pending)))
    if found != [len(members)]:
        raise UnmeasurableError(f"of {len(members)} servers {found[0]} were planned")
    return taken


@contextmanager
def _fleet() -> Iterator[Inventory]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        servers = [
            stack.enter_context(OrthancServer(find(_SUITES[number % len(_SUITES)]))) for number in range(_SERVERS)
        ]
        (folder / "base.yaml").write_text(_DOCUMENT)
        lines = [f"  s{number}: {{url: '{server.url}'}}\n" for number, server in enumerate(servers)]
        (folder / "fleet.yaml").write_text(f"version: 1\ndocuments: [base.yaml]\nservers:\n{''.join(lines)}")
        yield Inventory.load(folder / "fleet.yaml")


def _profile() -> Iterator[str]:
    with _fleet() as inventory:
        members = inventory.select()
        profile = cProfile.Profile()
        profile.runcall(plan_fleet, members, workers=1)
    out = io.StringIO()
    pstats.Stats(profile, stream=out).strip_dirs().sort_stats("tottime").print_stats(25)
    yield from (f"  {line}" for line in out.getvalue().splitlines() if line.strip())


BENCHMARK = Benchmark(
    "fleet",
    f"ten servers planned together: at most {BAR:g} times the slowest of them alone",
    _measure,
    _profile,
)
