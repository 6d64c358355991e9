"""Storing DICOM files over HTTP."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from orthanc_state.client.answer import mappings, parsed
from orthanc_state.client.answers import UploadedInstance
from orthanc_state.client.concurrency import AsyncWorkers
from orthanc_state.client.errors import ApiError, UnauthorizedError
from orthanc_state.client.source import Body
from orthanc_state.client.uploading import FailedUpload, UploadProgress, UploadReport, files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from orthanc_state.client._async.connection import Connection
    from orthanc_state.client.source import Source

INSTANCES = "/instances"


async def upload(
    connection: Connection, source: Source, progress: Callable[[int], None] | None = None
) -> list[UploadedInstance]:
    """Send one file."""
    return await _send(connection, Body(source, progress))


async def upload_many(
    connection: Connection,
    sources: Iterable[Source] | Source,
    workers: int,
    progress: Callable[[UploadProgress], None] | None,
) -> UploadReport:
    """Send many files, several at a time."""
    report = UploadReport()
    done = 0

    async def send(source: Source) -> None:
        nonlocal done
        body = Body(source)
        try:
            report.add(await _send(connection, body))
        except UnauthorizedError:
            raise
        except ApiError as error:
            report.failures.append(FailedUpload(_name(source), error))
        done += 1
        report.size += body.size or 0
        if progress is not None:
            progress(UploadProgress(done, report.size))

    await AsyncWorkers(workers).run(send, files(sources))
    return report


async def _send(connection: Connection, body: Body) -> list[UploadedInstance]:
    answer = parsed(
        "POST",
        INSTANCES,
        await connection.request("POST", INSTANCES, content=body.async_content, headers=body.headers, patient=True),
    )
    stored: list[UploadedInstance] = mappings(
        UploadedInstance, INSTANCES, answer if isinstance(answer, list) else [answer], "POST"
    )
    return stored


def _name(source: Source) -> str:
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    return str(getattr(source, "name", "bytes"))
