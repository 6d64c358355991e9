"""Where a server is, and how connections to it are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpcore

if TYPE_CHECKING:
    import ssl

    import httpx


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One server.

    Attributes:
        base: Its base URL.
        tls: Whose certificates are trusted, for https.
        keep_alive: Seconds for which an idle connection is kept.
        retries: How often a connection is tried again.
    """

    base: httpx.URL
    tls: ssl.SSLContext
    keep_alive: float
    retries: int

    @property
    def port(self) -> int:
        """Its port, also where the URL names none."""
        return self.base.port or (443 if self.base.scheme == "https" else 80)

    @property
    def origin(self) -> httpcore.Origin:
        """Its scheme, host and port, as httpcore has them."""
        return httpcore.Origin(self.base.scheme.encode(), self.base.raw_host, self.port)
