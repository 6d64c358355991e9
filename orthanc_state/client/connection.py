"""One HTTP connection pool to one Orthanc: authentication, TLS, retries, and answers turned into data or errors."""

from __future__ import annotations

import json
import logging
import re
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx

from orthanc_state.client import errors, proxy
from orthanc_state.client.answer import parsed
from orthanc_state.client.failure import Attempt
from orthanc_state.client.gate import ReadOnlyGate, is_query
from orthanc_state.client.retry import CONNECT_RETRIES, SAFE_TO_REPEAT, RetryingTransport
from orthanc_state.client.whole import STREAM, WholeAnswers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthanc_state.client.credentials import Credentials

logger = logging.getLogger(__name__)

KEEP_ALIVE = 0.5
"""Seconds for which an idle connection is kept: Orthanc closes its side after one."""

WHOLE_ANSWER = 5
"""How many times the time-out a whole answer may take, however steadily it trickles in."""

_METHOD = re.compile(r"[A-Za-z]+\Z")


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
        base = _base_url(url)
        through = proxy.proxy_for(base)
        self.url = str(base).rstrip("/")
        self.read_only = False
        self._proxied = through is not None
        self._timeout = timeout
        self._base_path = base.path.rstrip("/")
        self._credentials = credentials
        network = httpx.HTTPTransport(
            verify=tls or _tls_for(base),
            retries=min(CONNECT_RETRIES, retries),
            proxy=through,
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=32, keepalive_expiry=KEEP_ALIVE),
        )
        self._transport = RetryingTransport(WholeAnswers(network, timeout * WHOLE_ANSWER), retries)
        self._client = self._make_client(self._transport)

    def _make_client(self, transport: httpx.BaseTransport) -> httpx.Client:
        return httpx.Client(
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

    def close(self) -> None:
        """Close all connections; twice does no harm."""
        self._client.close()

    def request(
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
        _check(method, path)
        outcome = self._exchange(method, path, params, body, content)
        if isinstance(outcome, errors.ClientError):
            raise outcome
        logger.debug("%s %s: %d, %d bytes", method, path, outcome.status_code, len(outcome.content))
        _check_status(method, path, outcome)
        return outcome.content

    def _exchange(
        self, method: str, path: str, params: Mapping[str, Any] | None, body: object, content: bytes | str | None
    ) -> httpx.Response | errors.ClientError:
        """Send a request; what fails is returned, so that nothing raised leads back to what was sent."""
        headers = None
        if body is not None:
            content, headers = json.dumps(body, default=_reveal).encode(), {"Content-Type": "application/json"}
        extensions = {SAFE_TO_REPEAT: method == "POST" and is_query(method, path)}
        try:
            return self._client.request(
                method, self.url + path, params=params, content=content, headers=headers, extensions=extensions
            )
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, errors.ClientError) as error:
            return self._attempt(method, path).failure(error)

    def stream(self, method: str, path: str, *, params: Mapping[str, Any] | None = None) -> Iterator[bytes]:
        """Send one request and yield the body as it comes; the status is checked before the first piece.

        Raises: As `request`.
        """
        _check(method, path)
        try:
            with self._client.stream(method, self.url + path, params=params, extensions={STREAM: True}) as response:
                if response.status_code >= 300:
                    response.read()
                    _check_status(method, path, response)
                yield from response.iter_bytes()
            return
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            failure = self._attempt(method, path).failure(error)
        raise failure

    def json(self, method: str, path: str, **options: Any) -> Any:
        """Send one request and return its answer as data.

        Raises:
            UnexpectedAnswerError: The answer is not JSON.
            ClientError: As `request`.
        """
        return parsed(method, path, self.request(method, path, **options))

    def _attempt(self, method: str, path: str) -> Attempt:
        return Attempt(self.url, method, path, self._timeout, self._proxied)


def _reveal(value: Any) -> Any:
    reveal = getattr(value, "reveal", None)
    if reveal is None:
        raise TypeError(f"{type(value).__name__} cannot be sent as JSON")
    return reveal()


def _base_url(text: str) -> httpx.URL:
    # What may hold a password is not repeated in a message.
    shown = "this" if set(text) & set("@?#") else repr(text)
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        url = None
    if url is not None and url.userinfo:
        raise errors.ConfigurationError(
            "the URL holds a user name or password, which would be shown in messages",
            hint="Give them as ORTHANC_USERNAME and ORTHANC_PASSWORD.",
        )
    if url is None or url.scheme not in {"http", "https"} or not url.host:
        raise errors.ConfigurationError(
            f"{shown} is not the URL of an Orthanc", hint="Write it as http://HOST:PORT or https://HOST/PATH."
        )
    if url.query or url.fragment:
        raise errors.ConfigurationError("the URL holds a query or a fragment; a base URL has neither")
    return url


def _tls_for(url: httpx.URL) -> ssl.SSLContext:
    """The system's trust for https; for plain http an empty context, which costs nothing to make and trusts nobody."""
    if url.scheme == "https":
        return ssl.create_default_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _check(method: str, path: str) -> None:
    if not _METHOD.match(method):
        raise errors.PathError("this is not the name of an HTTP method")
    if not path.startswith("/") or path.startswith("//"):
        raise errors.PathError("a path begins with one slash")
    if not {".", ".."}.isdisjoint(unquote(path).replace("\\", "/").split("/")):
        raise errors.PathError("a path names every segment: `.` and `..` would lead elsewhere")


def _check_status(method: str, path: str, response: httpx.Response) -> None:
    status = response.status_code
    if status < 300:
        return
    if status < 400:
        target = response.headers.get("Location", "elsewhere")
        raise errors.UnexpectedAnswerError(
            f"{method} {path} was redirected to {target}",
            hint="Redirects are not followed, so that no password reaches another host: give the final URL.",
        )
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        answer = None
    hint = f"The proxy asks who you are. {proxy.HINT}" if status == 407 else ""
    if not isinstance(answer, dict):
        # Orthanc itself says 401 and 403 with nothing; anything else without its JSON is not Orthanc's.
        answer = {}
        if status not in {401, 403, 407}:
            hint = "This is not an error of Orthanc: check the URL, and the proxy in between."
    orthanc_status = answer.get("OrthancStatus")
    raise errors.error_class(status)(
        method,
        unquote(path),
        status,
        orthanc_status=orthanc_status if isinstance(orthanc_status, int) else None,
        error=str(answer.get("Message") or ""),
        details=str(answer.get("Details") or ""),
        hint=hint,
    )
