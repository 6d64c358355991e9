"""What can go wrong between the client and one Orthanc, as a tree of exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.errors import OrthancStateError

if TYPE_CHECKING:
    from orthanc_state.client.answers import JobDetails


class ClientError(OrthancStateError):
    """The root of all errors of the client."""

    code = "client"
    remedy = "The message says what was asked of the server and what came of it."


class ConfigurationError(ClientError):
    """The client cannot be built: a URL that is none, a CA file that is missing."""

    code = "connection-invalid"
    remedy = (
        "Nothing was sent. Mend the URL (`http://HOST:PORT`), the paths of the certificates and keys, or the timeout "
        "that the message names."
    )


class PathError(ClientError):
    """A request cannot be sent as it is: its path or its method is none."""

    code = "request-invalid"
    remedy = "Nothing was sent. A path begins with a slash and is below the URL of the server."


class ReadOnlyError(ClientError):
    """A request that may write was stopped by the read-only gate, before it left the process."""

    code = "read-only"
    remedy = (
        "Nothing was sent. While something is planned, checked or read, only questions leave the process; a program "
        "that means to write uses a client that is not read-only."
    )


class ConnectionFailedError(ClientError):
    """No answer: refused, unknown host, TLS not trusted, or cut in the middle."""

    code = "server-unreachable"
    remedy = (
        "See that the server runs, that its host and port are right and not behind a firewall or a proxy (`NO_PROXY`), "
        "and, for https, that its certificate is of an authority that is trusted (`--ca-file`). Certificates are "
        "always checked."
    )


class TimedOutError(ConnectionFailedError):
    """No answer within the time allowed."""

    code = "server-timeout"
    remedy = (
        "Nobody knows whether a write that was under way has arrived: plan again to see. `--timeout` allows more "
        "seconds."
    )


class UnsupportedError(ClientError):
    """The server is too old for what was asked, and would not say so."""

    code = "server-too-old"
    remedy = "Nothing was sent. The message names the version of Orthanc that it needs."


class TruncatedError(ClientError):
    """The server has more results than can be had from it."""

    code = "results-truncated"
    remedy = (
        "Ask for less at once, or raise `LimitFindResults` and `LimitFindInstances` in the configuration of the server."
    )


class UploadError(ClientError):
    """Some of many files were not stored."""

    code = "upload-incomplete"
    remedy = "The error names each file that was not stored, with the reason; the others are stored."


class JobUnfinishedError(ClientError):
    """A job was not done in the time allowed; it goes on.

    Attributes:
        details: What the server said of it last.
    """

    code = "job-unfinished"
    remedy = "It goes on. Wait for it again with more time, or cancel it."

    def __init__(self, details: JobDetails, timeout: float) -> None:
        super().__init__(
            f"job {details.get('ID')} ({details.get('Type')}) was not done in {timeout:g} s: "
            f"{details.get('State')}, {details.get('Progress')} %",
            hint="It goes on: wait for it again, or cancel it.",
        )
        self.details = details


class JobFailedError(ClientError):
    """A job has failed or was cancelled.

    Attributes:
        details: What the server said of it last.
    """

    code = "job-failed"
    remedy = "The message has the reason that Orthanc gives. Whether any of it was done depends on the job."

    def __init__(self, details: JobDetails) -> None:
        reason = details.get("ErrorDetails") or details.get("ErrorDescription") or "for no reason given"
        super().__init__(f"job {details.get('ID')} ({details.get('Type')}) failed: {reason}")
        self.details = details


class UnexpectedAnswerError(ClientError):
    """An answer that Orthanc would not give: HTML, nothing, a redirect."""

    code = "answer-unexpected"
    remedy = (
        "Something else than Orthanc answers at this URL: a proxy, a page for signing in, another path. Give the URL "
        "below which `/system` answers. Redirects are not followed: give the URL that they lead to."
    )


class ApiError(ClientError):
    """Orthanc answered with an error status.

    Attributes:
        method: The HTTP method of the request.
        path: The path of the request below the base URL.
        status: The HTTP status.
        orthanc_status: Orthanc's own error number (`OrthancStatus`), where the answer had one.
        error: Orthanc's message for that number (`Message`).
        details: What exactly was wrong (`Details`); often the only useful part.
    """

    code = "server-refused"
    remedy = "The message has the reason that Orthanc gives."

    def __init__(
        self,
        method: str,
        path: str,
        status: int,
        *,
        orthanc_status: int | None = None,
        error: str = "",
        details: str = "",
        hint: str = "",
    ) -> None:
        reason = details or error or type(self).meaning
        super().__init__(f"{method} {path} answered {status}" + (f": {reason}" if reason else ""), hint=hint)
        self.method = method
        self.path = path
        self.status = status
        self.orthanc_status = orthanc_status
        self.error = error
        self.details = details

    meaning = ""


class BadRequestError(ApiError):
    """400: Orthanc refuses the value that was sent."""

    code = "value-refused"
    remedy = "The message has what Orthanc says against it. Where a document said so, `validate` should have found it."

    meaning = "the server refuses what was sent"


class UnauthorizedError(ApiError):
    """401: no user name and password, or wrong ones."""

    code = "login-refused"
    remedy = "Check `ORTHANC_USERNAME` and `ORTHANC_PASSWORD`, `--password-file` or `ORTHANC_TOKEN`."

    meaning = "the server refuses the user name or the password"
    hint = "Check ORTHANC_USERNAME and ORTHANC_PASSWORD (or --username and --password-file)."


class ForbiddenError(ApiError):
    """403: the user may not do this, or the server does not allow it at all."""

    code = "access-forbidden"
    remedy = "Check what this user may do, and whether the server accepts remote access (`RemoteAccessAllowed`)."

    meaning = "the server does not allow this"
    hint = "Check what this user may do, and whether the server accepts remote access (RemoteAccessAllowed)."


class NotFoundError(ApiError):
    """404: no such resource, or no such route on this version."""

    code = "not-found"
    remedy = "It may have been deleted meanwhile, or this version of Orthanc or a missing plugin does not know it."

    meaning = "there is no such thing on the server"


class ConflictError(ApiError):
    """409: the resource has another revision than the one that was sent."""

    code = "revision-conflict"
    remedy = "Read it again, and write it with the revision that it has now."

    meaning = "it was changed by somebody else"


class ServerError(ApiError):
    """5xx: Orthanc, or a proxy in front of it, failed."""

    code = "server-failed"
    remedy = (
        "Look into the log of the server, and of a proxy before it. What can safely be repeated was repeated already."
    )

    meaning = "the server failed"


class NotAllowedError(ApiError):
    """405: the server does not know this method here; it may be too old."""

    code = "method-not-allowed"
    remedy = "The server is too old for it, or a proxy lets only some methods through."

    meaning = "the server does not know this method here; it may be too old"


def error_class(status: int) -> type[ApiError]:
    """The class of error for an HTTP status of 400 and above."""
    by_status: dict[int, type[ApiError]] = {
        400: BadRequestError,
        401: UnauthorizedError,
        403: ForbiddenError,
        404: NotFoundError,
        405: NotAllowedError,
        409: ConflictError,
    }
    return by_status.get(status, ServerError if status >= 500 else ApiError)
