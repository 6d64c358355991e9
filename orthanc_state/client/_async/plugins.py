"""The plugins of a server."""

from __future__ import annotations

from orthanc_state.client._async.resource import Resource
from orthanc_state.client.answer import mapping, strings, text
from orthanc_state.client.answers import PluginInformation


class Plugin(Resource):
    """One plugin, by its name."""

    async def information(self) -> PluginInformation:
        """Version and description. Operation: `GET /plugins/{id}`.

        Raises:
            NotFoundError: There is none of this name.
        """
        return mapping(PluginInformation, self._path(), await self._connection.json("GET", self._path()))


class Plugins(Resource):
    """All plugins, by name."""

    def __getitem__(self, name: str) -> Plugin:
        return Plugin(self._connection, *self._segments, name)

    async def names(self) -> list[str]:
        """Their names. Operation: `GET /plugins`."""
        return strings(self._path(), await self._connection.json("GET", self._path()))

    async def explorer_js(self) -> str:
        """The JavaScript by which they extend Orthanc Explorer. Operation: `GET /plugins/explorer.js`."""
        path = self._path("explorer.js")
        return text(path, await self._connection.request("GET", path))
