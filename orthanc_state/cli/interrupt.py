"""Ctrl-C in the middle of an apply: what is in hand is finished, then it stops."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextmanager
def stop_on_interrupt() -> Iterator[Event]:
    """An event that the first Ctrl-C (or SIGTERM) sets; the second one stops at once."""
    stop = Event()
    if current_thread() is not main_thread():
        yield stop
        return
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in signals}

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()
        for each in signals:
            signal.signal(each, before[each])
        sys.stderr.write("\nStopping after what is in hand; once more to stop at once.\n")

    for number in signals:
        signal.signal(number, on_signal)
    try:
        yield stop
    finally:
        for number in signals:
            signal.signal(number, before[number])
