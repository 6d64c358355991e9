# Generated from ../_async by tools/make_sync.py: change it there.
"""The files that are attached to one patient, study, series or instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.client._sync.content import Content
from orthanc_state.client._sync.resource import Resource
from orthanc_state.client.answer import integer, mapping, strings, switched, text
from orthanc_state.client.answers import AttachmentInformation
from orthanc_state.client.parameters import query
from orthanc_state.client.revision import Revised, if_match, if_none_match
from orthanc_state.client.source import Body

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthanc_state.client.source import Source


class Attachment(Resource):
    """One attachment, by its name: `dicom`, one of `UserContentType`, or a number from 1024 to 65535."""

    def operations(self) -> list[str]:
        """What can be done with it. Operation: `GET /{level}/{id}/attachments/{name}`."""
        return strings(self._path(), self._connection.json("GET", self._path()))

    def revision(self) -> str | None:
        """Its revision (since 1.9.2). Operation: `GET /{level}/{id}/attachments/{name}`."""
        return (self._connection.answer("GET", self._path())).revision

    def read(self, *, unless: str | None = None) -> Revised[bytes] | None:
        """All its bytes with its revision.

        Operation: `GET /{level}/{id}/attachments/{name}/data`; revisions since 1.9.2.

        Args:
            unless: A revision; where it is still the current one, the answer is None.
        """
        answer = self._connection.answer("GET", self._path("data"), headers=if_none_match(unless))
        return None if answer.status == 304 else Revised(answer.content, answer.revision)

    def data(
        self,
        *,
        compressed: bool = False,
        start: int | None = None,
        end: int | None = None,
        filename: str | None = None,
    ) -> Content:
        """Its bytes, or a part of them.

        Operation: `GET /{level}/{id}/attachments/{name}/data`, `GET /{level}/{id}/attachments/{name}/compressed-data`.

        Args:
            compressed: As they are on the server's disk.
            start: The first byte of a range, from 0 (since 1.12.5).
            end: The last byte of the range, included; to the end where it is left out.
            filename: The name that the server gives in `Content-Disposition` (since 1.12.7).

        Raises:
            ApiError: 416: the range reaches beyond the end.
            UnexpectedAnswerError: The server is too old for ranges.
        """
        headers = None
        if start is not None or end is not None:
            headers = {"Range": f"bytes={start or 0}-{'' if end is None else end}"}
        path = self._path("compressed-data" if compressed else "data")
        return Content(self._connection, "GET", path, params=query(filename=filename), headers=headers)

    def size(self, *, compressed: bool = False) -> int:
        """Its size in bytes, or that on the server's disk.

        Operation: `GET /{level}/{id}/attachments/{name}/size`, `GET /{level}/{id}/attachments/{name}/compressed-size`.

        Args:
            compressed: The size on the server's disk.
        """
        path = self._path("compressed-size" if compressed else "size")
        return integer(path, self._connection.request("GET", path))

    def md5(self, *, compressed: bool = False) -> str:
        """The MD5 of its bytes, or of those on the server's disk.

        Operation: `GET /{level}/{id}/attachments/{name}/md5`, `GET /{level}/{id}/attachments/{name}/compressed-md5`.

        Args:
            compressed: That of the bytes on the server's disk.
        """
        path = self._path("compressed-md5" if compressed else "md5")
        return text(path, self._connection.request("GET", path))

    def is_compressed(self) -> bool:
        """Whether the server keeps it compressed. Operation: `GET /{level}/{id}/attachments/{name}/is-compressed`."""
        path = self._path("is-compressed")
        return switched(path, self._connection.request("GET", path))

    def information(self) -> AttachmentInformation:
        """Sizes, sums and identifier. Operation: `GET /{level}/{id}/attachments/{name}/info`; since 1.10.0."""
        path = self._path("info")
        return mapping(AttachmentInformation, path, self._connection.json("GET", path))

    def put(
        self, source: Source, *, revision: str | None = None, progress: Callable[[int], None] | None = None
    ) -> str | None:
        """Attach a file, or replace it.

        Operation: `PUT /{level}/{id}/attachments/{name}`.

        Args:
            source: The bytes, a path or an open file.
            revision: The revision that is replaced (`If-Match`). A server with `CheckRevisions` wants it for
                every attachment that is there already.
            progress: Called with the size of each piece that was sent.

        Returns:
            The new revision, where the server tells it (since 1.9.2). SQLite keeps it since 1.12.8; before, the
            next write needs the one that `read` gives.

        Raises:
            ConflictError: Somebody else has changed it since that revision.
            ForbiddenError: It is one of Orthanc's own.
            NotFoundError: There is no such resource, or the name is not known.
        """
        body = Body(source, progress)
        headers = {**body.headers, **(if_match(revision) or {})}
        answer = self._connection.answer("PUT", self._path(), content=body.content, headers=headers, patient=True)
        return answer.revision

    def delete(self, *, revision: str | None = None) -> None:
        """Remove it.

        Operation: `DELETE /{level}/{id}/attachments/{name}`.

        Args:
            revision: The revision that is removed (`If-Match`), as for `put`.

        Raises:
            ConflictError: Somebody else has changed it since that revision.
            ForbiddenError: It is one of Orthanc's own.
            NotFoundError: It is not there.
        """
        self._connection.request("DELETE", self._path(), headers=if_match(revision))

    def compress(self) -> None:
        """Compress it on the server's disk. Operation: `POST /{level}/{id}/attachments/{name}/compress`."""
        self._connection.request("POST", self._path("compress"), patient=True)

    def uncompress(self) -> None:
        """Keep it uncompressed on the server's disk. Operation: `POST /{level}/{id}/attachments/{name}/uncompress`."""
        self._connection.request("POST", self._path("uncompress"), patient=True)

    def verify_md5(self) -> None:
        """Let the server read it and compare its MD5 with that in the index.

        Operation: `POST /{level}/{id}/attachments/{name}/verify-md5`.

        Raises:
            ApiError: They differ, or the file cannot be read. All but 1.12.7 take it from their memory instead, where
                they have it (`MaximumStorageCacheSize`).
        """
        self._connection.request("POST", self._path("verify-md5"), patient=True)


class Attachments(Resource):
    """All attachments of a resource, by name."""

    def __getitem__(self, name: str) -> Attachment:
        return Attachment(self._connection, *self._segments, name)

    def names(self) -> list[str]:
        """Their names. Operation: `GET /{level}/{id}/attachments`."""
        return strings(self._path(), self._connection.json("GET", self._path()))

    def numbers(self) -> dict[str, int]:
        """Each name with its number. Operation: `GET /{level}/{id}/attachments?full`; since 1.10.0."""
        return mapping(dict, self._path(), self._connection.json("GET", self._path(), params={"full": ""}))
