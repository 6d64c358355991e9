"""The instances of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from orthanc_state.client._async.content import Content
from orthanc_state.client._async.images import Frames, Images
from orthanc_state.client._async.level import Level, LevelResource, Parent
from orthanc_state.client._async.upload import upload, upload_many
from orthanc_state.client.options import AnonymizeOptions, ModifyOptions
from orthanc_state.client.parameters import body, query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from orthanc_state.client.answers import Tag, UploadedInstance
    from orthanc_state.client.source import Source
    from orthanc_state.client.uploading import UploadProgress, UploadReport


class Instance(LevelResource, Images):
    """One instance, by Orthanc's identifier; as an image, it is its first frame."""

    segment = "instances"

    @property
    def frames(self) -> Frames:
        """`/instances/{id}/frames`"""
        return Frames(self._connection, *self._segments, "frames")

    @property
    def patient(self) -> Parent:
        """`/instances/{id}/patient`"""
        return Parent(self._connection, *self._segments, "patient")

    @property
    def study(self) -> Parent:
        """`/instances/{id}/study`"""
        return Parent(self._connection, *self._segments, "study")

    @property
    def series(self) -> Parent:
        """`/instances/{id}/series`"""
        return Parent(self._connection, *self._segments, "series")

    def file(
        self,
        *,
        transcode: str | None = None,
        lossy_quality: int | None = None,
        filename: str | None = None,
        accept: str | None = None,
    ) -> Content:
        """The DICOM file. Operation: `GET /instances/{id}/file`.

        Args:
            transcode: UID of the transfer syntax in which it is to be (since 1.12.2).
            lossy_quality: 1 to 100, for a lossy transfer syntax (since 1.12.7).
            filename: The name that the server gives in `Content-Disposition` (since 1.12.7).
            accept: `application/dicom+json` or `application/dicom+xml` for its tags in the form of DICOMweb.
        """
        params = query(transcode=transcode, lossy_quality=lossy_quality, filename=filename)
        headers = {"Accept": accept} if accept else None
        return Content(self._connection, "GET", self._path("file"), params=params, headers=headers)

    async def tags(
        self,
        *,
        simplify: bool = False,
        short: bool = False,
        ignore_length: Sequence[Tag] = (),
        whole: bool = False,
    ) -> dict[Tag, Any]:
        """All its tags, but for long values. Operation: `GET /instances/{id}/tags`.

        Args:
            simplify: Tags by name.
            short: Tags by number.
            ignore_length: Tags to give however long their value is.
            whole: Read behind the pixels too (since 1.12.4).
        """
        return await self._tags("tags", simplify=simplify, short=short, ignore_length=ignore_length, whole=whole)

    async def simplified_tags(self, *, ignore_length: Sequence[Tag] = (), whole: bool = False) -> dict[Tag, Any]:
        """All its tags by name. Operation: `GET /instances/{id}/simplified-tags`.

        Args:
            ignore_length: Tags to give however long their value is.
            whole: Read behind the pixels too (since 1.12.4).
        """
        return await self._tags("simplified-tags", ignore_length=ignore_length, whole=whole)

    async def header(self, *, simplify: bool = False, short: bool = False) -> dict[Tag, Any]:
        """The tags of its meta-header (group 0002). Operation: `GET /instances/{id}/header`.

        Args:
            simplify: Tags by name.
            short: Tags by number.
        """
        return await self._tags("header", simplify=simplify, short=short)

    def content(self, *path: str | int) -> Content:
        """The raw bytes of one tag, or JSON with the tags or items below.

        Operation: `GET /instances/{id}/content/{path}`.

        Args:
            path: A tag by number (`"0010-0010"`), and within sequences the index of an item, counted from 0, and the
                next tag; nothing for the list of all tags.
        """
        return Content(self._connection, "GET", self._path("content", *map(str, path)))

    def pdf(self) -> Content:
        """The PDF that it holds. Operation: `GET /instances/{id}/pdf`.

        Raises:
            NotFoundError: It holds none.
        """
        return Content(self._connection, "GET", self._path("pdf"))

    async def export(self, path: str) -> None:
        """Let the server write the file into its own file system. Operation: `POST /instances/{id}/export`.

        Args:
            path: A path on the server.

        Raises:
            ForbiddenError: The server does not allow it (`RestApiWriteToFileSystemEnabled`; since 1.12.0).
        """
        await self._connection.request("POST", self._path("export"), content=path.encode())

    def anonymize(self, **options: Unpack[AnonymizeOptions]) -> Content:
        """An anonymized copy of the file, which the server does not keep. Operation: `POST /instances/{id}/anonymize`.

        Args:
            options: See `AnonymizeOptions`.
        """
        return Content(self._connection, "POST", self._path("anonymize"), body=body(options, AnonymizeOptions))

    def modify(self, **options: Unpack[ModifyOptions]) -> Content:
        """A copy of the file with other tags, which the server does not keep. Operation: `POST /instances/{id}/modify`.

        Args:
            options: See `ModifyOptions`.
        """
        return Content(self._connection, "POST", self._path("modify"), body=body(options, ModifyOptions))


class Instances(Level[Instance]):
    """All instances."""

    name = "Instance"
    resource = Instance

    async def upload(self, source: Source, *, progress: Callable[[int], None] | None = None) -> list[UploadedInstance]:
        """Store a DICOM file, or all those in a ZIP archive. Operation: `POST /instances`.

        Args:
            source: The bytes, a path or an open file; a large one is sent as it is read.
            progress: Called with the size of each piece that was sent.

        Returns:
            One for a DICOM file; for an archive, one for each file in it that is DICOM.

        Raises:
            BadRequestError: It is neither, or the server refuses it.
            OSError: The file cannot be read.
        """
        return await upload(self._connection, source, progress)

    async def upload_many(
        self,
        sources: Iterable[Source] | Source,
        *,
        workers: int = 4,
        progress: Callable[[UploadProgress], None] | None = None,
    ) -> UploadReport:
        """Store many files, several at a time: each goes on its own, so one that is refused stops no other.

        Operation: `POST /instances`.

        Args:
            sources: Files and folders, which are searched for files, at any depth; bytes and open files.
            workers: How many are sent at once.
            progress: Called after each file.

        Returns:
            What was stored and what was not. Ask for `check()` to have an error raised for the latter.

        Raises:
            ConnectionFailedError: The server does not answer any more.
            OSError: A file or folder that was named does not exist.
        """
        return await upload_many(self._connection, sources, workers, progress)
