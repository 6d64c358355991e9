"""What is said where there is no browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.jupyter.visitor import chromium

if TYPE_CHECKING:
    from pathlib import Path


def test_without_chromium_the_tests_fail_and_say_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"), chromium():
        raise AssertionError("there is none")
