# Generated from ../_async by tools/make_sync.py: change it there.
"""The reports of storage commitment (DICOM PS3.4 J)."""

from __future__ import annotations

from orthanc_state.client._sync.resource import Resource
from orthanc_state.client.answer import mapping
from orthanc_state.client.answers import StorageCommitmentReport


class StorageCommitment(Resource):
    """One request for storage commitment, by the UID of its transaction."""

    @property
    def id(self) -> str:
        """The UID of its transaction."""
        return self._segments[-1]

    def report(self) -> StorageCommitmentReport:
        """What the other side has answered so far. Operation: `GET /storage-commitment/{id}`; since 1.6.0.

        Raises:
            NotFoundError: There is none.
        """
        return mapping(StorageCommitmentReport, self._path(), self._connection.json("GET", self._path()))

    def remove(self) -> None:
        """Delete from this Orthanc what the other side keeps.

        Operation: `POST /storage-commitment/{id}/remove`; since 1.6.0.

        Raises:
            ApiError: The other side has not committed itself to all of it.
        """
        self._connection.request("POST", self._path("remove"), patient=True)


class StorageCommitments(Resource):
    """All reports, by the UID of their transaction; the server does not list them."""

    def __getitem__(self, uid: str) -> StorageCommitment:
        return StorageCommitment(self._connection, *self._segments, uid)
