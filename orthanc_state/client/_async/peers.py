"""The other Orthancs that this one knows, reached over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from orthanc_state.client._async.jobs import run, submit
from orthanc_state.client._async.remotes import Remote, Remotes
from orthanc_state.client.answer import mapping, parsed
from orthanc_state.client.answers import UploadedInstance
from orthanc_state.client.options import PeerStoreOptions
from orthanc_state.client.parameters import body
from orthanc_state.client.source import Body
from orthanc_state.client.system import SystemInformation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthanc_state.client._async.jobs import Job
    from orthanc_state.client.answers import OrthancId
    from orthanc_state.client.source import Source


class Peer(Remote):
    """One peer, by its symbolic name."""

    segment = "peers"

    async def system(self) -> SystemInformation:
        """What the peer says of itself, asked by this Orthanc. Operation: `GET /peers/{id}/system`.

        Raises:
            ApiError: The peer does not answer.
        """
        path = self._path("system")
        return mapping(SystemInformation, path, await self._connection.json("GET", path, patient=True))

    async def store(self, resources: Sequence[OrthancId], **options: Unpack[PeerStoreOptions]) -> dict[str, Any]:
        """Send patients, studies, series or instances to it. Operation: `POST /peers/{id}/store`.

        Args:
            resources: Orthanc's identifiers.
            options: See `PeerStoreOptions`.

        Returns:
            The results of the job.
        """
        return await run(self._connection, self._path("store"), _stored(resources, body(options, PeerStoreOptions)))

    async def submit_store(self, resources: Sequence[OrthancId], **options: Unpack[PeerStoreOptions]) -> Job:
        """As `store`, as a job. Operation: `POST /peers/{id}/store`."""
        return await submit(self._connection, self._path("store"), _stored(resources, body(options, PeerStoreOptions)))

    async def store_straight(self, source: Source) -> UploadedInstance:
        """Send it a DICOM file that this Orthanc does not store.

        Operation: `POST /peers/{id}/store-straight`; since 1.9.1.

        Args:
            source: The bytes, a path or an open file.
        """
        path = self._path("store-straight")
        sent = Body(source)
        answer = await self._connection.request(
            "POST", path, content=sent.async_content, headers=sent.headers, patient=True
        )
        return mapping(UploadedInstance, path, parsed("POST", path, answer), "POST")


class Peers(Remotes[Peer]):
    """All peers, by name."""

    remote = Peer


def _stored(resources: Sequence[OrthancId], options: dict[str, Any]) -> dict[str, Any]:
    return {**options, "Resources": list(resources)}
