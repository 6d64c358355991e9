# Generated from ../_async by tools/make_sync.py: change it there.
"""Making new patients, studies and series of those that are there: anonymization, modification, archives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from orthanc_state.client._sync.content import Content
from orthanc_state.client._sync.jobs import run, submit
from orthanc_state.client._sync.resource import Resource
from orthanc_state.client.options import (
    AnonymizeJobOptions,
    ArchiveJobOptions,
    ArchiveOptions,
    MediaJobOptions,
    ModifyJobOptions,
)
from orthanc_state.client.parameters import body, checked, query

if TYPE_CHECKING:
    from orthanc_state.client._sync.jobs import Job


class Changing(Resource):
    """What can be made of a patient, study or series.

    Each operation has two forms. The plain one waits for the answer (up to an hour) and gives the results; the one
    that begins with `submit_` gives a job, which shows its progress and can be cancelled.
    """

    def anonymize(self, **options: Unpack[AnonymizeJobOptions]) -> dict[str, Any]:
        """Make an anonymized copy. Operation: `POST /{level}/{id}/anonymize`.

        Args:
            options: See `AnonymizeJobOptions`.

        Returns:
            The results; `ID` is the new resource.

        Raises:
            BadRequestError: An option is refused; `details` says why.
        """
        return run(self._connection, self._path("anonymize"), body(options, AnonymizeJobOptions))

    def submit_anonymize(self, **options: Unpack[AnonymizeJobOptions]) -> Job:
        """As `anonymize`, as a job. Operation: `POST /{level}/{id}/anonymize`."""
        return submit(self._connection, self._path("anonymize"), body(options, AnonymizeJobOptions))

    def modify(self, **options: Unpack[ModifyJobOptions]) -> dict[str, Any]:
        """Make a copy with other tags. Operation: `POST /{level}/{id}/modify`.

        Args:
            options: See `ModifyJobOptions`.

        Returns:
            The results; `ID` is the new resource.

        Raises:
            BadRequestError: An option is refused; `details` says why.
        """
        return run(self._connection, self._path("modify"), body(options, ModifyJobOptions))

    def submit_modify(self, **options: Unpack[ModifyJobOptions]) -> Job:
        """As `modify`, as a job. Operation: `POST /{level}/{id}/modify`."""
        return submit(self._connection, self._path("modify"), body(options, ModifyJobOptions))

    def archive(self, **options: Unpack[ArchiveOptions]) -> Content:
        """All its files as a ZIP archive. Operation: `GET /{level}/{id}/archive`.

        Args:
            options: See `ArchiveOptions`.
        """
        return Content(self._connection, "GET", self._path("archive"), params=checked(options, ArchiveOptions))

    def submit_archive(self, **options: Unpack[ArchiveJobOptions]) -> Job:
        """As `archive`, as a job, of which `output()` gives the archive. Operation: `POST /{level}/{id}/archive`.

        Args:
            options: See `ArchiveJobOptions`.
        """
        return submit(self._connection, self._path("archive"), body(options, ArchiveJobOptions))

    def media(self, *, extended: bool = False, **options: Unpack[ArchiveOptions]) -> Content:
        """All its files as a ZIP archive with a DICOMDIR (DICOM PS3.10). Operation: `GET /{level}/{id}/media`.

        Args:
            extended: Whether the DICOMDIR names tags of type 3, such as the series' description, too.
            options: See `ArchiveOptions`.
        """
        params = checked(options, ArchiveOptions) | query(extended=extended)
        return Content(self._connection, "GET", self._path("media"), params=params)

    def submit_media(self, **options: Unpack[MediaJobOptions]) -> Job:
        """As `media`, as a job, of which `output()` gives the archive. Operation: `POST /{level}/{id}/media`.

        Args:
            options: See `MediaJobOptions`.
        """
        return submit(self._connection, self._path("media"), body(options, MediaJobOptions))
