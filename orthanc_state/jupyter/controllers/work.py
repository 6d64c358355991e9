"""Something that takes long, in a thread of its own: the notebook stays usable, and it can be stopped."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

from orthanc_state.errors import OrthancStateError

if TYPE_CHECKING:
    from collections.abc import Callable


class Work:
    """One thing at a time, with what went wrong in the last one.

    Args:
        changed: Called when it begins and when it has ended.

    Attributes:
        stop: Set when it is to stop.
        error: Why the last one failed; None where it did not.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self.stop = Event()
        self.error: OrthancStateError | None = None
        self._changed = changed
        self._thread: Thread | None = None

    @property
    def running(self) -> bool:
        """Whether it is at work."""
        return self._thread is not None

    def start(self, job: Callable[[], None]) -> None:
        """Begin; what it raises that a user can understand is kept.

        Raises:
            OrthancStateError: It is at work already.
        """
        if self.running:
            raise OrthancStateError("something is being done already", hint="Wait until it is done, or stop it.")
        self.stop = Event()
        self.error = None

        def run() -> None:
            try:
                job()
            except OrthancStateError as error:
                self.error = error
            except Exception as error:  # A defect must not leave a panel at work for ever.
                self.error = OrthancStateError(f"this failed unexpectedly: {type(error).__name__}")
                raise
            finally:
                self._thread = None
                self._changed()

        self._thread = Thread(target=run, name="orthanc-state", daemon=True)
        self._thread.start()
        self._changed()

    def cancel(self) -> None:
        """What is in hand is finished, and the rest is not tried."""
        self.stop.set()
        self._changed()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is done; whether it is."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return not self.running
