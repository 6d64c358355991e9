"""Work for many servers at once, most of which is waiting for them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")

WORKERS = 16
"""How many servers are asked at once."""


def at_once(
    work: Callable[[Item], Result], items: Sequence[Item], workers: int = WORKERS
) -> Iterator[tuple[Item, Result]]:
    """Do something for each of some items, several at a time; each result as it comes.

    What is raised by one of them ends all: what has begun is waited for, and the rest is not begun.
    """
    with ThreadPoolExecutor(max_workers=max(1, min(workers, len(items))), thread_name_prefix="fleet") as pool:
        futures = {pool.submit(work, item): item for item in items}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
