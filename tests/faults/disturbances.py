"""What may go wrong with one request of an apply, and how long its answer is waited for then."""

from __future__ import annotations

from tests.faults.fault_proxy import Fault, cut, duplicate, late, lose_answer, reset

_LATE = "arrives after the time is over"

DISTURBANCES: dict[str, Fault] = {
    "never arrives": reset,
    "arrives, and its answer is lost": lose_answer,
    "arrives, and its answer is cut": cut(),
    _LATE: late,
    "arrives twice": duplicate,
}


def timeouts(name: str) -> tuple[float, ...]:
    """Seconds to wait for an answer under this disturbance, to be tried in turn until its request is reached.

    An answer that comes too late is waited for as briefly as can be, and a busy machine may be late by itself
    before it comes to the request in question. The others need no hurry.
    """
    return (0.3, 1, 5) if name == _LATE else (10,)
