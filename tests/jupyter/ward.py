"""A ward with two real servers, and what is to be seen of them in notebooks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from orthanc_state import Orthanc
from tests.policies.studies import store

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.testing import OrthancServer, OrthancServers

PASSWORD = "a-secret-of-the-ward"
PEER_PASSWORD = "another-secret-of-the-ward"
SECRETS = (PASSWORD, PEER_PASSWORD)

SCRIPT = "<script>window.broken=1</script><img src=x onerror=broken=1>"
"""A study description as no one should have it."""

DOCUMENT = """\
# What the ward has to be.
version: 1
modalities:
  pacs: {{aet: ORTHANC, host: 127.0.0.1, port: {port}}}  # itself
  ct1: [CT1, 10.0.0.9, 104]
  workstation:
    aet: WORKSTATION
    host: 10.0.0.12
    port: 11112
    allow_store: false
peers:
  archive: {{url: "https://archive.example/", username: sync, password: !env ARCHIVE_PASSWORD}}
dicom:
  default_encoding: Utf8
logging: {{all: default, dicom: verbose}}
metrics: true
policies:
  - name: sort-new-studies
    level: study
    match: {{ModalitiesInStudy: OT}}
    labels: {{add: [checked], remove: [inbox]}}
  - name: keep-trial
    level: patient
    match: {{PatientID: TRIAL-*}}
    protected: true
prune: {{modalities: true}}
"""

FLEET = """\
version: 1
defaults: {{username: admin, password: !env WARD_PASSWORD}}
servers:
  ward7: {{url: "{ward}", documents: [night.yaml]}}
  night: {{url: "{night}", documents: [night.yaml]}}
network:
  nodes:
    ward7: [WARD7, 127.0.0.1, {ward_port}]
    night: [NIGHT, 127.0.0.1, {night_port}]
    ct1: [CT1, 127.0.0.1, 9]
    viewer: {{aet: VIEWER, host: 127.0.0.1, port: 9}}
  links:
    ct1 -> ward7: store, echo
    viewer <-> ward7: find, move, echo
    ward7 <-> night: store, echo
"""


class Ward:
    """Two servers, and a folder with a document and an inventory of them.

    Args:
        folder: The folder.
        servers: What starts servers.
    """

    def __init__(self, folder: Path, servers: OrthancServers) -> None:
        self.folder = folder
        self._servers = servers
        users = {"RegisteredUsers": {"admin": PASSWORD}, "MetricsEnabled": True}
        self.day = servers.start("trixie", {"Name": "ward7", "DicomAet": "WARD7", **users})
        self.night = servers.start("forky", {"Name": "night", "DicomAet": "NIGHT", **users})
        with self.orthanc(self.day) as orthanc:
            orthanc.put("/modalities/old", ["OLD", "10.0.0.7", 104])
            orthanc.put("/modalities/ct1", ["CT1", "10.0.0.9", 105])
            studies = [
                *store(orthanc, "P1", "P2", "P3", StudyDescription="Thorax"),
                *store(orthanc, "P4", StudyDescription=SCRIPT),
                *store(orthanc, "TRIAL-1", StudyDescription="Trial"),
            ]
            for study in studies[:3]:
                orthanc.studies[study].labels.add("inbox")
            orthanc.studies[studies[0]].labels.add("teaching")
            orthanc.studies[studies[0]].archive().save(folder / "study.zip")
            orthanc.tools.submit_create_archive(studies).wait()
        for server, name, other in ((self.day, "night", self.night), (self.night, "ward7", self.day)):
            with self.orthanc(server) as orthanc:
                orthanc.put(f"/modalities/{name}", [other.aet, "127.0.0.1", other.dicom_port])
        self.write("site.yaml", DOCUMENT.format(port=self.day.dicom_port))
        self.write("night.yaml", "version: 1\nlogging: {dicom: verbose}\n")
        ports = {"ward_port": self.day.dicom_port, "night_port": self.night.dicom_port}
        self.write("fleet.yaml", FLEET.format(ward=self.day.url, night=self.night.url, **ports))
        self.write("environment.json", json.dumps(self.environment))

    @property
    def environment(self) -> dict[str, str]:
        """The variables of whoever administers it."""
        return {
            "ORTHANC_URL": self.day.url,
            "ORTHANC_USERNAME": "admin",
            "ORTHANC_PASSWORD": PASSWORD,
            "WARD_PASSWORD": PASSWORD,
            "ARCHIVE_PASSWORD": PEER_PASSWORD,
        }

    def write(self, name: str, text: str) -> Path:
        """Write a file of the folder."""
        path = self.folder / name
        path.write_text(text)
        return path

    def orthanc(self, server: OrthancServer) -> Orthanc:
        """A client of one of the servers."""
        return Orthanc(server.url, "admin", PASSWORD)

    def stop(self) -> None:
        """Stop the servers."""
        self._servers.stop(self.day)
        self._servers.stop(self.night)
