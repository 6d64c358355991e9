"""Which changes can be sent at the same time, and sending them so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from orthanc_state.client.url import base_url, is_loopback
from orthanc_state.kinds.registry import resource_kind
from orthanc_state.planning.change import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from orthanc_state.planning.change import PolicyChange

Item = TypeVar("Item")
Done = TypeVar("Done")

MANY = 16
"""From how many entries of one kind on they are written together; fewer go one after the other, in sight."""

TOGETHER = 64
"""How many are compared by one question, sent, and read back by another: so few that little time passes between."""

WORKERS = 4
"""How many changes are under way at once: the server writes one at a time, and the rest of it is the way there."""

NEARBY = 1
"""How many where the server is on this machine, as its URL tells: several only wait for each other at its lock."""


def batches(changes: Iterable[Change | PolicyChange]) -> Iterator[Sequence[Change | PolicyChange]]:
    """Changes in their order: many of one kind together, none of which needs another; the rest one by one."""
    batch: dict[str, Change | PolicyChange] = {}
    kind = ""
    for change in changes:
        belongs = isinstance(change, Change) and change.kind == kind and resource_kind(kind).parallel
        if not belongs or not batch.keys().isdisjoint((change.address, *change.depends_on)):
            yield from _parted(list(batch.values()))
            batch, kind = {}, change.kind
        batch[change.address] = change
    yield from _parted(list(batch.values()))


def _parted(batch: Sequence[Change | PolicyChange]) -> Iterator[Sequence[Change | PolicyChange]]:
    size = TOGETHER if len(batch) >= MANY else 1
    yield from (batch[begin : begin + size] for begin in range(0, len(batch), size))


def workers_for(url: str) -> int:
    """How many changes are under way at once on the server with a URL."""
    return NEARBY if is_loopback(base_url(url).host) else WORKERS


def at_once(function: Callable[[Item], Done], items: Sequence[Item], workers: int) -> Iterator[Done]:
    """What a function gives for each of many items, in their order; so many are under way at a time.

    Nothing more is begun when one of them fails, or when nobody wants the rest; what is under way ends first.
    """
    if workers == 1 or len(items) == 1:
        yield from map(function, items)
        return
    executor = ThreadPoolExecutor(workers, thread_name_prefix="orthanc-state")
    try:
        for future in [executor.submit(function, item) for item in items]:
            yield future.result()
    finally:
        executor.shutdown(cancel_futures=True)
