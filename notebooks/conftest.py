"""Notebooks are run on servers of their own, and leave nothing in the home of who runs them."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Kernels inherit the environment of the run."""
    state = TemporaryDirectory(prefix="orthanc-state-")
    config.add_cleanup(state.cleanup)
    os.environ["XDG_STATE_HOME"] = state.name
    os.environ.pop("ORTHANC_URL", None)
