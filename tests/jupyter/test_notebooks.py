"""The notebooks that teach: how they are kept. That they run is proved by running them (`--nbmake`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def cells(path: Path, kind: str) -> list[dict[str, Any]]:
    """The cells of one sort."""
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == kind]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_kept_without_outputs(path: Path) -> None:
    for cell in cells(path, "code"):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
    assert "widgets" not in json.loads(path.read_text())["metadata"]


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.stem != "admin"], ids=lambda path: path.stem)
def test_it_reads_as_a_tutorial(path: Path) -> None:
    told, code = cells(path, "markdown"), cells(path, "code")
    assert "".join(told[0]["source"]).startswith("# ")
    assert sum("\n## " in f"\n{''.join(cell['source'])}" for cell in told) >= 3
    assert len(told) * 2 >= len(code)


def test_there_are_five_and_the_page() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "ad"]
