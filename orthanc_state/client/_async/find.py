"""Searching among what is stored, so that no result is lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.client.answer import mappings, strings, unexpected
from orthanc_state.client.answers import ResourceDetails
from orthanc_state.client.errors import BadRequestError, TruncatedError, UnsupportedError
from orthanc_state.client.options import Criteria
from orthanc_state.client.parameters import check

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from orthanc_state.client._async.connection import Connection
    from orthanc_state.client.answers import ContentItem, LevelName, OrthancId, Tag
    from orthanc_state.client.system import SystemInformation

PAGE = 10_000
"""How many results are asked for at once, with what is known of each: some 10 MB."""

IDENTIFIERS_PAGE = 100_000
"""How many are asked for at once where only identifiers are wanted. For each page the server works out the whole answer
again, which takes longer than to write a part of it down."""

WINDOW = 100
"""How many resources are searched at once for tags that the index has not."""

ATTEMPTS = 3
"""How often it begins again when fewer results came than the server counts."""

UID_TAGS = {
    "Patient": "PatientID",
    "Study": "StudyInstanceUID",
    "Series": "SeriesInstanceUID",
    "Instance": "SOPInstanceUID",
}
"""The tag that identifies a resource of each level."""

_PLURALS = {"Patient": "Patients", "Study": "Studies", "Series": "Series", "Instance": "Instances"}

FIND = "/tools/find"
COUNT = "/tools/count-resources"


class Search:
    """One question to `/tools/find`, and the ways to get all of its answer."""

    def __init__(
        self, connection: Connection, level: LevelName, query: Mapping[Tag, str], criteria: Criteria | None = None
    ) -> None:
        given: Criteria = criteria or {}
        check(given, Criteria)
        self._connection = connection
        self._level = level
        self._query = dict(query)
        self._filter: dict[str, Any] = {}
        if "labels" in given or "labels_constraint" in given:
            self._filter["Labels"] = list(given.get("labels", ()))
            self._filter["LabelsConstraint"] = given.get("labels_constraint", "All")
        if "metadata" in given:
            self._filter["MetadataQuery"] = dict(given["metadata"])
        if "parent" in given:
            self._filter[f"Parent{given['parent'][0]}"] = given["parent"][1]
        self.limit = IDENTIFIERS_PAGE
        """How many the server gives at once at most (`LimitFindResults`), as far as is known."""
        self._case: dict[str, Any] = {}
        if "case_sensitive" in given:
            self._case["CaseSensitive"] = given["case_sensitive"]

    async def count(self) -> int:
        """How many match, as the server counts them; since 1.12.5."""
        answer = await self._connection.json("POST", COUNT, body=self._body())
        count = answer.get("Count") if isinstance(answer, dict) else None
        if not isinstance(count, int):
            raise unexpected("POST", COUNT, "a count")
        return count

    async def results(
        self,
        *,
        content: Sequence[ContentItem] | None = None,
        requested_tags: Sequence[Tag] = (),
        order_by: Sequence[Mapping[str, str]] = (),
        full: bool = False,
        short: bool = False,
    ) -> AsyncIterator[ResourceDetails]:
        """All that match, each once."""
        # Identifiers alone are had without `ResponseContent`, which older servers do not know, and cheaper.
        bare = content is not None and not content and not requested_tags
        options: dict[str, Any] = {"Expand": not bare}
        if content is not None and not bare:
            options["ResponseContent"] = [*content, *(["RequestedTags"] if requested_tags else [])]
        if requested_tags:
            options["RequestedTags"] = list(requested_tags)
        if order_by:
            options["OrderBy"] = [dict(key) for key in order_by]
        options |= {name: True for name, on in {"Full": full, "Short": short}.items() if on}
        system = await self._connection.system()
        if not system.get("Capabilities", {}).get("HasExtendedFind"):
            self._refuse_what_is_ignored(system, options)
            found = self._at_once(options)
        else:
            count = await self._indexed_count()
            if count == 0:
                return
            found = self._by_windows(options) if count is None else self._paged(options, count)
        async for details in found:
            yield details

    async def among(self, ids: AbstractSet[OrthancId]) -> set[OrthancId]:
        """Those of some identifiers that match.

        A page that has all of them tells it, whatever the server left out. Only for another one it matters whether it
        is everything.
        """
        if not ids:
            return set()
        found: set[OrthancId] = set()
        system = await self._connection.system()
        if system.get("Capabilities", {}).get("HasExtendedFind") and not self._case.get("CaseSensitive"):
            page = await self._post({"Expand": False, "Limit": IDENTIFIERS_PAGE})
            found = {details["ID"] for details in page}
            if ids <= found or await self._indexed_count() == len(found):
                return found & ids
        async for details in self.results(content=()):
            found.add(details["ID"])
        return found & ids

    async def _indexed_count(self) -> int | None:
        """How many match; None where the index alone does not know, which is also where `Since` is refused."""
        if self._case.get("CaseSensitive"):
            return None
        try:
            return await self.count()
        except BadRequestError as error:
            if "Unable to count" in error.details:
                return None
            raise

    async def _paged(self, options: Mapping[str, Any], count: int) -> AsyncIterator[ResourceDetails]:
        """Pages until there is no more.

        The order of the results is always the same, but what arrives or is deleted meanwhile moves those behind it.
        So each page begins with a result that was seen already: what is before that was seen as well, and what is
        behind it is in this page or in the next ones. If it does not, a page further to the front is asked for.
        """
        seen: set[OrthancId] = set()
        limit = IDENTIFIERS_PAGE if not options["Expand"] else PAGE
        for _ in range(ATTEMPTS):
            position = 0
            longest = 0
            overlap = 1
            while True:
                since = max(position - overlap, 0)
                page = await self._post({**options, **self._case, "Since": since, "Limit": limit})
                if since and (not page or page[0]["ID"] not in seen):
                    overlap *= 10
                    continue
                if since + len(page) <= position and overlap == 1:
                    # One result at a time (`LimitFindResults: 1`) is no way forward, since one is the overlap.
                    break
                position = since + len(page)
                longest = max(longest, len(page))
                if position < count:
                    self.limit = min(self.limit, len(page))
                for details in page:
                    if details["ID"] not in seen:
                        seen.add(details["ID"])
                        yield details
                # A page that is shorter than another is the last one; so is the first, if it has all that were counted.
                if len(page) < longest or len(page) <= min(1, since) or (since == 0 and len(page) == count):
                    break
                overlap = 1
            # What was counted at first may have been deleted meanwhile.
            if len(seen) >= count or len(seen) >= (count := await self.count()):
                return
        raise TruncatedError(
            f"POST {FIND} gave {len(seen)} results, and the server counts {count}",
            hint="They change too quickly, or the order that was asked for does: try again, or ask for less at once.",
        )

    async def _by_windows(self, options: Mapping[str, Any]) -> AsyncIterator[ResourceDetails]:
        """For tags that the index has not, the server looks into the files of the first `LimitFindResults` resources
        and of no others. So it is asked about a few at a time, by their identifiers."""
        indexed: dict[Tag, str] = {}
        for tag, value in self._query.items():
            if await self._only({tag: value})._indexed_count() is not None:
                indexed[tag] = value
        candidates = self._only(indexed)
        window: list[ResourceDetails] = []
        wanted: dict[str, Any] = {"Expand": True, "ResponseContent": ["MainDicomTags"]}
        async for candidate in candidates._paged(wanted, await candidates.count()):
            window.append(candidate)
            if len(window) >= min(WINDOW, candidates.limit):
                for details in await self._window(window, options):
                    yield details
                window = []
        for details in await self._window(window, options):
            yield details

    def _only(self, query: Mapping[Tag, str]) -> Search:
        """The same question about fewer tags."""
        search = Search(self._connection, self._level, query)
        search._filter = self._filter
        return search

    async def _window(self, window: Sequence[ResourceDetails], options: Mapping[str, Any]) -> list[ResourceDetails]:
        tag = UID_TAGS[self._level]
        uids = {details["ID"]: details["MainDicomTags"].get(tag, "") for details in window}
        if not all(uids.values()):
            raise TruncatedError(
                f"POST {FIND} cannot search what has no {tag} for tags that the index has not",
                hint="Search for tags that the index has (see ExtraMainDicomTags in its configuration).",
            )
        found = (
            await self._post({**options, **self._case}, {**self._query, tag: "\\".join(uids.values())}) if uids else []
        )
        return [details for details in found if details["ID"] in uids]

    def _refuse_what_is_ignored(self, system: SystemInformation, options: Mapping[str, Any]) -> None:
        """What a server does not know it ignores, so that the answer would be every match."""
        known = {"Labels", "LabelsConstraint"} if system.get("HasLabels") else set()
        for name in [*self._filter, *(options.keys() & {"OrderBy"})]:
            if name not in known:
                raise UnsupportedError(
                    f"{name} in POST {FIND} is not known to Orthanc {system['Version']}, which would ignore it",
                    hint=f"It needs Orthanc {'1.12.0' if 'Labels' in name else '1.12.5'} or later.",
                )

    async def _at_once(self, options: Mapping[str, Any]) -> AsyncIterator[ResourceDetails]:
        """Before 1.12.5 nothing can be paged or counted, and a server that cuts off says nothing of it. It does when
        it does not even find all that it has."""
        statistics = await self._connection.json("GET", "/statistics")
        total = statistics.get(f"Count{_PLURALS[self._level]}") if isinstance(statistics, dict) else None
        if not isinstance(total, int):
            raise unexpected("GET", "/statistics", "a count")
        everything = await self._connection.json("POST", FIND, body={"Level": self._level, "Query": {}}, patient=True)
        if not isinstance(everything, list) or len(everything) < total:
            raise TruncatedError(
                f"this server finds at most {len(everything)} of its {total} resources of this level, so that results "
                "may be missing",
                hint="Set LimitFindResults (LimitFindInstances for instances) in its configuration to 0, for "
                "no limit, or use Orthanc 1.12.5 or later.",
            )
        for details in await self._post({**options, **self._case}):
            yield details

    async def _post(self, options: Mapping[str, Any], query: Mapping[Tag, str] | None = None) -> list[ResourceDetails]:
        body = {**self._body(), **options}
        if query is not None:
            body["Query"] = dict(query)
        answer = await self._connection.json("POST", FIND, body=body, patient=True)
        if not options["Expand"]:
            return [{"ID": identifier, "Type": self._level} for identifier in strings(FIND, answer, "POST")]
        found = mappings(ResourceDetails, FIND, answer, "POST")
        if not all("ID" in details for details in found):
            raise unexpected("POST", FIND, "resources with their identifiers")
        return found

    def _body(self) -> dict[str, Any]:
        return {"Level": self._level, "Query": self._query, **self._filter}
