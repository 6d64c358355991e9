"""What modalities and peers have in common: servers that an Orthanc knows by a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from orthanc_state.client._async.resource import Resource
from orthanc_state.client.answer import configuration, strings, unexpected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.client._async.connection import Connection


class Remote(Resource):
    """One modality or peer, by its symbolic name."""

    segment: str

    @property
    def name(self) -> str:
        """Its symbolic name."""
        return self._segments[-1]

    async def operations(self) -> list[str]:
        """What can be done with it. Operation: `GET /modalities/{id}`, `GET /peers/{id}`.

        Raises:
            NotFoundError: There is none of this name.
        """
        return strings(self._path(), await self._connection.json("GET", self._path()))

    async def configuration(self) -> dict[str, Any]:
        """What Orthanc knows of it; no secret is ever in it.

        Operation: `GET /modalities/{id}/configuration`, `GET /peers/{id}/configuration`; since 1.8.1.

        Raises:
            NotFoundError: There is none of this name.
        """
        path = self._path("configuration")
        return configuration(path, await self._connection.json("GET", path))

    async def put(self, configuration: Mapping[str, Any]) -> None:
        """Create it or replace it as a whole: what is left out returns to its default, secrets too.

        Operation: `PUT /modalities/{id}`, `PUT /peers/{id}`.

        Args:
            configuration: As in Orthanc's configuration file.

        Raises:
            BadRequestError: A value, or the name, is refused; `details` says why.
        """
        await self._connection.request("PUT", self._path(), body=dict(configuration))

    async def delete(self) -> None:
        """Remove it. Operation: `DELETE /modalities/{id}`, `DELETE /peers/{id}`.

        Raises:
            NotFoundError: There is none of this name.
        """
        await self._connection.request("DELETE", self._path())


R = TypeVar("R", bound=Remote)


class Remotes(Resource, Generic[R]):
    """All modalities, or all peers, by name."""

    remote: type[R]

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, self.remote.segment)

    def __getitem__(self, name: str) -> R:
        return self.remote(self._connection, *self._segments, name)

    async def names(self) -> list[str]:
        """The symbolic names. Operation: `GET /modalities`, `GET /peers`."""
        return strings(self._path(), await self._connection.json("GET", self._path()))

    async def configurations(self) -> dict[str, dict[str, Any]]:
        """Each name with its configuration, in one request.

        Operation: `GET /modalities?expand`, `GET /peers?expand`.
        """
        answer = await self._connection.json("GET", self._path(), params={"expand": ""})
        if not isinstance(answer, dict):
            raise unexpected("GET", self._path(), "a mapping of names to configurations")
        return {name: configuration(self._path(), entry) for name, entry in answer.items()}
