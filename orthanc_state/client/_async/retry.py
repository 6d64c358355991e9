"""What is sent again when the network fails, and how long it waits in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from httpx_retries import Retry

CONNECT_RETRIES = 2
"""How often a connection is tried again before anything was sent; safe for every method."""

_EXCEPTIONS = (httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.RemoteProtocolError)
_STATUSES = frozenset({429, 502, 503, 504})
_METHODS = frozenset({"GET", "HEAD", "PUT"})

SAFE_TO_REPEAT = "orthanc_state.safe_to_repeat"
"""The extension of a request whose method does not show that it may be repeated: a POST that only asks."""


class RetryingTransport(httpx.AsyncBaseTransport):
    """Sends again what has the same effect once or twice: GET, HEAD, PUT, and POSTs that only ask.

    A DELETE is not, since its repetition answers 404 and hides whether the first one worked. A stalled answer is not
    repeated either: the time that the user allowed is over.

    Args:
        transport: What sends.
        total: How often a request is sent again at most; 0 for never.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, total: int) -> None:
        self._transport = transport
        self._total = total

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            outcome: httpx.Response | Exception = await self._transport.handle_async_request(request)
        except _EXCEPTIONS as error:
            outcome = error
        return await self.resume(request, outcome)

    async def resume(self, request: httpx.Request, outcome: httpx.Response | Exception) -> httpx.Response:
        """What a first attempt gave, or what repeating it gives where it failed.

        Raises:
            httpx.HTTPError: The last attempt failed too, or the first one for good.
        """
        if isinstance(outcome, httpx.Response) and outcome.status_code not in _STATUSES:
            return outcome
        if isinstance(outcome, Exception) and not isinstance(outcome, _EXCEPTIONS):
            raise outcome
        # The library brings asyncio with it, which takes 15 ms: only what fails pays.
        from httpx_retries import RetryTransport

        first_failed = _FirstFailed(outcome, self._transport)
        return await RetryTransport(first_failed, retry=self._policy(request)).handle_async_request(request)

    async def aclose(self) -> None:
        await self._transport.aclose()

    def _policy(self, request: httpx.Request) -> Retry:
        """Exponential back-off with full jitter; `Retry-After` is honoured."""
        from httpx_retries import Retry

        safe = request.method in _METHODS or request.extensions.get(SAFE_TO_REPEAT, False)
        return Retry(
            total=self._total if safe else 0,
            allowed_methods=[request.method],
            status_forcelist=_STATUSES,
            retry_on_exceptions=_EXCEPTIONS,
            backoff_factor=0.2,
            max_backoff_wait=5.0,
            total_timeout=20.0,
        )


class _FirstFailed(httpx.AsyncBaseTransport):
    """Gives what has happened already as its first answer, and sends from then on."""

    def __init__(self, outcome: httpx.Response | Exception, transport: httpx.AsyncBaseTransport) -> None:
        self._outcome: httpx.Response | Exception | None = outcome
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        outcome, self._outcome = self._outcome, None
        if outcome is None:
            return await self._transport.handle_async_request(request)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
