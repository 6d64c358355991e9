"""The client of the kit and the two others, each used as its documentation says: `pip install -e '.[bench]'`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyorthanc
from orthanc_api_client import OrthancApiClient

from orthanc_state import Orthanc

_TIMEOUT = 120

Query = Mapping[str, str]


class Client(ABC):
    """What is compared.

    Attributes:
        distribution: Its name on PyPI.
        calls: What is called of it, for those who read the table.
    """

    distribution: str
    calls: str

    @classmethod
    def described(cls) -> str:
        """Its version and what is called of it."""
        return f"{cls.distribution} {version(cls.distribution)}: {cls.calls}"

    @abstractmethod
    def __init__(self, url: str) -> None: ...

    @abstractmethod
    def list_tags(self) -> Sequence[Any]:
        """The main tags of all studies."""

    @abstractmethod
    def find(self, query: Query) -> Sequence[str]:
        """The identifiers of the studies that match."""

    @abstractmethod
    def find_tags(self, query: Query) -> Sequence[Any]:
        """The main tags of the studies that match."""

    @abstractmethod
    def download(self, study: str, path: Path) -> None:
        """Save the archive of a study."""

    @abstractmethod
    def upload(self, folder: Path) -> None:
        """Store all files of a folder."""

    @abstractmethod
    def label(self, studies: Sequence[str], label: str) -> None:
        """Give a label to studies."""


class Ours(Client):
    """The client of the kit."""

    distribution = "orthanc-state"
    calls = "studies.find(content=['MainDicomTags']), .find_ids, .archive().save, .change_labels, instances.upload_many"

    def __init__(self, url: str) -> None:
        self._orthanc = Orthanc(url, timeout=_TIMEOUT)

    def list_tags(self) -> Sequence[Any]:
        return [study["MainDicomTags"] for study in self._orthanc.studies.find(content=["MainDicomTags"])]

    def find(self, query: Query) -> Sequence[str]:
        return self._orthanc.studies.find_ids(query)

    def find_tags(self, query: Query) -> Sequence[Any]:
        return [study["MainDicomTags"] for study in self._orthanc.studies.find(query, content=["MainDicomTags"])]

    def download(self, study: str, path: Path) -> None:
        self._orthanc.studies[study].archive().save(path)

    def upload(self, folder: Path) -> None:
        self._orthanc.instances.upload_many(folder).check()

    def label(self, studies: Sequence[str], label: str) -> None:
        self._orthanc.studies.change_labels(studies, add=[label])


class Pyorthanc(Client):
    """Where it has no function of its own that does it in few requests, the method of its client that does."""

    distribution = "pyorthanc"
    calls = (
        "get_studies({'expand': ''}), find_studies (tags: post_tools_find, Expand), Study.download, upload, "
        "Study.add_label"
    )

    def __init__(self, url: str) -> None:
        self._orthanc = pyorthanc.Orthanc(url, timeout=_TIMEOUT)

    def list_tags(self) -> Sequence[Any]:
        return [study["MainDicomTags"] for study in self._orthanc.get_studies({"expand": ""})]

    def find(self, query: Query) -> Sequence[str]:
        return [study.id_ for study in pyorthanc.find_studies(self._orthanc, query=dict(query))]

    def find_tags(self, query: Query) -> Sequence[Any]:
        # `find_studies` and `main_dicom_tags` would be a request for each.
        found = self._orthanc.post_tools_find({"Level": "Study", "Query": dict(query), "Expand": True})
        return [study["MainDicomTags"] for study in found]

    def download(self, study: str, path: Path) -> None:
        pyorthanc.Study(study, self._orthanc).download(str(path))

    def upload(self, folder: Path) -> None:
        pyorthanc.upload(self._orthanc, folder)

    def label(self, studies: Sequence[str], label: str) -> None:
        for study in studies:
            pyorthanc.Study(study, self._orthanc).add_label(label)


class BarePyorthanc(Pyorthanc):
    """The same with the request itself for the identifiers: nothing is paged, so nothing is known of what is cut."""

    calls = "post_tools_find without Expand: one request, unpaged and uncounted, for identifiers alone"

    def find(self, query: Query) -> Sequence[str]:
        found: list[str] = self._orthanc.post_tools_find({"Level": "Study", "Query": dict(query)})
        return found


class ApiClient(Client):
    """orthanc-api-client."""

    distribution = "orthanc-api-client"
    calls = "studies.find, studies.download_archive, upload_folder, studies.add_label"

    def __init__(self, url: str) -> None:
        self._orthanc = OrthancApiClient(url)

    def list_tags(self) -> Sequence[Any]:
        return self.find_tags({})

    def find(self, query: Query) -> Sequence[str]:
        return [study.orthanc_id for study in self._orthanc.studies.find(dict(query))]

    def find_tags(self, query: Query) -> Sequence[Any]:
        return [study.main_dicom_tags for study in self._orthanc.studies.find(dict(query))]

    def download(self, study: str, path: Path) -> None:
        self._orthanc.studies.download_archive(study, str(path))

    def upload(self, folder: Path) -> None:
        self._orthanc.upload_folder(str(folder))

    def label(self, studies: Sequence[str], label: str) -> None:
        for study in studies:
            self._orthanc.studies.add_label(study, label)
