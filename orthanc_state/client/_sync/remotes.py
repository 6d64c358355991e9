# Generated from ../_async by tools/make_sync.py: change it there.
"""The servers that an Orthanc knows: DICOM modalities and Orthanc peers, which share one shape of API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.client._sync.resource import Resource
from orthanc_state.client.answer import configuration, strings, unexpected

if TYPE_CHECKING:
    from collections.abc import Mapping


class Remote(Resource):
    """One modality or peer, by its symbolic name."""

    def configuration(self) -> dict[str, Any]:
        """What Orthanc knows of it; no secret is ever in it.

        Operation: `GET /modalities/{id}/configuration`, `GET /peers/{id}/configuration`; since 1.8.1.

        Raises:
            NotFoundError: There is none of this name.
        """
        path = self._path("configuration")
        return configuration(path, self._connection.json("GET", path))

    def put(self, configuration: Mapping[str, Any]) -> None:
        """Create it or replace it as a whole: what is left out returns to its default, secrets too.

        Operation: `PUT /modalities/{id}`, `PUT /peers/{id}`.

        Raises:
            BadRequestError: A value, or the name, is refused; `details` says why.
        """
        self._connection.request("PUT", self._path(), body=dict(configuration))

    def delete(self) -> None:
        """Remove it.

        Operation: `DELETE /modalities/{id}`, `DELETE /peers/{id}`.

        Raises:
            NotFoundError: There is none of this name.
        """
        self._connection.request("DELETE", self._path())


class Remotes(Resource):
    """All modalities, or all peers."""

    def __getitem__(self, name: str) -> Remote:
        return Remote(self._connection, *self._segments, name)

    def names(self) -> list[str]:
        """The symbolic names.

        Operation: `GET /modalities`, `GET /peers`.
        """
        return strings(self._path(), self._connection.json("GET", self._path()))

    def configurations(self) -> dict[str, dict[str, Any]]:
        """Each name with its configuration, in one request.

        Operation: `GET /modalities?expand`, `GET /peers?expand`.
        """
        answer = self._connection.json("GET", self._path(), params={"expand": ""})
        if not isinstance(answer, dict):
            raise unexpected("GET", self._path(), "a mapping of names to configurations")
        return {name: configuration(self._path(), entry) for name, entry in answer.items()}


class Modalities(Remotes):
    """The DICOM servers that this Orthanc knows."""


class Peers(Remotes):
    """The other Orthancs that this one knows, reached over HTTP."""
