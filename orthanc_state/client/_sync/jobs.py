# Generated from ../_async by tools/make_sync.py: change it there.
"""The jobs of a server: what takes long and is done in the background."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from orthanc_state.client._sync.content import Content
from orthanc_state.client._sync.resource import Resource
from orthanc_state.client.answer import identifier, mapping, mappings, strings
from orthanc_state.client.answers import JobDetails
from orthanc_state.client.concurrency import sleep
from orthanc_state.client.errors import JobFailedError, JobUnfinishedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthanc_state.client._sync.connection import Connection

FIRST_PAUSE = 0.01
"""Seconds after which a job is asked for again for the first time; each further pause is half as long again."""

LONGEST_PAUSE = 1.0


class Job(Resource):
    """One job. The details of one that sends to a peer show the HTTP headers of that peer, with their values.

    A server forgets jobs that are done after a while (`JobsHistorySize`, by default the last 10).
    """

    @property
    def id(self) -> str:
        """Its identifier."""
        return self._segments[-1]

    def details(self) -> JobDetails:
        """State, progress and results. Operation: `GET /jobs/{id}`.

        Raises:
            NotFoundError: There is no such job, or no more.
        """
        return mapping(JobDetails, self._path(), self._connection.json("GET", self._path()))

    def wait(self, *, timeout: float | None = None, progress: Callable[[JobDetails], None] | None = None) -> JobDetails:
        """Wait until it is done, and give its details; `Content` has the results.

        It asks again and again, first every few milliseconds, then every second. Operation: `GET /jobs/{id}`.

        Args:
            timeout: Seconds to wait; None for as long as it takes. The job itself goes on.
            progress: Called with the details each time that they were asked for.

        Raises:
            JobFailedError: It has failed or was cancelled.
            JobUnfinishedError: It was not done in time.
            NotFoundError: The server has forgotten it.
        """
        end = None if timeout is None else time.monotonic() + timeout
        pause = FIRST_PAUSE
        while True:
            details = self.details()
            if progress is not None:
                progress(details)
            state = details.get("State")
            if state == "Success":
                return details
            if state == "Failure":
                raise JobFailedError(details)
            if end is not None and time.monotonic() >= end:
                raise JobUnfinishedError(details, timeout or 0)
            sleep(pause if end is None else max(0.0, min(pause, end - time.monotonic())))
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def cancel(self) -> None:
        """Stop it; it counts as failed then. What is done already stays so. Operation: `POST /jobs/{id}/cancel`.

        Raises:
            BadRequestError: There is no such job.
        """
        self._connection.request("POST", self._path("cancel"))

    def pause(self) -> None:
        """Stop it until `resume`. Operation: `POST /jobs/{id}/pause`."""
        self._connection.request("POST", self._path("pause"))

    def resume(self) -> None:
        """Go on after `pause`. Operation: `POST /jobs/{id}/resume`.

        Raises:
            BadRequestError: It is not paused.
        """
        self._connection.request("POST", self._path("resume"))

    def resubmit(self) -> None:
        """Do what has failed or was cancelled again, from its beginning. Operation: `POST /jobs/{id}/resubmit`.

        Raises:
            BadRequestError: It has not failed, or there is no such job.
        """
        self._connection.request("POST", self._path("resubmit"))

    def delete(self) -> None:
        """Forget it, with its outputs. Operation: `DELETE /jobs/{id}`; since 1.12.2.

        Raises:
            NotFoundError: There is no such job, or it is not done yet.
        """
        self._connection.request("DELETE", self._path())

    def output(self, key: str = "archive") -> Content:
        """A file that it has made. Operation: `GET /jobs/{id}/{key}`.

        Args:
            key: Its name; archives and media are `archive`.
        """
        return Content(self._connection, "GET", self._path(key))

    def delete_output(self, key: str = "archive") -> None:
        """Delete a file that it has made. Operation: `DELETE /jobs/{id}/{key}`; since 1.12.1.

        Args:
            key: Its name, as for `output`.
        """
        self._connection.request("DELETE", self._path(key))


class Jobs(Resource):
    """All jobs that the server knows, by identifier."""

    def __getitem__(self, identifier: str) -> Job:
        return Job(self._connection, *self._segments, identifier)

    def ids(self) -> list[str]:
        """Their identifiers. Operation: `GET /jobs`."""
        return strings(self._path(), self._connection.json("GET", self._path()))

    def all(self) -> list[JobDetails]:
        """The details of all, in one request. Operation: `GET /jobs?expand`."""
        answer: list[JobDetails] = mappings(
            JobDetails, self._path(), self._connection.json("GET", self._path(), params={"expand": ""})
        )
        return answer


def run(connection: Connection, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Have a job done while the answer is waited for, and give its results.

    Raises:
        ApiError: It has failed.
    """
    body = {**body, "Synchronous": True}
    results: dict[str, Any] = mapping(dict, path, connection.json("POST", path, body=body, patient=True), "POST")
    return results


def submit(connection: Connection, path: str, body: dict[str, Any]) -> Job:
    """Have a job done in the background."""
    answer = connection.json("POST", path, body={**body, "Asynchronous": True})
    return Job(connection, "jobs", identifier(path, answer))
