"""The servers of one test run."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from orthanc_state.testing import distribution
from orthanc_state.testing.errors import OrthancUnavailable
from orthanc_state.testing.installation import Installation
from orthanc_state.testing.server import OrthancServer


def _raise(error: OrthancUnavailable) -> NoReturn:
    raise error


class OrthancServers:
    """Starts servers of any suite, remembers them, and stops what is left of them at the end.

    Args:
        suites: those that may be used.
        folder: makes an empty folder for a server, from a name; None for temporary ones.
        unavailable: what to do about a suite that cannot be had; it must raise.

    Attributes:
        running: those that were started and not stopped through this object, the shared included.
        started: how many were started in all.
        reasons: why a suite that was asked for cannot be had.
    """

    def __init__(
        self,
        suites: Sequence[str],
        *,
        folder: Callable[[str], Path] | None = None,
        unavailable: Callable[[OrthancUnavailable], NoReturn] = _raise,
    ) -> None:
        self.running: list[OrthancServer] = []
        self.started = 0
        self.reasons: dict[str, str] = {}
        self._suites = tuple(suites)
        self._folder = folder
        self._unavailable = unavailable
        self._found: dict[str, Installation] = {}
        self._shared: dict[str, OrthancServer] = {}

    def installation(self, suite: str | None = None) -> Installation:
        """The Orthanc of a suite; a failure to get it is not repeated within one run.

        Args:
            suite: its name; None for the stable one or, failing that, any that can be had.

        Raises:
            OrthancUnavailable: it cannot be had (or what `unavailable` makes of this).
        """
        try:
            return self._any_installation() if suite is None else self._find(suite)
        except OrthancUnavailable as error:
            self._unavailable(error)

    def shared(self, suite: str | None = None) -> OrthancServer:
        """The one server of a suite that the whole run shares, running and with default settings.

        Raises:
            OrthancUnavailable: see `installation`.
            OrthancDied: it does not start.
        """
        name = self.installation(suite).name
        server = self._shared.get(name)
        if server is None:
            server = self._shared[name] = self.start(suite)
        return server if server.running else server.start()

    def start(
        self,
        suite: str | None = None,
        configuration: dict[str, Any] | None = None,
        *,
        plugins: Sequence[str] = (),
        files: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> OrthancServer:
        """Starts a server that nobody else uses.

        Args:
            suite: see `installation`.
            configuration: see `OrthancServer`.
            plugins: see `OrthancServer`.
            files: see `OrthancServer`.
            environment: see `OrthancServer`.

        Raises:
            OrthancUnavailable: see `installation`.
            OrthancDied: it does not start.
        """
        installation = self.installation(suite)
        folder = self._folder(f"orthanc-{installation.name}-") if self._folder else None
        try:
            server = OrthancServer(
                installation,
                configuration,
                plugins=plugins,
                files=files,
                environment=environment,
                directory=folder,
            )
        except OrthancUnavailable as error:
            self._unavailable(error)
        server.keep = False
        server.start()
        self.running.append(server)
        self.started += 1
        return server

    def stop(self, server: OrthancServer) -> None:
        """Stops one that `start` gave. One that its test stopped already is fine."""
        server.stop()
        if server in self.running:
            self.running.remove(server)

    def stop_all(self) -> None:
        """Stops every server, the shared ones included."""
        for server in tuple(self.running):
            self.stop(server)
        self._shared.clear()

    def _any_installation(self) -> Installation:
        # The stable suite first; the sort keeps the others in their order.
        for suite in sorted(self._suites, key=lambda each: each != distribution.DEFAULT_SUITE):
            with contextlib.suppress(OrthancUnavailable):
                return self._find(suite)
        raise OrthancUnavailable("; ".join(self.reasons.values()) or "no suite of Orthanc may be used")

    def _find(self, suite: str) -> Installation:
        if suite in self.reasons:
            raise OrthancUnavailable(self.reasons[suite])
        if suite not in self._found:
            try:
                self._found[suite] = distribution.find(suite)
            except OrthancUnavailable as error:
                self.reasons[suite] = error.reason
                raise
        return self._found[suite]
