"""What is sent again and what is not, counted at a proxy in front of a real server."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc
from orthanc_state.client import ApiError, ConnectionFailedError, NotFoundError, ServerError, TimedOutError
from tests.faults.fault_proxy import (
    Exchange,
    FaultProxy,
    cut,
    first,
    forward,
    free_port,
    hang_up,
    lose_answer,
    replace,
    reset,
    stall,
)

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServer
    from tests.faults.fault_proxy import Fault

MODALITY = {"AET": "PACS", "Host": "127.0.0.1", "Port": 104}
FIND = {"Level": "Study", "Query": {}}
BREAKS = {
    "reset before it arrived": reset,
    "closed before it arrived": hang_up,
    "answer lost": lose_answer,
    "429": replace("", 429),
    "502": replace("<html>", 502, "text/html"),
    "503": replace("", 503),
    "504": replace("", 504),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_get_is_sent_again_until_it_is_answered(own: OrthancServer, name: str) -> None:
    times = 2 if name == "502" else 1
    with FaultProxy(own.url, first(times, BREAKS[name])) as proxy, Orthanc(proxy.url) as orthanc:
        assert orthanc.system()["Version"] == own.version
        assert proxy.methods == ["GET"] * (1 + times)


@pytest.mark.parametrize("name", BREAKS)
def test_a_put_is_sent_again_since_twice_is_the_same_as_once(own: OrthancServer, name: str) -> None:
    with FaultProxy(own.url, first(1, BREAKS[name])) as proxy, Orthanc(proxy.url) as orthanc:
        orthanc.modalities["again"].put(MODALITY)
        assert proxy.methods == ["PUT"] * 2
        assert proxy.seen[0].body == proxy.seen[1].body
        assert orthanc.modalities["again"].configuration()["AET"] == "PACS"


@pytest.mark.parametrize("name", BREAKS)
def test_a_delete_is_never_sent_again(own: OrthancServer, name: str) -> None:
    with Orthanc(own.url) as orthanc:
        orthanc.modalities["gone"].put(MODALITY)
    with FaultProxy(own.url, first(1, BREAKS[name])) as proxy, Orthanc(proxy.url) as orthanc:
        with pytest.raises((ConnectionFailedError, ApiError)) as raised:
            orthanc.modalities["gone"].delete()
        # A second one would say 404, and hide that the first one worked.
        assert not isinstance(raised.value, NotFoundError)
        assert proxy.methods == ["DELETE"]


@pytest.mark.parametrize("name", BREAKS)
def test_a_post_that_may_write_is_never_sent_again(own: OrthancServer, name: str) -> None:
    with FaultProxy(own.url, first(1, BREAKS[name])) as proxy, Orthanc(proxy.url) as orthanc:
        with pytest.raises((ConnectionFailedError, ApiError)):
            orthanc.post("/tools/create-dicom", {"Tags": {"PatientID": "once"}})
        assert proxy.methods == ["POST"]


@pytest.mark.parametrize("path", ["/tools/find", "/tools/count-resources", "/tools/lookup"])
@pytest.mark.parametrize("gated", [False, True], ids=["plain", "gated"])
def test_a_post_that_only_asks_is_sent_again(server: OrthancServer, path: str, gated: bool) -> None:
    with FaultProxy(server.url, first(1, reset)) as proxy, Orthanc(proxy.url) as orthanc:
        client = orthanc.read_only() if gated else orthanc
        body: Any = "1.2.3" if path == "/tools/lookup" else FIND
        assert client.post(path, body)
        assert proxy.methods == ["POST"] * 2


@pytest.mark.parametrize("name", ["reset before it arrived", "503"])
def test_it_stops_after_the_retries_that_were_allowed(server: OrthancServer, name: str) -> None:
    with FaultProxy(server.url, BREAKS[name]) as proxy:
        for retries in (0, 1, 2):
            proxy.seen.clear()
            with Orthanc(proxy.url, retries=retries) as orthanc, pytest.raises((ConnectionFailedError, ServerError)):
                orthanc.system()
            assert len(proxy.seen) == 1 + retries


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500, 501])
def test_an_answer_that_will_not_change_is_not_asked_for_again(server: OrthancServer, status: int) -> None:
    with FaultProxy(server.url, replace("{}", status)) as proxy, Orthanc(proxy.url) as orthanc:
        with pytest.raises(ApiError) as raised:
            orthanc.system()
        assert raised.value.status == status
        assert len(proxy.seen) == 1


def test_a_stalled_answer_is_not_asked_for_again_since_its_time_is_over(server: OrthancServer) -> None:
    with FaultProxy(server.url, stall) as proxy, Orthanc(proxy.url, timeout=0.3) as orthanc:
        began = time.monotonic()
        with pytest.raises(TimedOutError):
            orthanc.system()
        assert len(proxy.seen) == 1
        assert time.monotonic() - began < 2


def test_a_get_whose_answer_is_cut_is_sent_again(server: OrthancServer) -> None:
    with FaultProxy(server.url, first(1, cut())) as proxy, Orthanc(proxy.url) as orthanc:
        assert orthanc.system()["Version"] == server.version
        assert proxy.methods == ["GET"] * 2


def test_retry_after_is_honoured(server: OrthancServer) -> None:
    with FaultProxy(server.url, first(1, replace("", 503, Retry_After="1"))) as proxy, Orthanc(proxy.url) as orthanc:
        began = time.monotonic()
        assert orthanc.system()
        assert time.monotonic() - began >= 1
        assert len(proxy.seen) == 2


@pytest.mark.parametrize("value", ["Wed, 21 Oct 2015 07:28:00 GMT", "soon", "-1", "1e9", "²", "\u00e9"])
def test_a_strange_retry_after_does_no_harm(server: OrthancServer, value: str) -> None:
    answer = replace("", 503, Retry_After=value.encode().decode("latin-1"))
    with FaultProxy(server.url, first(1, answer)) as proxy, Orthanc(proxy.url) as orthanc:
        began = time.monotonic()
        assert orthanc.system()
        assert time.monotonic() - began < 3
        assert len(proxy.seen) == 2


def test_the_wait_grows_and_is_random_so_that_many_clients_do_not_come_back_at_once(server: OrthancServer) -> None:
    def ask(number: int) -> None:
        with Orthanc(proxy.url, headers={"X-Client": str(number)}, retries=2) as orthanc, pytest.raises(ServerError):
            orthanc.system()

    with FaultProxy(server.url, replace("", 503)) as proxy, ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, range(16)))
    came: dict[str, list[float]] = defaultdict(list)
    for seen in proxy.seen:
        came[seen.headers["x-client"]].append(seen.at)
    first_waits, second_waits = zip(*((b - a, c - b) for a, b, c in came.values()), strict=True)
    # Full jitter: anything from nothing to the whole, and the whole doubles.
    assert max(first_waits) - min(first_waits) > 0.05
    assert max(second_waits) - min(second_waits) > 0.1
    assert max(second_waits) > 0.4
    assert max(*first_waits, *second_waits) < 2


def test_a_server_that_names_an_hour_is_not_waited_for_so_long(server: OrthancServer) -> None:
    with FaultProxy(server.url, first(1, replace("", 503, Retry_After="3600"))) as proxy, Orthanc(proxy.url) as orthanc:
        began = time.monotonic()
        assert orthanc.system()
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_every_method_is_tried_again_while_nobody_listens_since_nothing_was_sent(
    own: OrthancServer, method: str
) -> None:
    with Orthanc(own.url) as orthanc:
        orthanc.modalities["late"].put(MODALITY)
    port = free_port()
    begin = threading.Event()

    def request() -> None:
        with Orthanc(f"http://127.0.0.1:{port}") as orthanc:
            begin.set()
            path = "/tools/find" if method == "POST" else "/modalities/late"
            orthanc.request(method, path, body=FIND if method == "POST" else MODALITY if method == "PUT" else None)

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(request)
        begin.wait()
        # The first two attempts follow each other at once, the third half a second later.
        time.sleep(0.2)
        with FaultProxy(own.url, port=port) as proxy:
            waiting.result(timeout=10)
            assert proxy.methods == [method]


def test_two_calls_with_a_pause_longer_than_the_server_keeps_connections_need_no_retry(own: OrthancServer) -> None:
    with FaultProxy(own.url) as proxy, Orthanc(proxy.url) as orthanc:
        orthanc.system()
        time.sleep(1.2)
        orthanc.system()
        assert proxy.methods == ["GET"] * 2
        assert proxy.connections == 2


def test_the_client_lets_go_of_a_connection_before_the_server_does(own: OrthancServer) -> None:
    # Where the server closes it just as the next request is on its way, a DELETE could not be sent again.
    with FaultProxy(own.url) as proxy, Orthanc(proxy.url) as orthanc:
        orthanc.system()
        time.sleep(0.1)
        orthanc.system()
        assert proxy.connections == 1
        time.sleep(0.75)
        orthanc.system()
        assert proxy.connections == 2


def test_what_is_never_repeated_survives_every_pause_on_a_real_server(own: OrthancServer) -> None:
    # Without a proxy and without retries: the real server is the one that closes after its second.
    def ask(pause: float) -> None:
        name = f"pause-{pause * 100:.0f}"
        with Orthanc(own.url, retries=0) as orthanc:
            orthanc.modalities[name].put(MODALITY)
            time.sleep(pause)
            orthanc.modalities[name].delete()
            time.sleep(pause)
            assert orthanc.post("/tools/find", FIND)

    pauses = [0.45, 0.5, 0.55, 0.9, 0.95, 1.0, 1.05]
    with ThreadPoolExecutor(len(pauses)) as pool:
        list(pool.map(ask, pauses))


def test_calls_that_follow_each_other_share_a_connection(server: OrthancServer) -> None:
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url) as orthanc:
        for _ in range(20):
            orthanc.system()
        orthanc.read_only().system()
        assert proxy.connections == 1


def test_many_threads_share_one_client(server: OrthancServer) -> None:
    def every_seventh(exchange: Exchange) -> None:
        chosen: Fault = reset if len(proxy.seen) % 7 == 0 else forward
        chosen(exchange)

    with FaultProxy(server.url, every_seventh) as proxy, Orthanc(proxy.url, retries=6) as orthanc:
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: orthanc.system()["Version"], range(100)))
        assert answers == [server.version] * 100
