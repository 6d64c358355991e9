"""What httpx raises, as the errors of the client, which name the server and what to do."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

import httpx

from orthanc_state.client import errors, proxy


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried when something failed."""

    url: str
    method: str
    path: str
    timeout: float
    proxied: bool

    def failure(self, error: Exception) -> errors.ClientError:
        """The error of the client for one of httpx."""
        what = f"{self.method} {self.path}"
        if isinstance(error, errors.ClientError):
            return error
        if isinstance(error, httpx.TimeoutException):
            return errors.TimedOutError(
                f"{self.url} did not answer {what} in time ({self.timeout:g} s without a word, or too slow as a whole)",
                hint="Check that the server is well, or allow more time (--timeout).",
            )
        if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError | httpx.InvalidURL | UnicodeError):
            return errors.PathError(f"{self.method} cannot be sent to {self.url}: the URL or the path is none")
        if isinstance(error, httpx.DecodingError):
            return errors.UnexpectedAnswerError(
                f"{what} answered what cannot be decoded", hint="Is this an Orthanc? Check what stands in between."
            )
        if self.proxied and isinstance(error, httpx.ProxyError | httpx.ConnectError):
            return errors.ConnectionFailedError(f"the proxy in front of {self.url} failed: {error}", hint=proxy.HINT)
        tls = _tls_error(error)
        if tls is not None:
            return _tls_failure(self.url, tls)
        if isinstance(error, httpx.ConnectError):
            return errors.ConnectionFailedError(
                f"cannot connect to {self.url}: {error}",
                hint="Check the URL, and that the server is running and can be reached.",
            )
        if isinstance(error, httpx.RemoteProtocolError) and "illegal" in str(error):
            return errors.ConnectionFailedError(
                f"what answers at {self.url} does not speak HTTP",
                hint="Check the port, and whether the URL should begin with https://.",
            )
        return errors.ConnectionFailedError(
            f"{self.url}{', or the proxy in front of it,' if self.proxied else ''} cut the connection during {what}",
            hint=proxy.HINT if self.proxied else self._cut_hint(),
        )

    def _cut_hint(self) -> str:
        hint = "Check the server's log, and what stands between here and there"
        if self.url.startswith("http:"):
            return hint + "; a server that speaks TLS needs a URL that begins with https://."
        return hint + "."


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ssl.SSLError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def _tls_failure(url: str, error: ssl.SSLError) -> errors.ConnectionFailedError:
    if isinstance(error, ssl.SSLCertVerificationError):
        # X509_V_ERR_CERT_HAS_EXPIRED, ..._NOT_YET_VALID, ..._HOSTNAME_MISMATCH, ..._IP_ADDRESS_MISMATCH
        hints = {
            9: "Check the clock, here and there.",
            10: "It has to be renewed on the server.",
            62: "Use the name that it was issued for in the URL.",
            64: "Use the name that it was issued for in the URL.",
        }
        hint = hints.get(error.verify_code, "Give the authority that signed it with --ca-file (ORTHANC_CA_FILE).")
        return errors.ConnectionFailedError(
            f"the certificate of {url} is not trusted: {error.verify_message}", hint=hint
        )
    return errors.ConnectionFailedError(
        f"no TLS connection to {url}: {error.reason or error}",
        hint="Check that the server speaks TLS on this port, and which client certificate it asks for "
        "(--client-certificate).",
    )
