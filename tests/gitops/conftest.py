"""A repository with the example, on either forge, for a server that asks for a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from tests.gitops.forge import GITHUB, GITLAB, TOKEN, Forge
from tests.gitops.pipeline import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from orthanc_state.testing import OrthancServer
    from tests.prepared import Prepared

USERNAME = "pipeline"
PASSWORD = "canary-0f-the-server"
BACKUP_PASSWORD = "canary-0f-the-peer"
SECRETS = (PASSWORD, BACKUP_PASSWORD, TOKEN)


@pytest.fixture
def guarded(start_orthanc: Callable[..., OrthancServer]) -> OrthancServer:
    """A server that asks for a password."""
    return start_orthanc({"RegisteredUsers": {USERNAME: PASSWORD}})


@pytest.fixture
def orthanc(guarded: OrthancServer) -> Iterator[Orthanc]:
    """A client of it."""
    with Orthanc(guarded.url, USERNAME, PASSWORD) as client:
        yield client


@pytest.fixture(params=[GITHUB, GITLAB], ids=["github", "gitlab"])
def forge(request: pytest.FixtureRequest) -> Iterator[Forge]:
    """GitHub, then GitLab."""
    with Forge(request.param) as running:
        yield running


@pytest.fixture
def site(tmp_path: Path, forge: Forge, guarded: OrthancServer, prepared: Prepared) -> Iterator[Site]:
    """The repository. Nothing that any of its jobs leaves anywhere may be a secret."""
    commands = tmp_path / "commands"
    commands.mkdir()
    prepared.command(commands / "orthanc-state")
    made = Site(
        tmp_path,
        forge,
        {
            "ORTHANC_URL": guarded.url,
            "ORTHANC_USERNAME": USERNAME,
            "ORTHANC_PASSWORD": PASSWORD,
            "BACKUP_PASSWORD": BACKUP_PASSWORD,
        },
        commands,
    )
    yield made
    left = [run.log for run in made.runs] + forge.received
    left += [path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()]
    assert not [secret for secret in SECRETS for text in left if secret in text]
