"""One server that is checked, with all that checks need to know of it; each thing is asked once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpx

from orthanc_state.client import ApiError, ClientError, ConnectionFailedError
from orthanc_state.kinds.collection import Absent
from orthanc_state.kinds.switches import read_switches

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from orthanc_state.checks.result import Finding
    from orthanc_state.client import Orthanc
    from orthanc_state.client.system import SystemInformation
    from orthanc_state.configuration.start import Start
    from orthanc_state.document.document import Document

SERVER = "server"
"""The target of a check that is of the server as a whole."""

ECHO_TIMEOUT = 5
"""Seconds in which a C-ECHO has to be answered."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How checks are made.

    Attributes:
        days: How many days a certificate has to be valid yet.
        start: What the server starts with; None where its configuration files are not known.
    """

    days: int = 30
    start: Start | None = None


class Subject:
    """One server.

    Args:
        name: Its name in the inventory; its URL where there is none.
        orthanc: A client for it; only C-ECHO is sent by it, all else by one that only reads.
        document: What it should be; None where nothing says it.
        anonymous: Gives a client that shows neither password nor certificate.
        ca_file: PEM file of the authorities by which its certificate is trusted; None for the system's.
        password_in_clear: Whether it is sent a password over plain HTTP.
        settings: How checks are made.
        unasked: The names of modalities of which no link of the network lets it ask for a C-ECHO.

    Attributes:
        others: The other servers of the inventory, and itself.
    """

    def __init__(
        self,
        name: str,
        orthanc: Orthanc,
        document: Document | None = None,
        *,
        anonymous: Callable[[], Orthanc] | None = None,
        ca_file: Path | None = None,
        password_in_clear: bool = False,
        settings: Settings | None = None,
        unasked: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self.orthanc = orthanc
        self.document = document
        self.ca_file = ca_file
        self.password_in_clear = password_in_clear
        self.settings = settings or Settings()
        self.unasked = unasked
        self.others: list[Subject] = [self]
        self._anonymous = anonymous

    @property
    def url(self) -> str:
        """Where it is reached."""
        return self.orthanc.url

    @property
    def host(self) -> str:
        """The host of its URL."""
        return httpx.URL(self.url).host

    @cached_property
    def reader(self) -> Orthanc:
        """A client that only reads."""
        return self.orthanc.read_only()

    @cached_property
    def system(self) -> SystemInformation:
        """What it says of itself.

        Raises:
            ClientError: It does not answer.
        """
        return self.reader.system()

    @cached_property
    def told(self) -> Mapping[str, bool]:
        """The switches of its configuration that it tells; empty for one that does not allow scripts."""
        return read_switches(self.reader)

    @property
    def switches(self) -> Mapping[str, bool]:
        """What is known of the switches of its configuration: what it tells, and what the document assumes else."""
        assumed = self.document.assume if self.document is not None else {}
        return {**assumed, **self.told}

    @cached_property
    def open_to_all(self) -> bool:
        """Whether it answers who shows neither password nor certificate.

        Raises:
            ClientError: That cannot be told.
        """
        if self._anonymous is None:
            raise ClientError("there is no way to ask it without a password")
        try:
            with self._anonymous() as orthanc:
                orthanc.read_only().system()
        except ApiError as error:
            if error.status in (401, 403):
                return False
            raise
        except ConnectionFailedError:
            if not self.url.startswith("https:"):
                raise
            # It has answered before: without a certificate of the client it does not.
            return False
        return True

    @property
    def modalities(self) -> Mapping[str, Any]:
        """The modalities that the document declares; nothing where there is none."""
        return self.declared("modalities")

    def declared(self, kind: str) -> Mapping[str, Any]:
        """The entries of a kind that the document declares and that have to be there."""
        section = self.document.sections.get(kind, {}) if self.document is not None else {}
        return {name: entry for name, entry in section.items() if not isinstance(entry, Absent)}

    def names(self, kind: str) -> list[str]:
        """The names of the modalities or peers that the document declares; those on the server where there is none.

        Raises:
            ClientError: The server cannot be asked.
        """
        if self.document is not None:
            return list(self.declared(kind))
        return (self.reader.modalities if kind == "modalities" else self.reader.peers).names()

    def place_of(self, finding: Finding) -> Any:
        """Where in its file the document says what was found; None where it does not."""
        if self.document is None or not finding.path:
            return None
        return self.document.place(finding.path)


def reason_of(error: ClientError) -> str:
    """What a server says of why something failed."""
    return error.details or error.message if isinstance(error, ApiError) else error.message
