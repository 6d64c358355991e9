"""What httpcore raises, as httpx does, which names it alike."""

from __future__ import annotations

import httpcore
import httpx

ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)
"""All that httpcore raises for what goes wrong outside."""


def mapped(error: Exception, request: httpx.Request | None = None) -> httpx.HTTPError:
    """An error of httpcore as that of httpx, which has the same name."""
    kind: type[httpx.RequestError] = getattr(httpx, type(error).__name__)
    return kind(str(error), request=request)
