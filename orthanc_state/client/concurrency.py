"""Doing many things at once, bounded: with tasks in the asynchronous client, with threads in the synchronous one."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import anyio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

T = TypeVar("T")
_END: Any = object()


class AsyncWorkers:
    """Runs a function for each of many items, a few at a time.

    The items are taken one by one when a worker is free. The first error stops the others and is raised.

    Args:
        number: How many are under way at once.
    """

    def __init__(self, number: int) -> None:
        self._number = number

    async def run(self, function: Callable[[T], Awaitable[None]], items: Iterable[T]) -> None:
        """Call the function for every item; it returns when all are done."""
        left = iter(items)

        async def work() -> None:
            for item in left:
                await function(item)

        try:
            async with anyio.create_task_group() as group:
                for _ in range(self._number):
                    group.start_soon(work)
        except ExceptionGroup as failures:
            # The others were stopped by it.
            raise failures.exceptions[0] from None


class Workers:
    """As `AsyncWorkers`, with threads."""

    def __init__(self, number: int) -> None:
        self._number = number

    def run(self, function: Callable[[T], None], items: Iterable[T]) -> None:
        """Call the function for every item; it returns when all are done."""
        left = _Shared(iter(items))

        def work() -> None:
            try:
                for item in left:
                    function(item)
            except BaseException:
                left.end()
                raise

        with ThreadPoolExecutor(self._number, thread_name_prefix="orthanc-state") as executor:
            try:
                for future in [executor.submit(work) for _ in range(self._number)]:
                    future.result()
            finally:
                # Also when the user interrupts: nothing more is begun.
                left.end()


class _Shared:
    """An iterator of which many threads take."""

    def __init__(self, items: Iterator[Any]) -> None:
        self._items = items
        self._lock = threading.Lock()

    def __iter__(self) -> _Shared:
        return self

    def __next__(self) -> Any:
        with self._lock:
            return next(self._items)

    def end(self) -> None:
        """Give out nothing more."""
        self._items = iter(())


async def async_sleep(seconds: float) -> None:
    """Wait."""
    await anyio.sleep(seconds)


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


async def async_blocking(function: Callable[[], T]) -> T:
    """Call what waits for a disk, without keeping the event loop waiting."""
    return await anyio.to_thread.run_sync(function)


def blocking(function: Callable[[], T]) -> T:
    """Call what waits for a disk."""
    return function()
