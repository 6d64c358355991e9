"""Writes changes of resources: compares, sends, and reads back."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from orthanc_state.client import ClientError, ConnectionFailedError
from orthanc_state.execution.batches import at_once, workers_for
from orthanc_state.execution.report import Outcome, Result
from orthanc_state.kinds.registry import resource_kind
from orthanc_state.planning.fields import field_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from orthanc_state.client import Orthanc
    from orthanc_state.execution.journal import Record
    from orthanc_state.kinds.kind import Context, ResourceKind
    from orthanc_state.kinds.state import State
    from orthanc_state.planning.change import Change


class ServerLostError(Exception):
    """The server cannot be reached any more; it holds what became of the changes in hand."""

    def __init__(self, *results: Result) -> None:
        super().__init__(results[0].reason)
        self.results = results


def write(
    orthanc: Orthanc, changes: Sequence[Change], context: Context, record: Record, stopped: Callable[[], bool]
) -> list[Result]:
    """Make changes of one kind so, each if the server still is what it was planned from.

    Several are compared by one question, sent together, and read back by one question.

    Args:
        orthanc: The server.
        changes: The changes, none of which needs another; several only of a kind that is `parallel`.
        context: The server and the document, as they were planned with.
        record: Where they are noted before they are sent.
        stopped: Whether nothing more is to be sent.

    Returns:
        What became of them, in any order. Those are left out that were not sent because it was stopped, or because a
        request before them was not answered while the server can still be asked.

    Raises:
        ServerLostError: The server is gone.
    """
    kind = resource_kind(changes[0].kind)
    try:
        found = _found(orthanc, kind, changes, context)
        paths = {change.name: kind.path_on(orthanc, change.operation.path) for change in changes}
    except ConnectionFailedError as error:
        raise ServerLostError(Result(changes[0], Outcome.FAILED, f"{error}; nothing was sent")) from None
    except ClientError as error:
        reason = f"it cannot be compared with the plan, so nothing was sent: {error}"
        return [Result(change, Outcome.FAILED, reason) for change in changes]
    results = {
        change.name: result
        for change in changes
        if (result := _compared(kind, change, found.get(change.name))) is not None
    }
    ready = [change for change in changes if change.name not in results]
    if ready:
        record.sending(ready)
        answers = _sent(orthanc, ready, paths, stopped)
        sent = [change for change in ready if change.name in answers]
        try:
            results |= {change.name: result for change, result in _verified(orthanc, kind, sent, context)}
        except ConnectionFailedError as error:
            reason = f"{error}; whether it was written is not known"
            unknown = (Result(change, Outcome.FAILED, reason) for change in sent)
            raise ServerLostError(*results.values(), *unknown) from None
        for change in sent:
            if answers[change.name] and results[change.name].outcome is not Outcome.APPLIED:
                results[change.name] = Result(change, Outcome.FAILED, answers[change.name])
    return list(results.values())


def _sent(
    orthanc: Orthanc, changes: Sequence[Change], paths: Mapping[str, str], stopped: Callable[[], bool]
) -> Mapping[str, str]:
    """Send changes; returns those that were sent, by name, each with why it was refused, if it was."""
    unanswered = Event()

    def send(change: Change) -> str | None:
        if stopped() or unanswered.is_set():
            return None
        operation = change.operation
        # What the server has afterwards decides: a request may have arrived though the connection was cut, a gateway
        # may refuse what the server has done already, and a DELETE that came twice finds nothing the second time.
        try:
            orthanc.request(operation.method, paths[change.name], body=operation.body, text=operation.text)
        except ConnectionFailedError:
            unanswered.set()
        except ClientError as error:
            return str(error)
        return ""

    answers = zip(changes, at_once(send, changes, workers_for(orthanc.url)), strict=True)
    return {change.name: refused for change, refused in answers if refused is not None}


def _found(orthanc: Orthanc, kind: ResourceKind, changes: Sequence[Change], context: Context) -> Mapping[str, State]:
    """What the server has of the resources that are to be changed, and maybe more."""
    if len(changes) > 1:
        return kind.live(kind.read(orthanc), None, context)
    name = changes[0].name
    state = kind.read_back(orthanc, name, context)
    return {} if state is None else {name: state}


def _compared(kind: ResourceKind, change: Change, found: State | None) -> Result | None:
    """Why a change is not to be sent; None where it is."""
    if found == change.before:
        return None
    if _is_so(kind, change, found):
        return Result(change, Outcome.ALREADY, "somebody else made it so already")
    return Result(change, Outcome.MOVED, "the server has changed since the plan; nothing was sent", found)


def _verified(
    orthanc: Orthanc, kind: ResourceKind, changes: Sequence[Change], context: Context
) -> Iterator[tuple[Change, Result]]:
    """What became of changes that were sent, by what the server has now.

    Raises:
        ConnectionFailedError: The server is gone.
    """
    if not changes:
        return
    try:
        found = _found(orthanc, kind, changes, context)
    except ConnectionFailedError:
        raise
    except ClientError as error:
        reason = f"it was sent, but cannot be read back: {error}"
        yield from ((change, Result(change, Outcome.FAILED, reason)) for change in changes)
    else:
        yield from ((change, _judged(kind, change, found.get(change.name))) for change in changes)


def _judged(kind: ResourceKind, change: Change, found: State | None) -> Result:
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
