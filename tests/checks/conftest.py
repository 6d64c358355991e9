"""Checks of a real server by a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, loads
from orthanc_state.checks.registry import chosen_checks
from orthanc_state.checks.run import run_checks
from orthanc_state.checks.subject import Settings, Subject
from orthanc_state.checks.subjects import anonymous
from tests.api.foreign import Foreign

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.checks.result import Result
    from orthanc_state.configuration.start import Start

Checked = Callable[..., "dict[str, Result]"]


@pytest.fixture(scope="session")
def foreign() -> Iterator[Foreign]:
    """A modality that is no Orthanc."""
    with Foreign() as entered:
        yield entered


@pytest.fixture
def checked() -> Checked:
    """Makes some checks of the server at a URL: `checked(url, text, "echo")`; each result by its target."""

    def make(
        url: str,
        text: str = "",
        *names: str,
        days: int = 30,
        environment: dict[str, str] | None = None,
        ca_file: Path | None = None,
        start: Start | None = None,
        **client: Any,
    ) -> dict[str, Result]:
        document = loads("version: 1\n" + text, name="site.yaml", environment=environment or {}) if text else None
        with Orthanc(url, ca_file=ca_file, **client) as orthanc:
            subject = Subject(
                "server",
                orthanc,
                document,
                anonymous=anonymous(url, ca_file, 10.0),
                ca_file=ca_file,
                password_in_clear="username" in client,
                settings=Settings(days, start),
            )
            results = run_checks([subject], chosen_checks(names))
        return {result.target: result for result in results}

    return make
