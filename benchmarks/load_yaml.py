"""Loading a large document with the line of every value, beside a loader that keeps none."""

from __future__ import annotations

import cProfile
import io
import pstats
from collections.abc import Iterator
from functools import partial

from ruamel.yaml import YAML

from benchmarks.harness import Benchmark, Result, Row, UnmeasurableError, interleaved, timed
from benchmarks.sample import MODALITIES, PEERS, block_yaml, flow_yaml
from orthanc_state import loads
from orthanc_state.document.source import Source
from orthanc_state.document.yaml import parse

BAR = 2.5
_ROUNDS = 15
_ROUNDS_OF_PURE = 3  # the pure parser takes seconds
_AGAINST = "YAML(typ='safe').load of the same text, with libyaml"
_AGAINST_QUOTED = "the same of the text with quotes, since libyaml refuses this one"


def _measure(rounds: int | None) -> Result:
    _require_libyaml()
    rounds = rounds or _ROUNDS
    block, flow, unquoted = block_yaml(), flow_yaml(quoted=True), flow_yaml(quoted=False)
    rows = [*_rows("a field a line", block, rounds), *_rows("an entry a line", flow, rounds)]
    # No text for libyaml at all: this is what the kit makes of it all the same, beside the text with quotes.
    slow, base = interleaved(min(rounds, _ROUNDS_OF_PURE), partial(_load, unquoted), partial(_reference, flow))
    rows.append(Row("an entry a line, URLs not quoted", _AGAINST_QUOTED, slow, base))
    return Result(rows, [f"{len(block) // 1024} KiB in {block.count(chr(10)):,} lines with a field a line"])


def _rows(what: str, text: str, rounds: int) -> Iterator[Row]:
    content = text.encode()

    def yaml_only() -> float:
        return timed(lambda: parse(content, Source("")))

    whole, alone, base = interleaved(rounds, partial(_load, text), yaml_only, partial(_reference, text))
    yield Row(what, _AGAINST, whole, base, BAR)
    yield Row(f"{what}, of which YAML with lines", _AGAINST, alone, base)


def _load(text: str) -> float:
    return timed(lambda: loads(text))


def _reference(text: str) -> float:
    return timed(lambda: YAML(typ="safe").load(text))


def _require_libyaml() -> None:
    if YAML(typ="safe").Parser.__name__ != "CParser":
        raise UnmeasurableError("ruamel.yaml has no libyaml here: pip install ruamel.yaml.clib")


def _profile() -> Iterator[str]:
    text = block_yaml()
    profile = cProfile.Profile()
    profile.runcall(loads, text)
    out = io.StringIO()
    pstats.Stats(profile, stream=out).strip_dirs().sort_stats("tottime").print_stats(25)
    yield from (f"  {line}" for line in out.getvalue().splitlines() if line.strip())


BENCHMARK = Benchmark(
    "load",
    f"loading {MODALITIES:,} modalities and {PEERS} peers from YAML with line numbers: at most {BAR:g} times "
    "ruamel.yaml's C loader reading the same text",
    _measure,
    _profile,
)
