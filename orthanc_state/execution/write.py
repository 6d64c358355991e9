"""Writes one change of a resource: compares, sends, and reads back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.client import ClientError, ConnectionFailedError
from orthanc_state.execution.report import Outcome, Result
from orthanc_state.kinds.registry import resource_kind
from orthanc_state.planning.fields import field_changes

if TYPE_CHECKING:
    from orthanc_state.client import Orthanc
    from orthanc_state.execution.journal import Record
    from orthanc_state.kinds.kind import Context, ResourceKind
    from orthanc_state.kinds.state import State
    from orthanc_state.planning.change import Change


class ServerLostError(Exception):
    """The server cannot be reached any more; it holds what became of the change in hand."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.reason)
        self.result = result


def write(orthanc: Orthanc, change: Change, context: Context, record: Record) -> Result:
    """Make one change so, if the server still is what the change was planned from.

    Args:
        orthanc: The server.
        change: The change.
        context: The server and the document, as they were planned with.
        record: Where it is noted before it is sent.

    Raises:
        ServerLostError: The server is gone.
    """
    kind = resource_kind(change.kind)
    try:
        found = kind.read_back(orthanc, change.name, context)
        path = kind.path_on(orthanc, change.operation.path)
    except ConnectionFailedError as error:
        raise ServerLostError(Result(change, Outcome.FAILED, f"{error}; nothing was sent")) from None
    except ClientError as error:
        return Result(change, Outcome.FAILED, f"it cannot be compared with the plan, so nothing was sent: {error}")
    if found != change.before:
        if _is_so(kind, change, found):
            return Result(change, Outcome.ALREADY, "somebody else made it so already")
        return Result(change, Outcome.MOVED, "the server has changed since the plan; nothing was sent", found)
    operation = change.operation
    record.sending(change)
    refused = ""
    # What the server has afterwards decides: a request may have arrived though the connection was cut, a gateway may
    # refuse what the server has done already, and a DELETE that came twice finds nothing the second time.
    try:
        orthanc.request(operation.method, path, body=operation.body, text=operation.text)
    except ConnectionFailedError:
        pass
    except ClientError as error:
        refused = str(error)
    result = _verified(orthanc, kind, change, context)
    if refused and result.outcome is not Outcome.APPLIED:
        return Result(change, Outcome.FAILED, refused)
    return result


def _verified(orthanc: Orthanc, kind: ResourceKind, change: Change, context: Context) -> Result:
    try:
        found = kind.read_back(orthanc, change.name, context)
    except ConnectionFailedError as error:
        reason = f"{error}; whether it was written is not known"
        raise ServerLostError(Result(change, Outcome.FAILED, reason)) from None
    except ClientError as error:
        return Result(change, Outcome.FAILED, f"it was sent, but cannot be read back: {error}")
    if _is_so(kind, change, found):
        return Result(change, Outcome.APPLIED)
    if found is None or change.after is None:
        reason = "it was sent, but is not on the server" if found is None else "it was deleted, but is still there"
        return Result(change, Outcome.FAILED, reason)
    differences = field_changes(found, change.after)
    return Result(change, Outcome.FAILED, "the server did not take all of what was sent", differences=differences)


def _is_so(kind: ResourceKind, change: Change, found: State | None) -> bool:
    if found is None or change.after is None:
        return found is None and change.after is None
    return kind.fulfils(found, change.after, change.operation)
