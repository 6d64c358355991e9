"""The asynchronous client: the same as the synchronous one, and thousands of calls at once."""

from __future__ import annotations

import asyncio
import inspect
from importlib import import_module
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import AsyncOrthanc, Orthanc
from orthanc_state.client import ConnectionFailedError, NotFoundError, ReadOnlyError
from orthanc_state.client._async.connection import SLOTS
from tests.faults.fault_proxy import FaultProxy, first, free_port, reset

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from orthanc_state.testing import OrthancServer

PACS = {"AET": "PACS", "Host": "10.0.0.5", "Port": 104}


def run(url: str, use: Callable[[AsyncOrthanc], Awaitable[Any]]) -> Any:
    """Use a client of a server in an event loop of its own."""

    async def used() -> Any:
        async with AsyncOrthanc(url, retries=2) as orthanc:
            return await use(orthanc)

    return asyncio.run(used())


def test_it_reads_and_writes(own: OrthancServer) -> None:
    async def use(orthanc: AsyncOrthanc) -> None:
        assert (await orthanc.system())["Version"] == own.version
        await orthanc.modalities["pacs"].put(PACS)
        assert (await orthanc.modalities["pacs"].configuration())["AET"] == "PACS"
        assert await orthanc.modalities.names() == ["pacs"]
        await orthanc.tools.log_level.set("verbose", category="dicom")
        assert await orthanc.tools.log_level.get(category="dicom") == "verbose"
        assert b"".join([piece async for piece in orthanc.stream("/modalities")]).startswith(b"[")
        await orthanc.modalities["pacs"].delete()
        with pytest.raises(NotFoundError):
            await orthanc.modalities["pacs"].configuration()

    run(own.url, use)


def test_its_view_only_reads(server: OrthancServer) -> None:
    async def use(orthanc: AsyncOrthanc) -> None:
        gated = orthanc.read_only()
        assert await gated.system()
        with pytest.raises(ReadOnlyError):
            await gated.modalities["pacs"].put(PACS)

    run(server.url, use)


def test_it_repeats_what_is_safe_to_repeat(server: OrthancServer) -> None:
    with FaultProxy(server.url, first(2, reset)) as proxy:
        assert run(proxy.url, lambda orthanc: orthanc.system())["Version"] == server.version
        assert len(proxy.seen) == 3


def test_a_server_that_is_down_is_one_clear_error() -> None:
    with pytest.raises(ConnectionFailedError, match="cannot connect"):
        run(f"http://127.0.0.1:{free_port()}", lambda orthanc: orthanc.system())


def test_thousands_of_calls_at_once_are_sent_in_order_over_few_connections(server: OrthancServer) -> None:
    async def use(orthanc: AsyncOrthanc) -> list[dict[str, Any]]:
        return list(await asyncio.gather(*(orthanc.get("/system", params={"call": n}) for n in range(3000))))

    with FaultProxy(server.url) as proxy:
        answers = run(proxy.url, use)
        sent = [int(seen.target.partition("=")[2]) for seen in proxy.seen]
    assert [answer["Version"] for answer in answers] == [server.version] * 3000
    assert sorted(sent) == list(range(3000)), "each was sent once"
    # A call that has to wait for a new connection is overtaken; most are not, since they wait in one queue.
    assert median(abs(place - number) for place, number in enumerate(sent)) < SLOTS
    # Some are opened again after they were idle for too long; most calls find one that is open.
    assert proxy.connections < 3000 / 10


@pytest.mark.parametrize("module", ["connection", "gate", "orthanc", "remotes", "resource", "retry", "tools", "whole"])
def test_both_clients_have_the_same_classes_and_methods(module: str) -> None:
    found = []
    for half in ("_async", "_sync"):
        classes = inspect.getmembers(import_module(f"orthanc_state.client.{half}.{module}"), inspect.isclass)
        own = {name.removeprefix("Async"): cls for name, cls in classes if f".{half}." in cls.__module__}
        found.append({name: sorted(member for member in vars(cls) if member[0] != "_") for name, cls in own.items()})
    asynchronous, synchronous = (
        {name: [renamed(member) for member in members] for name, members in half.items()} for half in found
    )
    assert {name: sorted(members) for name, members in asynchronous.items()} == synchronous


def renamed(member: str) -> str:
    return {"handle_async_request": "handle_request", "aclose": "close"}.get(member, member)


def test_they_are_two_names_for_one_thing() -> None:
    assert AsyncOrthanc.__doc__ == Orthanc.__doc__


def test_ten_thousand_calls_at_once_all_get_their_answer(own: OrthancServer) -> None:
    async def use(orthanc: AsyncOrthanc) -> int:
        answers = await asyncio.gather(*(orthanc.get("/system") for _ in range(10_000)))
        return sum(answer["Version"] == own.version for answer in answers)

    assert run(own.url, use) == 10_000
