"""One HTTP connection pool to one Orthanc: authentication, TLS, retries, and answers turned into data or errors."""

from __future__ import annotations

import logging
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import httpx

from orthanc_state.client import errors, proxy
from orthanc_state.client._async.gate import ReadOnlyGate
from orthanc_state.client._async.network import Network
from orthanc_state.client._async.opened import Opened
from orthanc_state.client._async.retry import CONNECT_RETRIES, SAFE_TO_REPEAT, RetryingTransport
from orthanc_state.client._async.shortcut import Shortcut
from orthanc_state.client._async.whole import LIMIT, STREAM, WholeAnswers
from orthanc_state.client.answer import Answer, parsed
from orthanc_state.client.endpoint import Endpoint
from orthanc_state.client.exchange import Reply
from orthanc_state.client.failure import Attempt
from orthanc_state.client.query import is_query
from orthanc_state.client.request import check, check_status, encoded, revision_of
from orthanc_state.client.summary import Summary
from orthanc_state.client.tls import default_context
from orthanc_state.client.url import base_url, path_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Mapping

    from orthanc_state.client.credentials import Credentials
    from orthanc_state.client.system import SystemInformation

logger = logging.getLogger("orthanc_state.client")

_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})*\b|mainline")

KEEP_ALIVE = 0.5
"""Seconds for which an idle connection is kept: Orthanc closes its side after one."""

SLOTS = 32
"""How many requests are under way at once; Orthanc answers with 50 threads, of which others want some too."""

PATIENCE = 3600.0
"""Seconds for which an answer is waited for that the server has to work for: a job, an archive, another server."""

WHOLE_ANSWER = 5
"""How many times the time-out a whole answer may take, however steadily it trickles in."""


class Connection:
    """Sends requests below one base URL and returns what Orthanc answered.

    All requests of the kit pass through `answer` or `opened`; both raise `ClientError`s only, and those come from no
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
        self._is_view = False
        self.known: dict[str, Any] = {}
        self._extra = {"server": self.url}
        self._proxied = through is not None
        self._timeout = timeout
        self._steps = httpx.Timeout(timeout).as_dict()
        self._base_path = base.path.rstrip("/")
        self._credentials = credentials
        self._tls = tls
        # Thousands of calls wait here, in order: httpx's own queue of waiting requests collapses under them.
        self._slots = anyio.Semaphore(SLOTS)
        context, connects = tls or default_context(base), min(CONNECT_RETRIES, retries)
        network: httpx.AsyncBaseTransport
        if through is None:
            network = Network(Endpoint(base, context, KEEP_ALIVE, connects))
        else:
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=SLOTS, keepalive_expiry=KEEP_ALIVE)
            network = httpx.AsyncHTTPTransport(verify=context, retries=connects, proxy=through, limits=limits)
        self._transport = RetryingTransport(WholeAnswers(network, timeout * WHOLE_ANSWER), retries)
        self._use(self._transport)
        self._shortcut = Shortcut(network, self._client.headers) if isinstance(network, Network) else None

    def _use(self, transport: httpx.AsyncBaseTransport) -> None:
        self._sender = transport
        self._client = httpx.AsyncClient(
            transport=transport,
            headers=self._credentials.sent_headers(),
            timeout=self._timeout,
            follow_redirects=False,
            trust_env=False,
        )

    def gated(self) -> Connection:
        """The same connections, but only for questions: see `ReadOnlyGate`."""
        view = object.__new__(Connection)
        view.__dict__.update(self.__dict__)
        view._use(ReadOnlyGate(self._transport, self._base_path))
        view.read_only = view._is_view = True
        return view

    async def close(self) -> None:
        """Close all connections; twice does no harm."""
        await self._client.aclose()
        if self._shortcut is not None and not self._is_view:
            await self._shortcut.aclose()

    async def request(self, method: str, path: str, **options: Any) -> bytes:
        """Send one request and return the body of the answer; a large one is better had by `opened`.

        Raises: As `answer`.
        """
        return (await self.answer(method, path, **options)).content

    async def answer(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: object = None,
        content: Any = None,
        headers: Mapping[str, str] | None = None,
        patient: bool | float = False,
    ) -> Answer:
        """Send one request and return its answer as a whole.

        Args:
            method: The HTTP method.
            path: The path below the base URL, its segments already quoted.
            params: Query parameters.
            body: Data to be sent as JSON; None for no JSON. What has a method `reveal()` is revealed when it is sent.
            content: A raw body instead: bytes, a text, or what can be iterated for bytes.
            headers: Further headers.
            patient: Whether the server works before it answers, which may take as long as `PATIENCE`; or for how many
                seconds it may.

        Raises:
            PathError: The method or the path cannot be sent.
            ReadOnlyError: The connection is gated and the request may write.
            ConnectionFailedError: There was no answer.
            ApiError: Orthanc answered with an error.
            UnexpectedAnswerError: The answer is a redirect, or cannot be decoded.
        """
        check(method, path)
        outcome = await self._exchange(
            method, path, params=params, body=body, content=content, headers=headers, patient=patient
        )
        if isinstance(outcome, errors.ClientError):
            raise outcome
        logger.debug("%s %s: %d, %d bytes", method, path, outcome.status_code, len(outcome.content), extra=self._extra)
        check_status(method, path, outcome)
        return Answer(outcome.status_code, outcome.content, revision_of(outcome))

    async def _exchange(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None,
        body: object,
        content: Any,
        headers: Mapping[str, str] | None,
        patient: bool | float,
    ) -> httpx.Response | Reply | errors.ClientError:
        """Send a request; what fails is returned, so that nothing raised leads back to what was sent."""
        steps, timeout, limit = self._steps, self._timeout, self._timeout * WHOLE_ANSWER
        if patient:
            timeout = limit = max(PATIENCE if patient is True else patient, self._timeout)
            steps = {**steps, "read": timeout}
        if body is not None:
            content, headers = encoded(body), {"Content-Type": "application/json", **(headers or {})}
        target = path_of(path, params)
        try:
            async with self._slots:
                outcome: Reply | httpx.HTTPError | None = None
                shortcut = self._shortcut
                if shortcut and shortcut.takes(method, target, content, headers, read_only=self.read_only):
                    outcome = await shortcut.attempt(method, target, content, headers, timeout=steps, limit=limit)
                    if isinstance(outcome, Reply) and outcome.status_code < 300:
                        return outcome
                # Before the request is made: it would else choose to send in chunks.
                all_headers = httpx.Headers(self._client.headers)
                all_headers.update(headers or {})
                extensions = {
                    "timeout": dict(steps),
                    LIMIT: limit,
                    SAFE_TO_REPEAT: method == "POST" and is_query(method, path),
                }
                request = httpx.Request(
                    method, self.url + target, headers=all_headers, content=content, extensions=extensions
                )
                if outcome is None:
                    response = await self._sender.handle_async_request(request)
                else:
                    response = await self._transport.resume(
                        request, outcome.response() if isinstance(outcome, Reply) else outcome
                    )
                response.request = request
                await response.aread()
                return response
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, errors.ClientError) as error:
            return self._attempt(method, path, timeout).failure(error)

    @asynccontextmanager
    async def opened(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        patient: bool = False,
        redirects: bool = False,
    ) -> AsyncIterator[Opened]:
        """Send one request and give its answer while it arrives; its status has been checked.

        A redirect is never followed; it is given as an answer only where `redirects` says so.

        It takes none of the slots: who holds it open may send other requests meanwhile.

        Raises: As `answer`.
        """
        check(method, path)
        timeout = httpx.Timeout(self._timeout, read=max(PATIENCE, self._timeout) if patient else self._timeout)
        content = None
        headers = {"Accept-Encoding": "identity", **(headers or {})}
        if body is not None:
            content, headers["Content-Type"] = encoded(body), "application/json"
        try:
            request = self._client.build_request(
                method,
                self.url + path_of(path, params),
                content=content,
                headers=headers,
                timeout=timeout,
                extensions={STREAM: True},
            )
            response = await self._client.send(request, stream=True)
            try:
                # Once it has begun to arrive, the server has nothing more to think about.
                request.extensions["timeout"]["read"] = self._timeout
                if response.status_code >= 300 and not (redirects and response.status_code < 400):
                    await response.aread()
                    check_status(method, path, response)
                logger.debug("%s %s: %d, streamed", method, path, response.status_code, extra=self._extra)
                yield Opened(response)
            finally:
                await response.aclose()
            return
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            failure = self._attempt(method, path, self._timeout).failure(error)
        raise failure

    @property
    def slots(self) -> anyio.Semaphore:
        """To be held while an answer is taken from `opened` and nothing else is asked for meanwhile."""
        return self._slots

    async def stream(self, method: str, path: str, **options: Any) -> AsyncIterator[bytes]:
        """Send one request and yield the body as it comes; the status is checked before the first piece.

        Raises: As `answer`.
        """
        async with self.opened(method, path, **options) as answer:
            async for piece in answer.pieces():
                yield piece

    async def system(self, *, fresh: bool = False) -> SystemInformation:
        """What the server is, as it said first or last.

        Args:
            fresh: Ask again; what it is changes only when it is restarted.

        Raises:
            UnexpectedAnswerError: What answers is not an Orthanc.
        """
        known: SystemInformation | None = self.known.get("system")
        if known is not None and not fresh:
            return known
        answer: SystemInformation = await self.json("GET", "/system")
        version = answer.get("Version") if isinstance(answer, dict) else None
        if not isinstance(version, str) or not _VERSION.match(version):
            raise errors.UnexpectedAnswerError(
                f"what answers at {self.url} is not an Orthanc: its /system has no version",
                hint="Check the URL, and the path that a proxy in front of it adds.",
            )
        self.known["system"] = answer
        return answer

    async def json(self, method: str, path: str, **options: Any) -> Any:
        """Send one request and return its answer as data.

        Raises:
            UnexpectedAnswerError: The answer is not JSON.
            ClientError: As `request`.
        """
        return parsed(method, path, await self.request(method, path, **options))

    def summary(self, problem: str = "") -> Summary:
        """What is known of the server by now."""
        known = self.known
        return Summary(self.url, self.read_only, known.get("system", {}), known.get("statistics", {}), problem)

    @property
    def settings(self) -> dict[str, Any]:
        """What another connection to the same server is made with."""
        return {"url": self.url, "credentials": self._credentials, "tls": self._tls}

    def _attempt(self, method: str, path: str, timeout: float) -> Attempt:
        return Attempt(self.url, method, path, timeout, self._proxied)
