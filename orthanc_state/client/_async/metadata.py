"""The metadata of one patient, study, series or instance."""

from __future__ import annotations

from orthanc_state.client._async.resource import Resource
from orthanc_state.client.answer import mapping, numbers, strings
from orthanc_state.client.revision import Revised, if_match, if_none_match


class MetadataEntry(Resource):
    """One metadata, by its name: one of Orthanc's own, one of `UserMetadata`, or a number from 1024 to 65535."""

    async def get(self) -> str:
        """Its value. Operation: `GET /{level}/{id}/metadata/{name}`.

        Raises:
            NotFoundError: The resource has none of this name, or the name is not known.
        """
        return (await self._connection.request("GET", self._path())).decode("utf-8", "replace")

    async def read(self, *, unless: str | None = None) -> Revised[str] | None:
        """Its value with its revision. Operation: `GET /{level}/{id}/metadata/{name}`; revisions since 1.9.2.

        Args:
            unless: A revision; where it is still the current one, the answer is None.

        Raises:
            NotFoundError: The resource has none of this name, or the name is not known.
        """
        answer = await self._connection.answer("GET", self._path(), headers=if_none_match(unless))
        if answer.status == 304:
            return None
        return Revised(answer.content.decode("utf-8", "replace"), answer.revision)

    async def set(self, value: str, *, revision: str | None = None) -> str | None:
        """Set its value.

        Operation: `PUT /{level}/{id}/metadata/{name}`.

        Args:
            value: The new value.
            revision: The revision that is replaced (`If-Match`). A server with `CheckRevisions` wants it for
                every metadata that is there already.

        Returns:
            The new revision, where the server tells it (since 1.9.2). SQLite keeps it since 1.12.8; before, the
            next write needs the one that `read` gives.

        Raises:
            ConflictError: Somebody else has changed it since that revision.
            ForbiddenError: It is one of Orthanc's own.
            NotFoundError: There is no such resource, or the name is not known.
        """
        answer = await self._connection.answer("PUT", self._path(), content=value.encode(), headers=if_match(revision))
        return answer.revision

    async def delete(self, *, revision: str | None = None) -> None:
        """Remove it.

        Operation: `DELETE /{level}/{id}/metadata/{name}`.

        Args:
            revision: The revision that is removed (`If-Match`), as for `set`.

        Raises:
            ConflictError: Somebody else has changed it since that revision.
            ForbiddenError: It is one of Orthanc's own.
            NotFoundError: It is not there.
        """
        await self._connection.request("DELETE", self._path(), headers=if_match(revision))


class Metadata(Resource):
    """All metadata of a resource, by name."""

    def __getitem__(self, name: str) -> MetadataEntry:
        return MetadataEntry(self._connection, *self._segments, name)

    async def names(self) -> list[str]:
        """Their names. Operation: `GET /{level}/{id}/metadata`."""
        return strings(self._path(), await self._connection.json("GET", self._path()))

    async def numbers(self) -> list[int]:
        """Their numbers. Operation: `GET /{level}/{id}/metadata?numeric`; since 1.12.0."""
        return numbers(self._path(), await self._connection.json("GET", self._path(), params={"numeric": ""}))

    async def all(self) -> dict[str, str]:
        """Each name with its value, in one request. Operation: `GET /{level}/{id}/metadata?expand`."""
        return mapping(dict, self._path(), await self._connection.json("GET", self._path(), params={"expand": ""}))
