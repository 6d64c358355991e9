"""What `SECURITY.md` says holds is held by tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODEL = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", MODEL)


def test_every_test_that_is_named_exists() -> None:
    assert len(NAMED) > 30
    for file, name in NAMED:
        module = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        found = {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
        assert name in found, f"{file} has no {name}"


def test_every_line_names_the_test_that_holds_it() -> None:
    rows = [line for line in MODEL.splitlines() if line.startswith("| ") and not re.match(r"\| (---|threat)", line)]
    assert len(rows) > 20
    for row in rows:
        assert "::test_" in row, row


def test_every_test_of_this_folder_is_named() -> None:
    for path in Path(__file__).parent.glob("test_*.py"):
        if path.name != Path(__file__).name:
            for name in re.findall(r"(?m)^def (test_\w+)", path.read_text(encoding="utf-8")):
                assert (f"tests/security/{path.name}", name) in NAMED, f"{path.name}::{name}"
