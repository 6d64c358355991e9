"""What a request must be before it is sent, and what its answer must be before it is believed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from orthanc_state.client import errors, proxy
from orthanc_state.client.exchange import Reply

if TYPE_CHECKING:
    import httpx

_METHOD = re.compile(r"[A-Za-z]+\Z")


def encoded(body: object) -> bytes:
    """A body as JSON; what has a method `reveal()` is revealed here and nowhere else."""
    return json.dumps(body, default=_reveal).encode()


def _reveal(value: Any) -> Any:
    reveal = getattr(value, "reveal", None)
    if reveal is None:
        raise TypeError(f"{type(value).__name__} cannot be sent as JSON")
    return reveal()


def check(method: str, path: str) -> None:
    """Refuse a request that would go elsewhere than it says.

    Raises:
        PathError: Its method or its path is none.
    """
    if not _METHOD.match(method):
        raise errors.PathError("this is not the name of an HTTP method")
    if not path.startswith("/") or path.startswith("//"):
        raise errors.PathError("a path begins with one slash")
    if ("." in path or "%" in path) and not {".", ".."}.isdisjoint(unquote(path).replace("\\", "/").split("/")):
        raise errors.PathError("a path names every segment: `.` and `..` would lead elsewhere")


def revision_of(response: httpx.Response | Reply) -> str | None:
    """The revision that an answer names (`ETag`), without its quotation marks."""
    # Most answers have none, and headers that are asked for by their names cost as much as a path.
    if isinstance(response, Reply) and b"etag" not in response.head.names:
        return None
    revision: str | None = response.headers.get("ETag")
    return None if revision is None else revision.strip('"')


def check_status(method: str, path: str, response: httpx.Response | Reply) -> None:
    """Take an answer, or raise what it means.

    Raises:
        ApiError: Orthanc answered with an error.
        UnexpectedAnswerError: It is a redirect.
    """
    status = response.status_code
    if status < 300 or status == 304:
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
        # Orthanc says much with nothing; anything else without its JSON is not Orthanc's.
        answer = {}
        if status >= 500 or (response.content and status not in {401, 403, 407}):
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
