# Generated from ../_async by tools/make_sync.py: change it there.
"""What has happened on a server: changes of what is stored, and exports to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.client._sync.resource import Resource
from orthanc_state.client.answer import mapping, unexpected
from orthanc_state.client.answers import ChangesPage, ExportsPage
from orthanc_state.client.errors import UnsupportedError
from orthanc_state.client.parameters import query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthanc_state.client.answers import Change, Export

PAGE = 1000
"""How many entries are asked for at once."""


class Changes(Resource):
    """The changes, by number: what is newer has a higher one. What was deleted takes its changes with it."""

    def page(
        self,
        *,
        since: int | None = None,
        limit: int | None = None,
        to: int | None = None,
        types: Sequence[str] = (),
    ) -> ChangesPage:
        """A part of them. Operation: `GET /changes`.

        Args:
            since: The number after which it begins.
            limit: How many; 100 where it is left out.
            to: The number with which it ends (since 1.12.5); without `since`, what is given are the last ones before.
            types: Only changes of these types, such as `StableStudy` (since 1.12.5).

        Raises:
            UnsupportedError: The server is too old for `to` or `types`, and would ignore them.
        """
        if to is not None or types:
            capability = (self._connection.system()).get("Capabilities", {})
            if not capability.get("HasExtendedChanges"):
                raise UnsupportedError(
                    "this server does not know `to` and `types` in GET /changes and would ignore them",
                    hint="They need Orthanc 1.12.5 or later.",
                )
        params = query(since=since, limit=limit, to=to, type=types)
        return mapping(ChangesPage, self._path(), self._connection.json("GET", self._path(), params=params))

    def last(self) -> int:
        """The highest number that is still there; 0 when there is none. Operation: `GET /changes?last`."""
        answer = mapping(dict, self._path(), self._connection.json("GET", self._path(), params={"last": ""}))
        if not isinstance(answer.get("Last"), int):
            raise unexpected("GET", self._path(), "the number of the last change")
        number: int = answer["Last"]
        return number

    def since(self, number: int = 0, *, types: Sequence[str] = ()) -> Iterator[Change]:
        """Those after a number, up to the last. Operation: `GET /changes`.

        Args:
            number: A number that was seen before; 0 for all.
            types: Only changes of these types (since 1.12.5).
        """
        while True:
            page = self.page(since=number, limit=PAGE, types=types)
            yield from page.get("Changes", [])
            if page.get("Done", True) or page.get("Last", number) <= number:
                return
            number = page["Last"]

    def clear(self) -> None:
        """Delete them all. Operation: `DELETE /changes`."""
        self._connection.request("DELETE", self._path())


class Exports(Resource):
    """What was sent to others, by number; kept only with `LogExportedResources`."""

    def page(self, *, since: int | None = None, limit: int | None = None) -> ExportsPage:
        """A part of them. Operation: `GET /exports`.

        Args:
            since: The number after which it begins.
            limit: How many; 100 where it is left out.
        """
        params = query(since=since, limit=limit)
        return mapping(ExportsPage, self._path(), self._connection.json("GET", self._path(), params=params))

    def since(self, number: int = 0) -> Iterator[Export]:
        """Those after a number, up to the last. Operation: `GET /exports`.

        Args:
            number: A number that was seen before; 0 for all.
        """
        while True:
            page = self.page(since=number, limit=PAGE)
            yield from page.get("Exports", [])
            if page.get("Done", True) or page.get("Last", number) <= number:
                return
            number = page["Last"]

    def clear(self) -> None:
        """Delete them all. Operation: `DELETE /exports`."""
        self._connection.request("DELETE", self._path())
