"""The main job in three functions: `plan`, `apply`, `dump`. Every face is made of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.kinds.live import read
from orthanc_state.kinds.registry import resource_kinds
from orthanc_state.planning.differ import diff

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from orthanc_state.client import Orthanc
    from orthanc_state.document.document import Document
    from orthanc_state.document.dump import Dump
    from orthanc_state.execution.report import Report, Result
    from orthanc_state.planning.plan import Plan


def plan(orthanc: Orthanc, document: Document) -> Plan:
    """Compare a document with a running server. Only questions are sent.

    Raises:
        ClientError: The server cannot be reached, or refuses.
        PlanError: The document cannot be brought about on this server.
    """
    return diff(document, read(orthanc, document.kinds, document.sections))


def apply(
    orthanc: Orthanc,
    plan: Plan,
    *,
    on_result: Callable[[Result], None] | None = None,
    stop: Event | None = None,
    on_progress: Callable[[int], None] | None = None,
    scripts: bool = True,
) -> Report:
    """Make a plan so, and read back each write.

    Args:
        orthanc: The server that the plan was made for.
        plan: What `plan` gave.
        on_result: Called after each change.
        stop: When it is set, the change in hand is finished and the rest is not tried.
        on_progress: Called with the number of single changes of policies that are settled since it was called last.
        scripts: Whether scripts may be run on a server that allows them, which is much faster for policies.

    Returns:
        What was applied, what failed, and what was not tried. A failure of the server is in it, not raised.

    Raises:
        ExecutionError: The plan was made for another server.
    """
    from orthanc_state.execution.executor import execute

    return execute(orthanc, plan, on_result=on_result, stop=stop, on_progress=on_progress, scripts=scripts)


def dump(orthanc: Orthanc) -> Dump:
    """The state of a running server as a canonical document.

    Raises:
        ClientError: The server cannot be reached, or refuses.
    """
    from orthanc_state.document.dump import dumped

    return dumped(read(orthanc, resource_kinds()))
