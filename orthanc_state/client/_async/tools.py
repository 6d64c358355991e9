"""What stands below `/tools`: settings of the running server, and what belongs to no resource."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, Unpack

from orthanc_state.client._async.content import Content
from orthanc_state.client._async.jobs import run, submit
from orthanc_state.client._async.resource import Resource
from orthanc_state.client._async.settings import SwitchSetting, TextSetting
from orthanc_state.client.answer import mapping, mappings, moment, parsed, strings, text, unexpected
from orthanc_state.client.answers import CreatedInstance, LookedUp, ResourceDetails
from orthanc_state.client.options import (
    AnonymizeJobOptions,
    ArchiveJobOptions,
    ArchiveOptions,
    BulkModifyOptions,
    CreateDicomOptions,
    DicomEchoOptions,
)
from orthanc_state.client.parameters import body, checked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from orthanc_state.client._async.jobs import Job
    from orthanc_state.client.answers import LevelName, OrthancId, Tag


LONGEST_LIST = 4000
"""Characters of identifiers that still fit into a URL."""

LEVELS = ("default", "verbose", "trace")
"""The levels of the log."""


class AcceptedTransferSyntaxes(Resource):
    """The transfer syntaxes that the C-STORE SCP accepts."""

    async def get(self) -> list[str]:
        """Their UIDs. Operation: `GET /tools/accepted-transfer-syntaxes`; since 1.9.0."""
        return strings(self._path(), await self._connection.json("GET", self._path()))

    async def set(self, uids: Sequence[str]) -> list[str]:
        """Accept these and no others, until the next restart.

        Operation: `PUT /tools/accepted-transfer-syntaxes`; since 1.9.0.

        Args:
            uids: UIDs, or patterns with `*` and `?`. What the server does not know it drops without a word.

        Returns:
            The UIDs that are accepted now.
        """
        return strings(self._path(), await self._connection.json("PUT", self._path(), body=list(uids)))


class LogLevel(Resource):
    """How much the server logs: `default`, `verbose` or `trace`, as a whole or by category."""

    async def get(self, *, category: str | None = None) -> str:
        """The level of one category (since 1.8.1), or the highest of all.

        Operation: `GET /tools/log-level`, `GET /tools/log-level-{category}`.

        Args:
            category: `dicom`, `generic`, `http`, `jobs`, `lua`, `plugins` or `sqlite`.
        """
        setting = self._setting(category)
        level = await setting.get()
        if level not in LEVELS:
            raise unexpected("GET", setting._path(), f"one of {', '.join(LEVELS)}")
        return level

    async def set(self, level: str, *, category: str | None = None) -> None:
        """Set one category, or every category at once, until the next restart.

        Operation: `PUT /tools/log-level`, `PUT /tools/log-level-{category}`.

        Args:
            level: `default`, `verbose` or `trace`.
            category: The category, as for `get` (since 1.8.1); all where it is left out.

        Raises:
            BadRequestError: There is no such level.
            NotFoundError: There is no such category.
        """
        await self._setting(category).set(level)

    def _setting(self, category: str | None) -> TextSetting:
        return TextSetting(self._connection, "tools", f"log-level-{category}" if category else "log-level")


class Tools(Resource):
    """The settings of the running server, none of which survives its restart, and what belongs to no resource."""

    async def operations(self) -> list[str]:
        """What can be done here. Operation: `GET /tools`."""
        return strings(self._path(), await self._connection.json("GET", self._path()))

    @property
    def accepted_transfer_syntaxes(self) -> AcceptedTransferSyntaxes:
        """`/tools/accepted-transfer-syntaxes`"""
        return AcceptedTransferSyntaxes(self._connection, "tools", "accepted-transfer-syntaxes")

    @property
    def unknown_sop_class_accepted(self) -> SwitchSetting:
        """`/tools/unknown-sop-class-accepted`: whether C-STORE accepts SOP classes that Orthanc does not know."""
        return SwitchSetting(self._connection, "tools", "unknown-sop-class-accepted")

    @property
    def default_encoding(self) -> TextSetting:
        """`/tools/default-encoding`: the encoding of DICOM files that do not name theirs (0008,0005)."""
        return TextSetting(self._connection, "tools", "default-encoding")

    @property
    def log_level(self) -> LogLevel:
        """`/tools/log-level` and `/tools/log-level-{category}`"""
        return LogLevel(self._connection, "tools", "log-level")

    @property
    def metrics(self) -> SwitchSetting:
        """`/tools/metrics`: whether the server collects metrics."""
        return SwitchSetting(self._connection, "tools", "metrics")

    async def accepted_sop_classes(self) -> list[str]:
        """The UIDs of the SOP classes that the C-STORE SCP accepts.

        Operation: `GET /tools/accepted-sop-classes`; since 1.12.6.

        Raises:
            NotFoundError: The server is too old.
        """
        path = self._path("accepted-sop-classes")
        return strings(path, await self._connection.json("GET", path))

    async def metrics_prometheus(self) -> str:
        """The metrics in the text format of Prometheus. Operation: `GET /tools/metrics-prometheus`; since 1.5.4."""
        return await self._text("metrics-prometheus")

    async def dicom_conformance(self) -> str:
        """The DICOM conformance statement. Operation: `GET /tools/dicom-conformance`."""
        return await self._text("dicom-conformance")

    async def now(self) -> datetime:
        """The server's clock in UTC, to the second. Operation: `GET /tools/now`."""
        return moment(self._path("now"), await self._text("now")).replace(tzinfo=UTC)

    async def now_local(self) -> datetime:
        """The server's clock in its own time zone, to the second, without a zone.

        Operation: `GET /tools/now-local`; since 0.9.5.
        """
        return moment(self._path("now-local"), await self._text("now-local"))

    async def labels(self) -> list[str]:
        """All labels that any resource has. Operation: `GET /tools/labels`; since 1.12.0."""
        path = self._path("labels")
        return strings(path, await self._connection.json("GET", path))

    async def generate_uid(self, level: LevelName) -> str:
        """A new DICOM identifier. Operation: `GET /tools/generate-uid`.

        Args:
            level: What it is for.
        """
        return await self._text("generate-uid", level=level.lower())

    async def lookup(self, identifier: str) -> list[LookedUp]:
        """The resources that have a DICOM identifier: a PatientID, a UID or an AccessionNumber, as it is stored.

        Operation: `POST /tools/lookup`.

        Args:
            identifier: The DICOM identifier.
        """
        path = self._path("lookup")
        answer = await self._connection.request("POST", path, content=identifier.encode())
        found: list[LookedUp] = mappings(LookedUp, path, parsed("POST", path, answer), "POST")
        return found

    async def bulk_content(
        self,
        resources: Sequence[OrthancId],
        *,
        level: LevelName | None = None,
        metadata: bool = True,
        full: bool = False,
        short: bool = False,
    ) -> list[ResourceDetails]:
        """The details of many resources, in one request; what does not exist is left out.

        Operation: `POST /tools/bulk-content`; since 1.9.4.

        Args:
            resources: Orthanc's identifiers, of any level.
            level: What is described instead of them: what is above or below them.
            metadata: Whether their metadata are given too.
            full: Tags by number, each with its name, type and value.
            short: Tags by number.
        """
        path = self._path("bulk-content")
        question = {"Resources": list(resources), "Metadata": metadata, "Full": full, "Short": short}
        if level is not None:
            question["Level"] = level
        found: list[ResourceDetails] = mappings(
            ResourceDetails, path, await self._connection.json("POST", path, body=question, patient=True), "POST"
        )
        return found

    async def bulk_delete(self, resources: Sequence[OrthancId]) -> None:
        """Delete many resources of any level; one that does not exist does no harm.

        Operation: `POST /tools/bulk-delete`; since 1.9.4.

        Args:
            resources: Orthanc's identifiers.
        """
        await self._connection.request(
            "POST", self._path("bulk-delete"), body={"Resources": list(resources)}, patient=True
        )

    async def bulk_anonymize(
        self, resources: Sequence[OrthancId], **options: Unpack[AnonymizeJobOptions]
    ) -> dict[str, Any]:
        """Make anonymized copies of many resources. Operation: `POST /tools/bulk-anonymize`; since 1.9.4.

        Args:
            resources: Orthanc's identifiers, of any level.
            options: See `AnonymizeJobOptions`.

        Returns:
            The results of the job; `Resources` are the new ones.
        """
        return await run(self._connection, self._path("bulk-anonymize"), _of(resources, options, AnonymizeJobOptions))

    async def submit_bulk_anonymize(
        self, resources: Sequence[OrthancId], **options: Unpack[AnonymizeJobOptions]
    ) -> Job:
        """As `bulk_anonymize`, as a job. Operation: `POST /tools/bulk-anonymize`; since 1.9.4."""
        return await submit(
            self._connection, self._path("bulk-anonymize"), _of(resources, options, AnonymizeJobOptions)
        )

    async def bulk_modify(self, resources: Sequence[OrthancId], **options: Unpack[BulkModifyOptions]) -> dict[str, Any]:
        """Make copies of many resources with other tags. Operation: `POST /tools/bulk-modify`; since 1.9.4.

        Args:
            resources: Orthanc's identifiers, of any level.
            options: See `BulkModifyOptions`.

        Returns:
            The results of the job; `Resources` are the new ones.
        """
        return await run(self._connection, self._path("bulk-modify"), _of(resources, options, BulkModifyOptions))

    async def submit_bulk_modify(self, resources: Sequence[OrthancId], **options: Unpack[BulkModifyOptions]) -> Job:
        """As `bulk_modify`, as a job. Operation: `POST /tools/bulk-modify`; since 1.9.4."""
        return await submit(self._connection, self._path("bulk-modify"), _of(resources, options, BulkModifyOptions))

    def create_archive(self, resources: Sequence[OrthancId], **options: Unpack[ArchiveOptions]) -> Content:
        """The files of many resources as one ZIP archive.

        A client that only reads (`read_only`) asks for it by GET, which takes a short list only.

        Operation: `GET /tools/create-archive` (since 1.12.2), `POST /tools/create-archive`.

        Args:
            resources: Orthanc's identifiers, of any level.
            options: See `ArchiveOptions`.
        """
        return self._archive("create-archive", resources, options)

    async def submit_create_archive(self, resources: Sequence[OrthancId], **options: Unpack[ArchiveJobOptions]) -> Job:
        """As `create_archive`, as a job, of which `output()` gives the archive.

        Operation: `POST /tools/create-archive`.

        Args:
            options: See `ArchiveJobOptions`.
        """
        return await submit(self._connection, self._path("create-archive"), _of(resources, options, ArchiveJobOptions))

    def create_media(
        self, resources: Sequence[OrthancId], *, extended: bool = False, **options: Unpack[ArchiveOptions]
    ) -> Content:
        """The files of many resources as one ZIP archive with a DICOMDIR (DICOM PS3.10).

        Operation: `GET /tools/create-media`, `GET /tools/create-media-extended` (since 1.12.2),
        `POST /tools/create-media`, `POST /tools/create-media-extended`.

        Args:
            resources: Orthanc's identifiers, of any level.
            extended: Whether the DICOMDIR names tags of type 3, such as the series' description, too.
            options: See `ArchiveOptions`.
        """
        return self._archive("create-media-extended" if extended else "create-media", resources, options)

    async def submit_create_media(
        self, resources: Sequence[OrthancId], *, extended: bool = False, **options: Unpack[ArchiveJobOptions]
    ) -> Job:
        """As `create_media`, as a job, of which `output()` gives the archive.

        Operation: `POST /tools/create-media`, `POST /tools/create-media-extended`.

        Args:
            options: See `ArchiveJobOptions`.
        """
        path = self._path("create-media-extended" if extended else "create-media")
        return await submit(self._connection, path, _of(resources, options, ArchiveJobOptions))

    async def create_dicom(self, tags: Mapping[Tag, Any], **options: Unpack[CreateDicomOptions]) -> CreatedInstance:
        """Make an instance of tags and an image, a PDF or a 3D model, and store it.

        Operation: `POST /tools/create-dicom`.

        Args:
            tags: Its tags.
            options: See `CreateDicomOptions`.

        Raises:
            BadRequestError: A tag or the content is refused; `details` says why.
        """
        path = self._path("create-dicom")
        question = {**body(options, CreateDicomOptions), "Tags": dict(tags)}
        return mapping(
            CreatedInstance, path, await self._connection.json("POST", path, body=question, patient=True), "POST"
        )

    async def dicom_echo(self, aet: str, host: str, port: int, **options: Unpack[DicomEchoOptions]) -> None:
        """See whether a modality answers that is not registered (C-ECHO).

        Operation: `POST /tools/dicom-echo`; since 1.8.1.

        Args:
            aet: Its AE title.
            host: Its host.
            port: Its port.
            options: See `DicomEchoOptions`.

        Raises:
            ServerError: It does not, or refuses.
        """
        question = {**body(options, DicomEchoOptions), "AET": aet, "Host": host, "Port": port}
        await self._connection.request("POST", self._path("dicom-echo"), body=question, patient=True)

    async def execute_script(self, script: str, *, patient: bool | float = True) -> str:
        """Run a Lua script on the server, and give what it prints, which also lands in the server's log.

        Operation: `POST /tools/execute-script`.

        Args:
            script: The text of the script.
            patient: Whether it is waited for as long as for any work of the server, and not as for a question; or for
                how many seconds.

        Raises:
            ForbiddenError: The server does not allow it (`ExecuteLuaEnabled`; since 1.5.8).
        """
        path = self._path("execute-script")
        return text(path, await self._connection.request("POST", path, content=script.encode(), patient=patient))

    async def invalidate_tags(self) -> None:
        """Forget the summaries of tags that it has made, to make them anew.

        Operation: `POST /tools/invalidate-tags`.
        """
        await self._connection.request("POST", self._path("invalidate-tags"), patient=True)

    async def reconstruct(self, *, reconstruct_files: bool = False) -> None:
        """Build the whole index anew from the files; slow. Operation: `POST /tools/reconstruct`.

        Args:
            reconstruct_files: Write the files anew too (since 1.11.0).
        """
        await self._connection.request(
            "POST", self._path("reconstruct"), body={"ReconstructFiles": reconstruct_files}, patient=True
        )

    async def reset(self) -> None:
        """Restart Orthanc: it answers again after a moment, with the settings of its files.

        Operation: `POST /tools/reset`.
        """
        await self._connection.request("POST", self._path("reset"))

    async def shutdown(self) -> None:
        """End Orthanc. Operation: `POST /tools/shutdown`."""
        await self._connection.request("POST", self._path("shutdown"))

    async def _text(self, name: str, **params: str) -> str:
        path = self._path(name)
        return text(path, await self._connection.request("GET", path, params=params or None))

    def _archive(self, name: str, resources: Sequence[OrthancId], options: ArchiveOptions) -> Content:
        path = self._path(name)
        params = {"resources": ",".join(resources), **checked(options, ArchiveOptions)}
        # Before 1.12.2 there is only the POST; a client that only reads has no other way than the GET.
        if self._connection.read_only and len(params["resources"]) <= LONGEST_LIST:
            return Content(self._connection, "GET", path, params=params)
        question = {**_of(resources, options, ArchiveOptions), "Synchronous": True}
        return Content(self._connection, "POST", path, body=question)


def _of(resources: Sequence[OrthancId], options: Any, allowed: type) -> dict[str, Any]:
    return {**body(options, allowed), "Resources": list(resources)}
