"""One HTTP connection pool to one Orthanc: authentication, TLS, retries, and answers turned into data or errors."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import anyio
import httpx

from orthanc_state.client import errors, proxy
from orthanc_state.client._async.gate import ReadOnlyGate
from orthanc_state.client._async.retry import CONNECT_RETRIES, SAFE_TO_REPEAT, RetryingTransport
from orthanc_state.client._async.whole import STREAM, WholeAnswers
from orthanc_state.client.answer import parsed
from orthanc_state.client.failure import Attempt
from orthanc_state.client.query import is_query
from orthanc_state.client.request import check, check_status, encoded
from orthanc_state.client.tls import default_context
from orthanc_state.client.url import base_url

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Mapping

    from orthanc_state.client.credentials import Credentials

logger = logging.getLogger("orthanc_state.client")

KEEP_ALIVE = 0.5
"""Seconds for which an idle connection is kept: Orthanc closes its side after one."""

SLOTS = 32
"""How many requests are under way at once; Orthanc answers with 50 threads, of which others want some too."""

WHOLE_ANSWER = 5
"""How many times the time-out a whole answer may take, however steadily it trickles in."""


class Connection:
    """Sends requests below one base URL and returns what Orthanc answered.

    All requests of the kit pass through `request` or `stream`; both raise `ClientError`s only, and those come from no
    frame that holds what was sent.

    Args:
        url: The base URL.
        credentials: Who asks.
        tls: Whose certificates are trusted; None for the system's.
        timeout: Seconds to wait for a connection, and for each part of an answer.
        retries: How often a request that is safe to repeat is sent again.

    Raises:
        ConfigurationError: The URL is none, or the proxy of the environment.
    """

    def __init__(
        self, url: str, credentials: Credentials, *, tls: ssl.SSLContext | None, timeout: float, retries: int
    ) -> None:
        base = base_url(url)
        through = proxy.proxy_for(base)
        self.url = str(base).rstrip("/")
        self.read_only = False
        self._proxied = through is not None
        self._timeout = timeout
        self._base_path = base.path.rstrip("/")
        self._credentials = credentials
        # Thousands of calls wait here, in order: httpx's own queue of waiting requests collapses under them.
        self._slots = anyio.Semaphore(SLOTS)
        network = httpx.AsyncHTTPTransport(
            verify=tls or default_context(base),
            retries=min(CONNECT_RETRIES, retries),
            proxy=through,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=SLOTS, keepalive_expiry=KEEP_ALIVE),
        )
        self._transport = RetryingTransport(WholeAnswers(network, timeout * WHOLE_ANSWER), retries)
        self._client = self._make_client(self._transport)

    def _make_client(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=transport,
            auth=self._credentials.basic(),
            headers=self._credentials.sent_headers(),
            timeout=self._timeout,
            follow_redirects=False,
            trust_env=False,
        )

    def gated(self) -> Connection:
        """The same connections, but only for questions: see `ReadOnlyGate`."""
        view = object.__new__(Connection)
        view.__dict__.update(self.__dict__)
        view._client = self._make_client(ReadOnlyGate(self._transport, self._base_path))
        view.read_only = True
        return view

    async def close(self) -> None:
        """Close all connections; twice does no harm."""
        await self._client.aclose()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: object = None,
        content: bytes | str | None = None,
    ) -> bytes:
        """Send one request and return the body of the answer; a large one is better had by `stream`.

        Args:
            method: The HTTP method.
            path: The path below the base URL, its segments already quoted.
            params: Query parameters.
            body: Data to be sent as JSON; None for no JSON. What has a method `reveal()` is revealed when it is sent.
            content: A raw body instead.

        Raises:
            PathError: The method or the path cannot be sent.
            ReadOnlyError: The connection is gated and the request may write.
            ConnectionFailedError: There was no answer.
            ApiError: Orthanc answered with an error.
            UnexpectedAnswerError: The answer is a redirect, or cannot be decoded.
        """
        check(method, path)
        outcome = await self._exchange(method, path, params, body, content)
        if isinstance(outcome, errors.ClientError):
            raise outcome
        logger.debug("%s %s: %d, %d bytes", method, path, outcome.status_code, len(outcome.content))
        check_status(method, path, outcome)
        return outcome.content

    async def _exchange(
        self, method: str, path: str, params: Mapping[str, Any] | None, body: object, content: bytes | str | None
    ) -> httpx.Response | errors.ClientError:
        """Send a request; what fails is returned, so that nothing raised leads back to what was sent."""
        headers = None
        if body is not None:
            content, headers = encoded(body), {"Content-Type": "application/json"}
        extensions = {SAFE_TO_REPEAT: method == "POST" and is_query(method, path)}
        try:
            async with self._slots:
                return await self._client.request(
                    method, self.url + path, params=params, content=content, headers=headers, extensions=extensions
                )
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, errors.ClientError) as error:
            return self._attempt(method, path).failure(error)

    async def stream(self, method: str, path: str, *, params: Mapping[str, Any] | None = None) -> AsyncIterator[bytes]:
        """Send one request and yield the body as it comes; the status is checked before the first piece.

        Raises: As `request`.
        """
        check(method, path)
        try:
            url = self.url + path
            async with self._client.stream(method, url, params=params, extensions={STREAM: True}) as response:
                if response.status_code >= 300:
                    await response.aread()
                    check_status(method, path, response)
                async for piece in response.aiter_bytes():
                    yield piece
            return
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            failure = self._attempt(method, path).failure(error)
        raise failure

    async def json(self, method: str, path: str, **options: Any) -> Any:
        """Send one request and return its answer as data.

        Raises:
            UnexpectedAnswerError: The answer is not JSON.
            ClientError: As `request`.
        """
        return parsed(method, path, await self.request(method, path, **options))

    def _attempt(self, method: str, path: str) -> Attempt:
        return Attempt(self.url, method, path, self._timeout, self._proxied)
