"""What is sent again when the network fails, and how long it waits in between."""

from __future__ import annotations

import httpx
from httpx_retries import Retry

CONNECT_RETRIES = 2
"""How often a connection is tried again before anything was sent; safe for every method."""


def retry_policy(total: int, *, safe_post: bool = False) -> Retry:
    """The policy for one request: exponential back-off with full jitter, `Retry-After` honoured.

    Only what has the same effect once or twice is repeated: GET, HEAD and PUT, and the POSTs that only ask.
    A DELETE is not, since its repetition answers 404 and hides whether the first one worked. A stalled answer is
    not repeated either: the time that the user allowed is over.

    Args:
        total: How often a request is sent again at most; 0 for never.
        safe_post: Whether this request is a POST that only asks.
    """
    return Retry(
        total=total,
        allowed_methods=["GET", "HEAD", "PUT", "POST"] if safe_post else ["GET", "HEAD", "PUT"],
        status_forcelist=[429, 502, 503, 504],
        retry_on_exceptions=[httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.RemoteProtocolError],
        backoff_factor=0.2,
        max_backoff_wait=5.0,
        total_timeout=20.0,
    )
