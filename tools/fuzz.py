"""Fuzzes one of the targets of `tests/fuzz/targets.py`, guided by coverage: `make fuzz TARGET=document SECONDS=600`.

What it keeps lies in `build/fuzz`; an input that crashes is written there too, and tried again by giving its name.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["orthanc_state"]):
    from tests.fuzz.targets import TARGETS, attempt


def main() -> None:
    """Fuzz until the time is over."""
    name, *options = sys.argv[1:]
    corpus = ROOT / "build" / "fuzz" / name
    corpus.mkdir(parents=True, exist_ok=True)
    (corpus / "begin").write_bytes(TARGETS[name][1])
    crashes = f"-artifact_prefix={corpus.parent}/{name}-"
    atheris.Setup([sys.argv[0], *(options or [str(corpus)]), crashes], lambda content: attempt(name, content))
    atheris.Fuzz()


main()
