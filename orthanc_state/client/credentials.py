"""Who the client is, kept in one object that shows nothing of it."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orthanc_state.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_VALUE = re.compile(r"[\t\x20-\x7e]*\Z")


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What is sent to show who asks; its values appear in no representation, and so in no frame of a traceback."""

    username: str | None = None
    password: str | None = None
    token: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    client_key_password: str | None = None

    def __repr__(self) -> str:
        return "<Credentials>"

    def check(self) -> None:
        """Find what could not be sent.

        Raises:
            ConfigurationError: Two ways to show who asks, half of one, or what no HTTP header can hold.
        """
        if self.token is not None and self.username is not None:
            raise ConfigurationError("a token and a user name are given: a server takes one or the other")
        if (self.username is None) != (self.password is None):
            raise ConfigurationError("a user name and a password go together")
        for word in ("username", "password"):
            if not _encodable(getattr(self, word) or ""):
                raise ConfigurationError(f"the {word} holds what is no character", hint="Is it text in UTF-8?")
        if ":" in (self.username or ""):
            raise ConfigurationError("a user name cannot hold a colon (HTTP basic authentication)")
        if not _VALUE.match(self.token or ""):
            raise ConfigurationError(
                "the token holds what no HTTP header can: a line end, or something that is not ASCII",
                hint="Check for a line end at its end.",
            )
        for name, value in self.headers.items():
            if not _TOKEN.match(name) or not _VALUE.match(value):
                raise ConfigurationError("a header holds what no HTTP header can: a line end, or what is not ASCII")

    def sent_headers(self) -> dict[str, str]:
        """The headers of every request."""
        return {"Accept": "application/json", **self.headers, **self._authorization()}

    def _authorization(self) -> dict[str, str]:
        if self.token is not None:
            return {"Authorization": f"Bearer {self.token}"}
        if self.username is None:
            return {}
        # HTTP basic authentication (RFC 7617), in UTF-8
        return {"Authorization": "Basic " + b64encode(f"{self.username}:{self.password}".encode()).decode()}


def _encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
