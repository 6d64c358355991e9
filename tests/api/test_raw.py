"""The verbs for what has no method of its own: any body, any parameter, any header."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from orthanc_state.client import NotFoundError
from tests.api.dicom_files import ct, encoded

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state import Orthanc


def test_files_parameters_and_headers_are_sent(orthanc: Orthanc, tmp_path: Path) -> None:
    (tmp_path / "file.dcm").write_bytes(encoded(ct()))
    stored = json.loads(orthanc.post("/instances", content=tmp_path / "file.dcm"))
    assert json.loads(orthanc.post("/instances", content=io.BytesIO(encoded(ct()))))["Status"] == "AlreadyStored"
    assert orthanc.get("/studies", params={"expand": True})[0]["ID"] == stored["ParentStudy"]
    path = f"/studies/{stored['ParentStudy']}/metadata/1024"
    orthanc.put(path, text="text")
    orthanc.put(path, content=b"bytes")
    assert b"".join(orthanc.stream(path)) == b"bytes"
    image = orthanc.request(
        "GET", f"/instances/{stored['ID']}/preview", headers={"Accept": "image/jpeg"}, params={"quality": 50}
    )
    assert image.startswith(b"\xff\xd8")
    assert b"".join(orthanc.stream(f"/instances/{stored['ID']}/preview", headers={"Accept": "image/jpeg"})) != image
    orthanc.delete(path)
    with pytest.raises(NotFoundError):
        orthanc.get(path)
    found = orthanc.post("/tools/find", {"Level": "Study", "Query": {}})
    assert json.loads(found) == [stored["ParentStudy"]]
