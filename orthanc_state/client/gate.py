"""The read-only gate: what may be sent while nothing may be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from orthanc_state.client.errors import ReadOnlyError

if TYPE_CHECKING:
    from collections.abc import Mapping

QUERY_ENDPOINTS = frozenset({"/tools/find", "/tools/count-resources", "/tools/lookup"})
"""The POST endpoints that only ask a question (paths below the base URL)."""


def is_query(method: str, path: str) -> bool:
    """Whether a request only asks: a GET, a HEAD, or a POST to a named query endpoint."""
    return method in {"GET", "HEAD"} or (method == "POST" and path in QUERY_ENDPOINTS)


def is_disguised(query: httpx.QueryParams, headers: Mapping[str, str]) -> bool:
    """Whether Orthanc would take a request for one of another method: it obeys `?_method=` and a header."""
    return "_method" in query or "X-HTTP-Method-Override" in headers


class ReadOnlyGate(httpx.BaseTransport):
    """A transport that lets only questions through, whatever code it is that asks.

    It sits between httpx and the network, so no caller can go round it by using another method of the client.
    Closing it leaves the transport behind it open: that one belongs to the client that made it.
    """

    def __init__(self, transport: httpx.BaseTransport, base_path: str) -> None:
        self._transport = transport
        self._base_path = base_path

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        below = request.url.path.startswith(self._base_path + "/")
        path = request.url.path.removeprefix(self._base_path)
        if not below or not is_query(request.method, path) or is_disguised(request.url.params, request.headers):
            raise ReadOnlyError(
                f"{request.method} {path} was stopped: it may write, and this client only reads",
                hint="Use a client that is not read-only for what changes the server.",
            )
        return self._transport.handle_request(request)
