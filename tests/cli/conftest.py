"""A document with a secret, and a server that it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.testing import OrthancServer

DOCUMENT = """\
version: 1
modalities:
  pacs: {aet: PACS, host: 10.0.0.5, port: 11112}
peers:
  backup: {url: "http://backup.example/", username: sync, password: !env BACKUP_PASSWORD}
metrics: false
"""
SECRET = "canary-hunter2"


@pytest.fixture
def site(tmp_path: Path, orthanc_server: OrthancServer) -> dict[str, str]:
    """A folder with a document, and the environment that leads to the server."""
    (tmp_path / "site.yaml").write_text(DOCUMENT)
    return {"ORTHANC_URL": orthanc_server.url, "BACKUP_PASSWORD": SECRET}
