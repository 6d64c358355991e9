"""The studies of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from orthanc_state.client._async.jobs import run, submit
from orthanc_state.client._async.level import Children, Level, Parent, ParentResource
from orthanc_state.client.options import MergeOptions, SplitOptions
from orthanc_state.client.parameters import body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthanc_state.client._async.jobs import Job
    from orthanc_state.client.answers import OrthancId, Tag


class Study(ParentResource):
    """One study, by Orthanc's identifier."""

    segment = "studies"

    @property
    def series(self) -> Children:
        """`/studies/{id}/series`"""
        return Children(self._connection, *self._segments, "series")

    @property
    def patient(self) -> Parent:
        """`/studies/{id}/patient`"""
        return Parent(self._connection, *self._segments, "patient")

    async def module_patient(
        self, *, simplify: bool = False, short: bool = False, ignore_length: Sequence[Tag] = ()
    ) -> dict[Tag, Any]:
        """The tags of the patient's DICOM module. Operation: `GET /studies/{id}/module-patient`.

        Args:
            simplify: Tags by name.
            short: Tags by number.
            ignore_length: Tags to give however long their value is.
        """
        return await self._tags("module-patient", simplify=simplify, short=short, ignore_length=ignore_length)

    async def merge(self, resources: Sequence[OrthancId], **options: Unpack[MergeOptions]) -> dict[str, Any]:
        """Take other studies, series or instances into this study. Operation: `POST /studies/{id}/merge`; since 1.5.0.

        Args:
            resources: Orthanc's identifiers of what is taken in.
            options: See `MergeOptions`.

        Returns:
            The results of the job.
        """
        return await run(self._connection, self._path("merge"), _merged(resources, body(options, MergeOptions)))

    async def submit_merge(self, resources: Sequence[OrthancId], **options: Unpack[MergeOptions]) -> Job:
        """As `merge`, as a job. Operation: `POST /studies/{id}/merge`; since 1.5.0."""
        return await submit(self._connection, self._path("merge"), _merged(resources, body(options, MergeOptions)))

    async def split(self, **options: Unpack[SplitOptions]) -> dict[str, Any]:
        """Make a new study of some of its series or instances. Operation: `POST /studies/{id}/split`; since 1.5.0.

        Args:
            options: See `SplitOptions`.

        Returns:
            The results of the job; `TargetStudy` is the new study.
        """
        return await run(self._connection, self._path("split"), body(options, SplitOptions))

    async def submit_split(self, **options: Unpack[SplitOptions]) -> Job:
        """As `split`, as a job. Operation: `POST /studies/{id}/split`; since 1.5.0."""
        return await submit(self._connection, self._path("split"), body(options, SplitOptions))


class Studies(Level[Study]):
    """All studies."""

    name = "Study"
    resource = Study


def _merged(resources: Sequence[OrthancId], options: dict[str, Any]) -> dict[str, Any]:
    return {**options, "Resources": list(resources)}
