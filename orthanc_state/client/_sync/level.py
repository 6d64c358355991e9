# Generated from ../_async by tools/make_sync.py: change it there.
"""What patients, studies, series and instances have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, Unpack

from orthanc_state.client._sync.attachments import Attachments
from orthanc_state.client._sync.changing import Changing
from orthanc_state.client._sync.find import Search
from orthanc_state.client._sync.labels import Labels
from orthanc_state.client._sync.metadata import Metadata
from orthanc_state.client._sync.resource import Resource
from orthanc_state.client.answer import mapping, mappings, strings
from orthanc_state.client.answers import ResourceDetails, ResourceStatistics
from orthanc_state.client.concurrency import Workers
from orthanc_state.client.options import Criteria, ReconstructOptions
from orthanc_state.client.parameters import body, query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from orthanc_state.client._sync.connection import Connection
    from orthanc_state.client.answers import (
        ContentItem,
        LevelName,
        OrthancId,
        Tag,
    )

WORKERS = 4
"""How many requests of one call are under way at once."""


EVERYTHING = 2**31 - 1
"""A limit that is none."""


class LevelResource(Resource):
    """One patient, study, series or instance, by Orthanc's identifier. It need not exist: nothing is asked for."""

    segment: str

    @property
    def id(self) -> OrthancId:
        """Orthanc's identifier."""
        return self._segments[-1]

    @property
    def labels(self) -> Labels:
        """`/{level}/{id}/labels`"""
        return Labels(self._connection, *self._segments, "labels")

    @property
    def metadata(self) -> Metadata:
        """`/{level}/{id}/metadata`"""
        return Metadata(self._connection, *self._segments, "metadata")

    @property
    def attachments(self) -> Attachments:
        """`/{level}/{id}/attachments`"""
        return Attachments(self._connection, *self._segments, "attachments")

    def details(
        self, *, full: bool = False, short: bool = False, requested_tags: Sequence[Tag] = ()
    ) -> ResourceDetails:
        """What the index knows of it. Operation: `GET /{level}/{id}`.

        Args:
            full: Tags by number, each with its name, type and value.
            short: Tags by number.
            requested_tags: Further tags, given in `RequestedTags` (since 1.11.0); slow where the index has them not.

        Raises:
            NotFoundError: There is none.
        """
        params = query(full=full, short=short, requested_tags=requested_tags)
        return mapping(ResourceDetails, self._path(), self._connection.json("GET", self._path(), params=params))

    def delete(self) -> None:
        """Delete it with all that belongs to it. Operation: `DELETE /{level}/{id}`.

        Raises:
            NotFoundError: There is none.
        """
        self._connection.request("DELETE", self._path(), patient=True)

    def module(
        self, *, simplify: bool = False, short: bool = False, ignore_length: Sequence[Tag] = ()
    ) -> dict[Tag, Any]:
        """The tags of its DICOM module, read from a file. Operation: `GET /{level}/{id}/module`.

        Args:
            simplify: Tags by name.
            short: Tags by number.
            ignore_length: Tags to give however long their value is.
        """
        return self._tags("module", simplify=simplify, short=short, ignore_length=ignore_length)

    def statistics(self) -> ResourceStatistics:
        """How much it holds. Operation: `GET /{level}/{id}/statistics`."""
        path = self._path("statistics")
        return mapping(ResourceStatistics, path, self._connection.json("GET", path))

    def reconstruct(self, **options: Unpack[ReconstructOptions]) -> None:
        """Build its index anew from its files. Operation: `POST /{level}/{id}/reconstruct`.

        Args:
            options: See `ReconstructOptions`.
        """
        path = self._path("reconstruct")
        self._connection.request("POST", path, body=body(options, ReconstructOptions), patient=True)

    def _tags(self, what: str, *, ignore_length: Sequence[Tag] = (), **options: Any) -> dict[str, Any]:
        path = self._path(what)
        # A comma separates the tags, so it cannot be within one.
        options["ignore_length"] = [tag.replace(",", "-") for tag in ignore_length]
        tags: dict[str, Any] = mapping(dict, path, self._connection.json("GET", path, params=query(",", **options)))
        return tags


class Parent(Resource):
    """The patient, study or series above."""

    def details(
        self, *, full: bool = False, short: bool = False, requested_tags: Sequence[Tag] = ()
    ) -> ResourceDetails:
        """What the index knows of it. Operation: `GET /{level}/{id}/{parent}`.

        Args:
            full: Tags by number, each with its name, type and value.
            short: Tags by number.
            requested_tags: Further tags, given in `RequestedTags` (since 1.11.0).
        """
        params = query(full=full, short=short, requested_tags=requested_tags)
        return mapping(ResourceDetails, self._path(), self._connection.json("GET", self._path(), params=params))


class Children(Resource):
    """The studies, series or instances below."""

    def ids(self) -> list[OrthancId]:
        """Their identifiers. Operation: `GET /{level}/{id}/{children}`."""
        answer = self._connection.json("GET", self._path(), params={"expand": "false"})
        # Before 1.12.2 there was nothing but the details.
        if isinstance(answer, list):
            answer = [item.get("ID") if isinstance(item, dict) else item for item in answer]
        return strings(self._path(), answer)

    def details(
        self, *, full: bool = False, short: bool = False, requested_tags: Sequence[Tag] = ()
    ) -> list[ResourceDetails]:
        """What the index knows of them, in one request. Operation: `GET /{level}/{id}/{children}`.

        Args:
            full: Tags by number, each with its name, type and value.
            short: Tags by number.
            requested_tags: Further tags, given in `RequestedTags` (since 1.11.0).
        """
        params = query(expand=True, full=full, short=short, requested_tags=requested_tags)
        found: list[ResourceDetails] = mappings(
            ResourceDetails, self._path(), self._connection.json("GET", self._path(), params=params)
        )
        return found


class ParentResource(LevelResource, Changing):
    """One patient, study or series: what has instances."""

    @property
    def instances(self) -> Children:
        """`/{level}/{id}/instances`"""
        return Children(self._connection, *self._segments, "instances")

    def instances_tags(
        self, *, simplify: bool = False, short: bool = False, ignore_length: Sequence[Tag] = ()
    ) -> dict[OrthancId, dict[Tag, Any]]:
        """The tags of each instance. Operation: `GET /{level}/{id}/instances-tags`.

        Args:
            simplify: Tags by name.
            short: Tags by number.
            ignore_length: Tags to give however long their value is.
        """
        return self._tags("instances-tags", simplify=simplify, short=short, ignore_length=ignore_length)

    def shared_tags(self, *, simplify: bool = False, short: bool = False) -> dict[Tag, Any]:
        """The tags that have the same value in all instances. Operation: `GET /{level}/{id}/shared-tags`.

        Args:
            simplify: Tags by name.
            short: Tags by number.
        """
        return self._tags("shared-tags", simplify=simplify, short=short)


R = TypeVar("R", bound=LevelResource)


class Level(Resource, Generic[R]):
    """All patients, studies, series or instances of a server, by Orthanc's identifier."""

    name: LevelName
    resource: type[R]

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, self.resource.segment)

    def __getitem__(self, identifier: OrthancId) -> R:
        return self.resource(self._connection, *self._segments, identifier)

    def ids(self, *, since: int | None = None, limit: int | None = None) -> list[OrthancId]:
        """The identifiers of all, or of a part. Operation: `GET /{level}`.

        Args:
            since: How many to skip.
            limit: How many to give.
        """
        if limit == 0:
            return []
        return strings(self._path(), self._connection.json("GET", self._path(), params=_part(since, limit)))

    def all(
        self,
        *,
        since: int | None = None,
        limit: int | None = None,
        content: Sequence[ContentItem] | None = None,
        full: bool = False,
        short: bool = False,
        requested_tags: Sequence[Tag] = (),
    ) -> list[ResourceDetails]:
        """The details of all, or of a part, in one request; `find` is for many. Operation: `GET /{level}`.

        Args:
            since: How many to skip.
            limit: How many to give.
            content: What is wanted of each (since 1.12.5); `()` for no more than identifiers, the server's choice
                where it is left out.
            full: Tags by number, each with its name, type and value.
            short: Tags by number.
            requested_tags: Further tags, given in `RequestedTags` (since 1.11.0).
        """
        if limit == 0:
            return []
        params = _part(since, limit) | query(expand=True, full=full, short=short, requested_tags=requested_tags)
        if content is not None:
            params["response-content"] = ";".join(content)
        found: list[ResourceDetails] = mappings(
            ResourceDetails, self._path(), self._connection.json("GET", self._path(), params=params)
        )
        return found

    def find(
        self,
        query: Mapping[Tag, str] | None = None,
        *,
        content: Sequence[ContentItem] | None = None,
        requested_tags: Sequence[Tag] = (),
        order_by: Sequence[Mapping[str, str]] = (),
        full: bool = False,
        short: bool = False,
        **criteria: Unpack[Criteria],
    ) -> Iterator[ResourceDetails]:
        """All that match, page by page, none of them lost.

        The server may cut an answer short without a word (`LimitFindResults`). So it is asked how many there are, pages
        are asked for until they are all there, and a page that has moved meanwhile makes it begin again. What comes
        newly while it is under way may or may not be among them.

        Operation: `POST /tools/find`, `POST /tools/count-resources`, `GET /system`, `GET /statistics`.

        Args:
            query: Tags with the values that they must have, with wildcards, ranges and lists as in C-FIND
                (DICOM PS3.4 C.2.2.2); none for all.
            content: What is wanted of each (since 1.12.5); what is not asked for costs nothing. `()` for no more
                than identifiers, None for the server's choice.
            requested_tags: Further tags, given in `RequestedTags` (since 1.11.0).
            order_by: As `{"Type": "DicomTag", "Key": "StudyDate", "Direction": "DESC"}` (since 1.12.5).
            full: Tags by number, each with its name, type and value.
            short: Tags by number.
            criteria: See `Criteria`.

        Raises:
            BadRequestError: A tag or a value is refused.
            TruncatedError: The server has more than can be had from it.
            UnsupportedError: The server is too old for what is asked, and would answer wrongly.
        """
        return Search(self._connection, self.name, query or {}, criteria).results(
            content=content, requested_tags=requested_tags, order_by=order_by, full=full, short=short
        )

    def find_ids(self, query: Mapping[Tag, str] | None = None, **criteria: Unpack[Criteria]) -> list[OrthancId]:
        """The identifiers of all that match, as `find`.

        Operation: `POST /tools/find`, `POST /tools/count-resources`, `GET /system`, `GET /statistics`.

        Args:
            query: Tags with the values that they must have, as for `find`.
            criteria: See `Criteria`.

        Raises: As `find`.
        """
        search = Search(self._connection, self.name, query or {}, criteria)
        return [found["ID"] for found in search.results(content=())]

    def among(
        self, ids: Iterable[OrthancId], query: Mapping[Tag, str] | None = None, **criteria: Unpack[Criteria]
    ) -> set[OrthancId]:
        """Those of some resources that match. Where all of them do, one question tells.

        Operation: `POST /tools/find`, `POST /tools/count-resources`, `GET /system`, `GET /statistics`.

        Args:
            ids: Orthanc's identifiers.
            query: Tags with the values that they must have, as for `find`.
            criteria: See `Criteria`.

        Raises: As `find`.
        """
        return Search(self._connection, self.name, query or {}, criteria).among(frozenset(ids))

    def count(self, query: Mapping[Tag, str] | None = None, **criteria: Unpack[Criteria]) -> int:
        """How many match. Operation: `POST /tools/count-resources`; since 1.12.5.

        Args:
            query: Tags with the values that they must have, as for `find`.
            criteria: See `Criteria`; `case_sensitive` cannot be counted.

        Raises:
            BadRequestError: The query names tags that the index has not, which cannot be counted.
            NotFoundError: The server is too old.
        """
        return Search(self._connection, self.name, query or {}, criteria).count()

    def change_labels(
        self,
        ids: Iterable[OrthancId],
        *,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        workers: int = WORKERS,
        progress: Callable[[OrthancId], None] | None = None,
    ) -> None:
        """Change the labels of many, several at a time.

        The first failure stops it; what was done by then stays, and doing it again does no harm.

        Operation: `PUT /{level}/{id}/labels/{label}`, `DELETE /{level}/{id}/labels/{label}`; since 1.12.0.

        Args:
            ids: Orthanc's identifiers.
            add: Labels to give.
            remove: Labels to take away.
            workers: How many are changed at once.
            progress: Called with the identifier of each that is done.

        Raises:
            BadRequestError: A label has other characters, or too many.
            NotFoundError: One does not exist.
        """

        def change(identifier: OrthancId) -> None:
            labels = self[identifier].labels
            labels.add(*add)
            labels.remove(*remove)
            if progress is not None:
                progress(identifier)

        Workers(workers).run(change, ids)


def _part(since: int | None, limit: int | None) -> dict[str, str]:
    if since is None and limit is None:
        return {}
    # A limit of 0 is never sent: it is "nothing" before 1.12.5 and "all" since.
    return query(since=since or 0, limit=EVERYTHING if limit is None else limit)
