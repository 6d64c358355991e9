"""What was sent to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.dicom_files import ids_of
from tests.api.stored import FILES, FIRST, store

if TYPE_CHECKING:
    from orthanc_state import Orthanc

LOGGED = {"LogExportedResources": True}
SENT = ("series", "studies", "patients")


@pytest.mark.orthanc(configuration=LOGGED)
def test_what_was_sent_is_remembered(orthanc: Orthanc, remote: Orthanc) -> None:
    store(orthanc, *FILES)
    for level in SENT:
        orthanc.peers["remote"].store([ids_of(FIRST)[level]])
    orthanc.modalities["remote"].store([ids_of(FIRST)["instances"]])
    page = orthanc.exports.page()
    assert page["Done"] is True
    assert [(export["Seq"], export["ResourceType"]) for export in page["Exports"]] == [
        (1, "Series"),
        (2, "Study"),
        (3, "Patient"),
        (4, "Instance"),
    ]
    (first, *_) = page["Exports"]
    assert (first["ID"], first["RemoteModality"]) == (ids_of(FIRST)["series"], "remote")
    assert (first["PatientID"], first["SeriesInstanceUID"]) == ("PAT1", FIRST.SeriesInstanceUID)
    page = orthanc.exports.page(since=1, limit=2)
    assert [export["Seq"] for export in page["Exports"]] == [2, 3]
    assert (page["Last"], page["Done"]) == (3, False)
    assert [export["Seq"] for export in orthanc.exports.since()] == [1, 2, 3, 4]
    assert [export["Seq"] for export in orthanc.exports.since(3)] == [4]
    orthanc.exports.clear()
    assert list(orthanc.exports.since()) == []
    assert list(orthanc.exports.since(4)) == []


def test_nothing_is_remembered_where_it_is_not_wanted(orthanc: Orthanc, remote: Orthanc) -> None:
    store(orthanc, FIRST)
    orthanc.peers["remote"].store([ids_of(FIRST)["instances"]])
    assert remote.statistics()["CountInstances"] == 1
    assert list(orthanc.exports.since()) == []
