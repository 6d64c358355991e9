"""One HTTP connection pool to one Orthanc: authentication, TLS, retries, and answers turned into data or errors."""

from __future__ import annotations

import json
import logging
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from urllib.request import getproxies, proxy_bypass

import httpx
from httpx_retries import RetryTransport

from orthanc_state.client import errors
from orthanc_state.client.gate import ReadOnlyGate, is_query
from orthanc_state.client.retry import CONNECT_RETRIES, retry_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

logger = logging.getLogger(__name__)

KEEP_ALIVE = 0.5
"""Seconds for which an idle connection is kept: Orthanc closes its side after one."""


class Connection:
    """Sends requests below one base URL and returns what Orthanc answered.

    All requests of the kit pass through `request` or `stream`; both raise `ClientError`s only.
    """

    def __init__(
        self,
        url: str,
        *,
        auth: tuple[str, str] | None,
        headers: Mapping[str, str],
        tls: ssl.SSLContext | None,
        timeout: float,
        retries: int,
    ) -> None:
        self.url = _base_url(url)
        self._retries = retries
        self._timeout = timeout
        self._options: dict[str, Any] = {
            "auth": auth,
            "headers": {"Accept": "application/json", **headers},
            "timeout": timeout,
            "follow_redirects": False,
            "trust_env": False,
        }
        network = httpx.HTTPTransport(
            verify=tls or _tls_for(self.url),
            retries=min(CONNECT_RETRIES, retries),
            proxy=_proxy_for(self.url),
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=32, keepalive_expiry=KEEP_ALIVE),
        )
        self._transport = RetryTransport(network, retry=retry_policy(retries))
        self._client = httpx.Client(transport=self._transport, **self._options)
        self.read_only = False

    def gated(self) -> Connection:
        """The same connections, but only for questions: see `ReadOnlyGate`."""
        view = object.__new__(Connection)
        view.__dict__.update(self.__dict__)
        base_path = httpx.URL(self.url).path.rstrip("/")
        view._client = httpx.Client(transport=ReadOnlyGate(self._transport, base_path), **self._options)
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
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Send one request and return the body of the answer.

        Args:
            method: The HTTP method.
            path: The path below the base URL, its segments already quoted.
            params: Query parameters.
            body: Data to be sent as JSON; None for no JSON.
            content: A raw body instead.
            headers: Further headers of this request.

        Raises:
            ReadOnlyError: The connection is gated and the request may write.
            ConnectionFailedError: There was no answer.
            ApiError: Orthanc answered with an error.
            UnexpectedAnswerError: The answer was a redirect.
        """
        options: dict[str, Any] = {}
        if method == "POST" and is_query(method, path):
            options["extensions"] = {"retry": retry_policy(self._retries, safe_post=True)}
        if body is not None:
            content = json.dumps(body).encode()
            headers = {"Content-Type": "application/json", **(headers or {})}
        with self._failures(method, path):
            response = self._client.request(
                method, self.url + path, params=params, content=content, headers=headers, **options
            )
        logger.debug("%s %s: %d, %d bytes", method, path, response.status_code, len(response.content))
        _check_status(method, path, response)
        return response.content

    def stream(self, method: str, path: str, **options: Any) -> Iterator[bytes]:
        """Send one request and yield the body as it comes; the status is checked before the first piece.

        Raises: As `request`.
        """
        with (
            self._failures(method, path),
            self._client.stream(method, self.url + path, **options) as response,
        ):
            if response.status_code >= 300:
                response.read()
                _check_status(method, path, response)
            yield from response.iter_bytes()

    def json(self, method: str, path: str, **options: Any) -> Any:
        """Send one request and return its answer as data.

        Raises:
            UnexpectedAnswerError: The answer is not JSON.
            ClientError: As `request`.
        """
        content = self.request(method, path, **options)
        try:
            return json.loads(content)
        except ValueError:
            raise _not_json(method, path, content) from None

    def _failures(self, method: str, path: str) -> AbstractContextManager[None]:
        return _Failures(self.url, method, path, self._timeout)


class _Failures:
    """Turns what httpx raises into the client's errors, which name the server and what to do."""

    def __init__(self, url: str, method: str, path: str, timeout: float) -> None:
        self._url, self._method, self._path, self._timeout = url, method, path, timeout

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, httpx.TimeoutException):
            raise errors.TimedOutError(
                f"{self._url} did not answer {self._method} {self._path} within {self._timeout:g} s",
                hint="Check that the server is well, or allow more time (--timeout).",
            ) from None
        if isinstance(error, httpx.ProxyError):
            raise errors.ConnectionFailedError(
                f"the proxy in front of {self._url} refused: {error}",
                hint="Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.",
            ) from None
        if isinstance(error, httpx.ConnectError):
            raise _not_connected(self._url, error) from None
        if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
            raise errors.ConfigurationError(f"{self._url}: {error}") from None
        if isinstance(error, httpx.TransportError):
            raise errors.ConnectionFailedError(
                f"{self._url} cut the connection during {self._method} {self._path}",
                hint="Check the server's log, and what stands between here and there.",
            ) from None


def _base_url(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise errors.ConfigurationError(f"{url!r} is not a URL: {error}") from None
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise errors.ConfigurationError(
            f"{url!r} is not the URL of an Orthanc", hint="Write it as http://HOST:PORT or https://HOST/PATH."
        )
    if parsed.userinfo:
        raise errors.ConfigurationError(
            "the URL holds a user name or password, which would be shown in messages",
            hint="Give them as ORTHANC_USERNAME and ORTHANC_PASSWORD.",
        )
    if parsed.query or parsed.fragment:
        raise errors.ConfigurationError(f"{url!r} holds a query or a fragment; a base URL has neither")
    return str(parsed).rstrip("/")


def _tls_for(url: str) -> ssl.SSLContext:
    """The system's trust for https; for plain http an empty context, which costs nothing to make and trusts nobody."""
    if url.startswith("https:"):
        return ssl.create_default_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _proxy_for(url: str) -> str | None:
    parsed = httpx.URL(url)
    if proxy_bypass(parsed.host):
        return None
    proxies = getproxies()
    return proxies.get(parsed.scheme) or proxies.get("all")


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
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        answer = {}
    orthanc_status = answer.get("OrthancStatus")
    raise errors.error_class(status)(
        method,
        unquote(path),
        status,
        orthanc_status=orthanc_status if isinstance(orthanc_status, int) else None,
        error=str(answer.get("Message") or ""),
        details=str(answer.get("Details") or ""),
    )


def _not_connected(url: str, error: httpx.ConnectError) -> errors.ConnectionFailedError:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return errors.ConnectionFailedError(
            f"the certificate of {url} is not trusted: {cause.verify_message}",
            hint="Give the authority that signed it with --ca-file (ORTHANC_CA_FILE).",
        )
    if isinstance(cause, ssl.SSLError):
        return errors.ConnectionFailedError(
            f"no TLS connection to {url}: {cause.reason or cause}",
            hint="Check that the server speaks TLS on this port, and which certificate it asks from its clients.",
        )
    return errors.ConnectionFailedError(
        f"cannot connect to {url}: {error}", hint="Check the URL, and that the server is running and can be reached."
    )


def _not_json(method: str, path: str, content: bytes) -> errors.UnexpectedAnswerError:
    start = content[:200].lstrip().lower()
    if not content.strip():
        what, hint = "nothing", "Is this an Orthanc? Something in between may have cut the answer."
    elif start.startswith((b"<!doctype", b"<html", b"<")):
        what, hint = "HTML", "Is this an Orthanc? A proxy or a login page may stand in between."
    else:
        what, hint = "something else", "Is this an Orthanc?"
    return errors.UnexpectedAnswerError(f"{method} {path} should answer JSON, but answered {what}", hint=hint)
