"""The series of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.client._async.array import array
from orthanc_state.client._async.level import Level, Parent, ParentResource
from orthanc_state.client.answer import mapping
from orthanc_state.client.answers import OrderedSlices

if TYPE_CHECKING:
    import numpy


class Series(ParentResource):
    """One series, by Orthanc's identifier."""

    segment = "series"

    @property
    def patient(self) -> Parent:
        """`/series/{id}/patient`"""
        return Parent(self._connection, *self._segments, "patient")

    @property
    def study(self) -> Parent:
        """`/series/{id}/study`"""
        return Parent(self._connection, *self._segments, "study")

    async def ordered_slices(self) -> OrderedSlices:
        """Its slices in the order of their position in space. Operation: `GET /series/{id}/ordered-slices`."""
        path = self._path("ordered-slices")
        return mapping(OrderedSlices, path, await self._connection.json("GET", path))

    async def numpy(self, *, rescale: bool = True, compress: bool = False) -> numpy.ndarray:
        """Its frames as one array of (frames, rows, columns, channels), ordered by position.

        Operation: `GET /series/{id}/numpy`; since 1.9.6.

        Args:
            rescale: Apply slope and intercept, which gives floating-point numbers.
            compress: Compress on the way; the array is then copied once more.

        Raises:
            ModuleNotFoundError: NumPy is not installed.
        """
        return await array(self._connection, self._path("numpy"), rescale=rescale, compress=compress)


class AllSeries(Level[Series]):
    """All series."""

    name = "Series"
    resource = Series
