"""Which requests only ask a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.client.switches import READING_SCRIPT

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

QUERY_ENDPOINTS = frozenset({"/tools/find", "/tools/count-resources", "/tools/lookup"})
"""The POST endpoints that only ask a question (paths below the base URL)."""


def is_query(method: str, path: str) -> bool:
    """Whether a request only asks: a GET, a HEAD, or a POST to a named query endpoint."""
    return method in {"GET", "HEAD"} or (method == "POST" and path in QUERY_ENDPOINTS)


def is_reading_script(request: httpx.Request, path: str) -> bool:
    """Whether a request runs the one script that only reads switches of the configuration, letter by letter."""
    if request.method != "POST" or path != "/tools/execute-script":
        return False
    # What is streamed is read only when it is sent.
    return getattr(request, "_content", None) == READING_SCRIPT.encode()


def is_disguised(query: httpx.QueryParams, headers: Mapping[str, str]) -> bool:
    """Whether Orthanc would take a request for one of another method: it obeys `?_method=` and a header."""
    return "_method" in query or "X-HTTP-Method-Override" in headers
