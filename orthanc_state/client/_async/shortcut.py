"""The short way of a request that needs nothing of what httpx does for one: no proxy, no stream, no gate's look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from orthanc_state.client.exchange import AsyncExchange
from orthanc_state.client.query import is_disguised, is_query
from orthanc_state.client.url import is_plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.client._async.network import Network
    from orthanc_state.client.exchange import Reply


class Shortcut:
    """Makes the first attempt of a small request; what httpx makes of each takes as long as all the rest of it.

    What fails is for the way through httpx's transports, which repeats it.

    Args:
        network: The connections to the server.
        headers: The headers of every request.
    """

    def __init__(self, network: Network, headers: httpx.Headers) -> None:
        base = network.endpoint.base
        self._exchange = AsyncExchange(network)
        self._headers = headers
        self._base = base.raw_path.rstrip(b"/")
        self._raw_headers = httpx.Request("GET", base, headers=headers).headers.raw

    def takes(
        self, method: str, target: str, content: object, headers: Mapping[str, str] | None, *, read_only: bool
    ) -> bool:
        """Whether a request can go this way: it is there as a whole, and needs no gate, or is plainly a question."""
        if not is_plain(target, content):
            return False
        path, _, query = target.partition("?")
        return not read_only or (
            is_query(method, path)
            and "%" not in query
            and not is_disguised(httpx.QueryParams(query), self._headers)
            and not is_disguised(httpx.QueryParams(), httpx.Headers(headers))
        )

    async def attempt(
        self,
        method: str,
        target: str,
        content: bytes | str | None,
        headers: Mapping[str, str] | None,
        *,
        timeout: dict[str, float | None],
        limit: float,
    ) -> Reply | httpx.HTTPError:
        """Send a request: its whole answer, or what has failed.

        Args:
            method: The HTTP method.
            target: The path below the base URL, with the query.
            content: The body.
            headers: Further headers.
            timeout: Seconds for each step, as httpx has them in its extension `timeout`.
            limit: Seconds after which an answer that still trickles in is given up.
        """
        body = content.encode() if isinstance(content, str) else content or b""
        sent = list(self._raw_headers)
        if headers:
            given = [(name.encode(), value.encode()) for name, value in headers.items()]
            replaced = {name.lower() for name, _ in given}
            sent = [*((name, value) for name, value in sent if name.lower() not in replaced), *given]
        if (body or method in ("POST", "PUT")) and "Content-Length" not in (headers or {}):
            sent.append((b"Content-Length", b"%d" % len(body)))
        try:
            return await self._exchange.send(
                method, self._base + target.encode("ascii"), sent, body, timeout=timeout, limit=limit
            )
        except httpx.HTTPError as error:
            return error

    async def aclose(self) -> None:
        """Close its connections."""
        await self._exchange.aclose()
