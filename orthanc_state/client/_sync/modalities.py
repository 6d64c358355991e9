# Generated from ../_async by tools/make_sync.py: change it there.
"""The DICOM servers that an Orthanc knows, and what it can ask of them as a client (SCU)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from orthanc_state.client._sync.jobs import run, submit
from orthanc_state.client._sync.queries import Query
from orthanc_state.client._sync.remotes import Remote, Remotes
from orthanc_state.client._sync.requirement import require
from orthanc_state.client._sync.storage_commitment import StorageCommitment
from orthanc_state.client.answer import identifier, mapping, mappings, parsed
from orthanc_state.client.answers import StoredStraight
from orthanc_state.client.options import MoveOptions, QueryOptions, RetrieveJobOptions, StoreOptions
from orthanc_state.client.parameters import body
from orthanc_state.client.source import Body

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthanc_state.client._sync.jobs import Job
    from orthanc_state.client.answers import LevelName, OrthancId, Tag
    from orthanc_state.client.source import Source


class Modality(Remote):
    """One modality, by its symbolic name.

    An error of the other side is a `ServerError`, whose `details` are Orthanc's words for it.
    """

    segment = "modalities"

    def echo(self, *, timeout: int | None = None, check_find: bool | None = None) -> None:
        """See whether it answers (C-ECHO). Operation: `POST /modalities/{id}/echo`.

        Args:
            timeout: Seconds to wait for an answer.
            check_find: Try a C-FIND too (since 1.8.1); the server's setting where it is left out.

        Raises:
            ServerError: It does not, or refuses.
        """
        options = {"Timeout": timeout, "CheckFind": check_find}
        given = {name: value for name, value in options.items() if value is not None}
        self._connection.request("POST", self._path("echo"), body=given, patient=True)

    def query(self, level: LevelName, query: Mapping[Tag, str] | None = None, **options: Unpack[QueryOptions]) -> Query:
        """Search it (C-FIND); the answers stay on this Orthanc for a while. Operation: `POST /modalities/{id}/query`.

        Args:
            level: What to search for.
            query: Tags with the values that they must have; an empty value asks for the tag.
            options: See `QueryOptions`.
        """
        path = self._path("query")
        question = {"Level": level, "Query": dict(query or {}), **body(options, QueryOptions)}
        return Query(
            self._connection,
            "queries",
            identifier(path, self._connection.json("POST", path, body=question, patient=True)),
        )

    def find_worklist(
        self, query: Mapping[Tag, Any] | None = None, *, full: bool = False, short: bool = False
    ) -> list[dict[Tag, Any]]:
        """Search its worklist (C-FIND). Operation: `POST /modalities/{id}/find-worklist`.

        Args:
            query: Tags with the values that they must have.
            full: Tags by number, each with its name, type and value.
            short: Tags by number.
        """
        path = self._path("find-worklist")
        question = {"Query": dict(query or {}), "Full": full, "Short": short}
        found: list[dict[str, Any]] = mappings(
            dict, path, self._connection.json("POST", path, body=question, patient=True), "POST"
        )
        return found

    def find_patient(self, query: Mapping[Tag, str]) -> list[dict[Tag, Any]]:
        """Search it for patients; `query` is the better way. Operation: `POST /modalities/{id}/find-patient`.

        Args:
            query: Tags with the values that they must have.
        """
        return self._find("find-patient", query)

    def find_study(self, query: Mapping[Tag, str]) -> list[dict[Tag, Any]]:
        """Search it for studies, by `PatientID` or `AccessionNumber` of more than two characters; `query` is the
        better way. Operation: `POST /modalities/{id}/find-study`.

        Args:
            query: Tags with the values that they must have.

        Raises:
            BadRequestError: Neither is given.
        """
        return self._find("find-study", query)

    def find_series(self, query: Mapping[Tag, str]) -> list[dict[Tag, Any]]:
        """Search it for series, by `StudyInstanceUID` and by `PatientID` or `AccessionNumber`; `query` is the better
        way. Operation: `POST /modalities/{id}/find-series`.

        Args:
            query: Tags with the values that they must have.

        Raises:
            BadRequestError: One is not given.
        """
        return self._find("find-series", query)

    def find_instance(self, query: Mapping[Tag, str]) -> list[dict[Tag, Any]]:
        """Search it for instances, by `StudyInstanceUID`, `SeriesInstanceUID` and by `PatientID` or
        `AccessionNumber`; `query` is the better way. Operation: `POST /modalities/{id}/find-instance`.

        Args:
            query: Tags with the values that they must have.

        Raises:
            BadRequestError: One is not given.
        """
        return self._find("find-instance", query)

    def find(self, query: Mapping[Tag, str]) -> list[dict[str, Any]]:
        """Search it for patients, with their studies and series below them; slow, since each is asked for on its own.

        Operation: `POST /modalities/{id}/find`.

        Args:
            query: Tags with the values that they must have.
        """
        return self._find("find", query)

    def _find(self, what: str, query: Mapping[Tag, str]) -> list[dict[str, Any]]:
        path = self._path(what)
        found: list[dict[str, Any]] = mappings(
            dict, path, self._connection.json("POST", path, body=dict(query), patient=True), "POST"
        )
        return found

    def move(
        self, level: LevelName, resources: Sequence[Mapping[Tag, str]], **options: Unpack[MoveOptions]
    ) -> dict[str, Any]:
        """Have it send to this Orthanc or to another (C-MOVE). Operation: `POST /modalities/{id}/move`.

        Args:
            level: What is moved.
            resources: The identifiers of each, such as `{"StudyInstanceUID": "1.2.3"}`.
            options: See `MoveOptions`.

        Returns:
            The results of the job (since 1.11.1; before, nothing).
        """
        return run(self._connection, self._path("move"), _wanted(level, resources, body(options, MoveOptions)))

    def submit_move(
        self, level: LevelName, resources: Sequence[Mapping[Tag, str]], **options: Unpack[MoveOptions]
    ) -> Job:
        """As `move`, as a job. Operation: `POST /modalities/{id}/move`, `GET /system`.

        Raises:
            UnsupportedError: The server is older than 1.11.1, and makes no job of it; nothing was sent.
        """
        wanted = _wanted(level, resources, body(options, MoveOptions))
        require(self._connection, "a job for a C-MOVE", "1.11.1")
        return submit(self._connection, self._path("move"), wanted)

    def get(
        self, level: LevelName, resources: Sequence[Mapping[Tag, str]], **options: Unpack[RetrieveJobOptions]
    ) -> dict[str, Any]:
        """Fetch from it over the same association (C-GET). Operation: `POST /modalities/{id}/get`; since 1.12.6.

        Args:
            level: What is fetched.
            resources: The identifiers of each, without wildcards, such as `{"StudyInstanceUID": "1.2.3"}`;
                `SOPClassesInStudy` narrows what is negotiated.
            options: See `RetrieveJobOptions`.

        Returns:
            The results of the job.
        """
        wanted = _wanted(level, resources, body(options, RetrieveJobOptions))
        return run(self._connection, self._path("get"), wanted)

    def submit_get(
        self, level: LevelName, resources: Sequence[Mapping[Tag, str]], **options: Unpack[RetrieveJobOptions]
    ) -> Job:
        """As `get`, as a job. Operation: `POST /modalities/{id}/get`; since 1.12.6."""
        wanted = _wanted(level, resources, body(options, RetrieveJobOptions))
        return submit(self._connection, self._path("get"), wanted)

    def store(self, resources: Sequence[OrthancId], **options: Unpack[StoreOptions]) -> dict[str, Any]:
        """Send patients, studies, series or instances to it (C-STORE). Operation: `POST /modalities/{id}/store`.

        Args:
            resources: Orthanc's identifiers.
            options: See `StoreOptions`.

        Returns:
            The results of the job.
        """
        self._check_store(options)
        return run(self._connection, self._path("store"), _stored(resources, body(options, StoreOptions)))

    def submit_store(self, resources: Sequence[OrthancId], **options: Unpack[StoreOptions]) -> Job:
        """As `store`, as a job. Operation: `POST /modalities/{id}/store`."""
        self._check_store(options)
        return submit(self._connection, self._path("store"), _stored(resources, body(options, StoreOptions)))

    def _check_store(self, options: StoreOptions) -> None:
        """An older server would send to the registered address all the same."""
        for option in ("host", "port", "called_aet"):
            if option in options:
                require(self._connection, f"`{option}` of a C-STORE", "1.11.2")

    def store_straight(self, source: Source) -> StoredStraight:
        """Send it a DICOM file that this Orthanc does not store (C-STORE).

        Operation: `POST /modalities/{id}/store-straight`; since 1.6.1.

        Args:
            source: The bytes, a path or an open file.
        """
        path = self._path("store-straight")
        sent = Body(source)
        answer = self._connection.request("POST", path, content=sent.content, headers=sent.headers, patient=True)
        return mapping(StoredStraight, path, parsed("POST", path, answer), "POST")

    def storage_commitment(
        self,
        resources: Sequence[OrthancId] = (),
        *,
        dicom_instances: Sequence[Mapping[str, str]] = (),
        timeout: int | None = None,
    ) -> StorageCommitment:
        """Ask it to commit itself to keep what it has (DICOM PS3.4 J).

        Operation: `POST /modalities/{id}/storage-commitment`; since 1.6.0.

        Args:
            resources: Orthanc's identifiers of what is meant.
            dicom_instances: What is meant and not stored here, by `SOPClassUID` and `SOPInstanceUID`.
            timeout: Seconds without any DICOM message after which it is given up (since 1.9.1).

        Returns:
            The report, which the other side fills when it has looked.
        """
        path = self._path("storage-commitment")
        question: dict[str, Any] = {"Resources": list(resources)}
        if dicom_instances:
            question["DicomInstances"] = [dict(instance) for instance in dicom_instances]
        if timeout is not None:
            question["Timeout"] = timeout
        answer = self._connection.json("POST", path, body=question, patient=True)
        return StorageCommitment(self._connection, "storage-commitment", identifier(path, answer))


class Modalities(Remotes[Modality]):
    """All modalities, by name."""

    remote = Modality


def _stored(resources: Sequence[OrthancId], options: dict[str, Any]) -> dict[str, Any]:
    return {**options, "Resources": list(resources)}


def _wanted(level: LevelName, resources: Sequence[Mapping[Tag, str]], options: dict[str, Any]) -> dict[str, Any]:
    return {**options, "Level": level, "Resources": [dict(resource) for resource in resources]}
