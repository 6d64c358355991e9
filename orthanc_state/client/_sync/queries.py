# Generated from ../_async by tools/make_sync.py: change it there.
"""What was found at other servers, and the retrieval of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from orthanc_state.client._sync.jobs import run, submit
from orthanc_state.client._sync.requirement import require
from orthanc_state.client._sync.resource import Resource
from orthanc_state.client.answer import identifier, mapping, mappings, strings, text
from orthanc_state.client.options import RetrieveOptions
from orthanc_state.client.parameters import body
from orthanc_state.client.parameters import query as params_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.client._sync.jobs import Job
    from orthanc_state.client.answers import Tag


class Retrievable(Resource):
    """A query or one of its answers: what can be retrieved."""

    def operations(self) -> list[str]:
        """What can be done with it. Operation: `GET /queries/{id}`, `GET /queries/{id}/answers/{index}`."""
        return strings(self._path(), self._connection.json("GET", self._path()))

    def retrieve(self, **options: Unpack[RetrieveOptions]) -> dict[str, Any]:
        """Have it sent to this Orthanc or to another (C-MOVE, C-GET).

        Operation: `POST /queries/{id}/retrieve`, `POST /queries/{id}/answers/{index}/retrieve`.

        Args:
            options: See `RetrieveOptions`.

        Returns:
            The results of the job.
        """
        self._check(options)
        return run(self._connection, self._path("retrieve"), body(options, RetrieveOptions))

    def submit_retrieve(self, **options: Unpack[RetrieveOptions]) -> Job:
        """As `retrieve`, as a job.

        Operation: `POST /queries/{id}/retrieve`, `POST /queries/{id}/answers/{index}/retrieve`.
        """
        self._check(options)
        return submit(self._connection, self._path("retrieve"), body(options, RetrieveOptions))

    def _check(self, options: RetrieveOptions) -> None:
        """An older server would do a C-MOVE all the same."""
        if "retrieve_method" in options:
            require(self._connection, "`retrieve_method`", "1.12.6")


class Answer(Retrievable):
    """One answer, counted from 0."""

    def content(self, *, simplify: bool = False, short: bool = False) -> dict[Tag, Any]:
        """Its tags. Operation: `GET /queries/{id}/answers/{index}/content`.

        Args:
            simplify: Tags by name.
            short: Tags by number.
        """
        path = self._path("content")
        params = params_of(simplify=simplify, short=short)
        tags: dict[str, Any] = mapping(dict, path, self._connection.json("GET", path, params=params))
        return tags

    def query_studies(self, query: Mapping[Tag, str] | None = None, *, timeout: int | None = None) -> Query:
        """Search the same server for the studies of this patient.

        Operation: `POST /queries/{id}/answers/{index}/query-studies`.

        Args:
            query: Further tags with the values that they must have.
            timeout: Seconds without any DICOM message after which it is given up (since 1.9.1).
        """
        return self._below("query-studies", query, timeout)

    def query_series(self, query: Mapping[Tag, str] | None = None, *, timeout: int | None = None) -> Query:
        """Search the same server for the series of this patient or study.

        Operation: `POST /queries/{id}/answers/{index}/query-series`.

        Args:
            query: Further tags with the values that they must have.
            timeout: Seconds without any DICOM message after which it is given up (since 1.9.1).
        """
        return self._below("query-series", query, timeout)

    def query_instances(self, query: Mapping[Tag, str] | None = None, *, timeout: int | None = None) -> Query:
        """Search the same server for the instances of this patient, study or series.

        Operation: `POST /queries/{id}/answers/{index}/query-instances`.

        Args:
            query: Further tags with the values that they must have.
            timeout: Seconds without any DICOM message after which it is given up (since 1.9.1).
        """
        return self._below("query-instances", query, timeout)

    def _below(self, what: str, query: Mapping[Tag, str] | None, timeout: int | None) -> Query:
        path = self._path(what)
        question: dict[str, Any] = {"Query": dict(query or {})}
        if timeout is not None:
            question["Timeout"] = timeout
        answer = self._connection.json("POST", path, body=question, patient=True)
        return Query(self._connection, "queries", identifier(path, answer))


class Answers(Resource):
    """The answers of a query, by number."""

    def __getitem__(self, index: int) -> Answer:
        return Answer(self._connection, *self._segments, str(index))

    def indexes(self) -> list[int]:
        """Their numbers, from 0. Operation: `GET /queries/{id}/answers`."""
        return [int(index) for index in strings(self._path(), self._connection.json("GET", self._path()))]

    def contents(self, *, simplify: bool = False, short: bool = False) -> list[dict[Tag, Any]]:
        """The tags of all, in one request. Operation: `GET /queries/{id}/answers?expand`.

        Args:
            simplify: Tags by name.
            short: Tags by number.
        """
        params = {"expand": "", **params_of(simplify=simplify, short=short)}
        found: list[dict[str, Any]] = mappings(
            dict, self._path(), self._connection.json("GET", self._path(), params=params)
        )
        return found


class Query(Retrievable):
    """One C-FIND that was made. A server keeps the last ones (`QueryRetrieveSize`, by default 100)."""

    @property
    def id(self) -> str:
        """Its identifier."""
        return self._segments[-1]

    @property
    def answers(self) -> Answers:
        """`/queries/{id}/answers`"""
        return Answers(self._connection, *self._segments, "answers")

    def level(self) -> str:
        """What was searched for: `Patient`, `Study`, `Series` or `Instance`. Operation: `GET /queries/{id}/level`."""
        return text(self._path("level"), self._connection.request("GET", self._path("level")))

    def modality(self) -> str:
        """The name of the modality that was searched. Operation: `GET /queries/{id}/modality`."""
        return text(self._path("modality"), self._connection.request("GET", self._path("modality")))

    def query(self, *, simplify: bool = False, short: bool = False) -> dict[Tag, Any]:
        """What was asked for. Operation: `GET /queries/{id}/query`.

        Args:
            simplify: Tags by name.
            short: Tags by number.
        """
        path = self._path("query")
        params = params_of(simplify=simplify, short=short)
        tags: dict[str, Any] = mapping(dict, path, self._connection.json("GET", path, params=params))
        return tags

    def delete(self) -> None:
        """Forget it. Operation: `DELETE /queries/{id}`."""
        self._connection.request("DELETE", self._path())


class Queries(Resource):
    """All queries that the server knows, by identifier."""

    def __getitem__(self, identifier: str) -> Query:
        return Query(self._connection, *self._segments, identifier)

    def ids(self) -> list[str]:
        """Their identifiers. Operation: `GET /queries`."""
        return strings(self._path(), self._connection.json("GET", self._path()))
