"""Something that tells when it has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Observable:
    """Calls whoever watches it, in the thread in which it changes."""

    def __init__(self) -> None:
        self._watchers: list[Callable[[], None]] = []

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call a function at every change from now on."""
        self._watchers.append(watcher)

    def changed(self) -> None:
        """Tell that it has changed."""
        for watcher in list(self._watchers):
            watcher()
