"""What the tests share: a client for the server of the test, and the command line as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from orthanc_state import Orthanc

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.testing import OrthancServer

# A slow machine is not a defect, and every failure is to be seen again with the same data. At a desk each run tries
# other data; continuous integration tries the same each time, so that it judges the change and not the draw.
settings.register_profile(
    "orthanc-state",
    deadline=None,
    print_blob=True,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("orthanc-state")

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def orthanc(orthanc_server: OrthancServer) -> Iterator[Orthanc]:
    """A client of the server of this test; the test runs once for each version of Orthanc."""
    with Orthanc(orthanc_server.url) as client:
        yield client


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Runs `orthanc-state` in a process of its own, in an empty folder and with no server in its environment."""

    def run(
        *arguments: str, env: dict[str, str] | None = None, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("ORTHANC_")}
        return subprocess.run(
            [sys.executable, "-m", "orthanc_state", *arguments],
            env={**inherited, **(env or {})},
            cwd=tmp_path,
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
