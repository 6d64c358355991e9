"""The read-only gate: nothing but questions leaves the process, counted at a proxy in front of a real server."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orthanc_state import AsyncOrthanc, Orthanc, apply, dump, loads, plan
from orthanc_state.client import ClientError, ConnectionFailedError, ReadOnlyError
from orthanc_state.client.switches import READING_SCRIPT
from tests.client.operations import TABLE, Method, methods
from tests.faults.fault_proxy import FaultProxy, Seen, hang_up, paths
from tests.faults.world import DOCUMENT, ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orthanc_state.testing import OrthancServer

QUERIES = {"/tools/find", "/tools/count-resources", "/tools/lookup"}
PREFIXES = ["", "/orthanc", "/tools/find"]


def is_question(seen: Seen, prefix: str = "") -> bool:
    """Whether a request cannot change a real Orthanc, by what the server makes of it and not by how it looks.

    What leaves the base path is for somebody else, of whom nothing is known.

    Orthanc takes a GET with `?_method=DELETE` for a DELETE, and obeys `X-HTTP-Method-Override` in any request.
    """
    if "x-http-method-override" in seen.headers or not seen.target.startswith(prefix + "/"):
        return False
    if seen.method == "HEAD":
        return True
    if seen.method == "GET":
        return all(name != "_method" for name, _ in parse_qsl(urlsplit(seen.target).query, keep_blank_values=True))
    path = unquote(seen.path).removeprefix(prefix)
    if path == "/tools/execute-script":
        return seen.method == "POST" and seen.body == READING_SCRIPT.encode()
    return seen.method == "POST" and path in QUERIES


verbs = st.one_of(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get", "post", "put", "delete"]),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefgh-", min_size=1, max_size=10),
)
segments = st.one_of(
    st.sampled_from(
        ["tools", "find", "lookup", "count-resources", "reset", "modalities", "peers", "a", "..", ".", "", "%2e%2e"]
    ),
    st.text(min_size=1, max_size=4),
)
raw_paths = st.one_of(
    st.lists(segments, max_size=5).map(lambda parts: "/" + "/".join(parts)),
    st.sampled_from(sorted(QUERIES)).flatmap(
        lambda path: st.sampled_from(["", "/", "?x=1", "#x", "%2f", "//", ";x", "/..", "/../../modalities/a", " "]).map(
            lambda end: path + end
        )
    ),
    st.sampled_from(["?_method=DELETE", "?%5Fmethod=put", "?a=1&_method=POST", "?_method="]).map(
        lambda query: "/modalities/a" + query
    ),
)


@pytest.mark.parametrize("prefix", ["", "/orthanc"])
def test_whatever_is_asked_for_only_questions_leave_the_process(server: OrthancServer, prefix: str) -> None:
    with FaultProxy(server.url, prefix=prefix) as proxy, Orthanc(proxy.url, retries=0) as orthanc:
        gated = orthanc.read_only()

        @settings(max_examples=150)
        @example(method="GET", path="/modalities/a?_method=DELETE", text=None)
        @example(method="POST", path="/tools/find/../reset", text=None)
        @example(method="POST", path="/../tools/find", text=None)
        @given(method=verbs, path=raw_paths, text=st.one_of(st.none(), st.just("1")))
        def law(method: str, path: str, text: str | None) -> None:
            before = len(proxy.seen)
            try:
                gated.request(method, path, text=text)
            except ReadOnlyError:
                assert len(proxy.seen) == before
            except ClientError:
                pass
            assert [str(seen) for seen in proxy.seen[before:] if not is_question(seen, prefix)] == []

        law()


@settings(max_examples=60)
@given(method=verbs.filter(lambda method: method.upper() not in {"GET", "HEAD", "POST"}), path=raw_paths)
def test_a_method_that_writes_is_always_refused(server: OrthancServer, method: str, path: str) -> None:
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url) as orthanc:
        with pytest.raises(ClientError):
            orthanc.read_only().request(method, path)
        assert proxy.connections == 0


def test_the_ways_in_which_orthanc_takes_a_get_for_a_delete_are_closed(orthanc: Orthanc) -> None:
    orthanc.modalities["victim"].put({"AET": "VICTIM", "Host": "127.0.0.1", "Port": 104})
    for parameter in ("_method", "%5Fmethod", "_%6Dethod"):
        with pytest.raises(ReadOnlyError):
            orthanc.read_only().get(f"/modalities/victim?{parameter}=DELETE")
    with pytest.raises(ReadOnlyError):
        orthanc.read_only().get("/modalities/victim", params={"_method": "DELETE"})
    for name in ("X-HTTP-Method-Override", "x-http-method-override"):
        with Orthanc(orthanc.url, headers={name: "DELETE"}) as overriding, pytest.raises(ReadOnlyError):
            overriding.read_only().get("/modalities/victim")
    assert orthanc.modalities.names() == ["victim"]
    # That they are ways indeed: without the gate it is gone.
    assert orthanc.request("GET", "/modalities/victim?_method=DELETE") == b""
    assert orthanc.modalities.names() == []


WRITES: dict[str, Callable[[Orthanc], Any]] = {
    "post": lambda orthanc: orthanc.post("/tools/reset"),
    "put": lambda orthanc: orthanc.put("/modalities/a", {}),
    "put of text": lambda orthanc: orthanc.put("/tools/metrics", text="0"),
    "delete": lambda orthanc: orthanc.delete("/modalities/a"),
    "request": lambda orthanc: orthanc.request("PATCH", "/modalities/a"),
    "a post to what looks like a query": lambda orthanc: orthanc.post("/tools/find/x"),
    "a put to a query": lambda orthanc: orthanc.put("/tools/find", {}),
}
"""What writes by the raw verbs."""


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_whatever_is_written_by_hand_is_stopped_before_it_leaves_the_process(
    server: OrthancServer, name: str, prefix: str
) -> None:
    with FaultProxy(server.url, prefix=prefix) as proxy, Orthanc(proxy.url) as orthanc:
        gated = orthanc.read_only()
        for view in (gated, gated.read_only()):
            with pytest.raises(ReadOnlyError) as raised:
                WRITES[name](view)
            assert raised.value.hint
        assert proxy.connections == 0


def writes(operation: str) -> bool:
    return not operation.startswith("GET ") and operation.partition(" ")[2] not in QUERIES


def writing(client: Orthanc | AsyncOrthanc) -> list[Method]:
    """The methods of which an operation is no question, as their docstrings say."""
    return [method for method in methods(client) if any(map(writes, method.operations))]


def test_there_is_a_method_that_writes_for_each_operation_that_does() -> None:
    written = {name for method in writing(Orthanc("http://localhost")) for name in method.operations if writes(name)}
    assert written == set(filter(writes, TABLE))


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_method_that_writes_is_stopped_before_it_leaves_the_process(server: OrthancServer, prefix: str) -> None:
    with FaultProxy(server.url, prefix=prefix) as proxy, Orthanc(proxy.url) as orthanc:
        gated = orthanc.read_only()
        for method in writing(gated):
            with named(method), pytest.raises(ReadOnlyError):
                method.call(gated, full=True, long=True)
            assert proxy.connections == 0, method.spelling


def test_every_asynchronous_method_that_writes_is_stopped_too(server: OrthancServer) -> None:
    async def use(proxy: FaultProxy) -> None:
        async with AsyncOrthanc(proxy.url) as orthanc:
            gated = orthanc.read_only()
            for method in writing(gated):
                with named(method), pytest.raises(ReadOnlyError):
                    await method.call_async(gated, full=True, long=True)
                assert proxy.connections == 0, method.spelling

    with FaultProxy(server.url) as proxy:
        asyncio.run(use(proxy))


def test_however_a_method_is_called_only_questions_leave_the_process(server: OrthancServer) -> None:
    with FaultProxy(server.url, hang_up) as proxy, Orthanc(proxy.url, retries=0) as orthanc:
        gated = orthanc.read_only()
        for method, full, long in itertools.product(methods(gated), (False, True), (False, True)):
            if method.operations:
                with contextlib.suppress(ReadOnlyError, ConnectionFailedError):
                    method.call(gated, full=full, long=long)
        assert len(proxy.seen) > 500
        assert [str(seen) for seen in proxy.seen if not is_question(seen)] == []


@contextlib.contextmanager
def named(method: Method) -> Iterator[None]:
    """Adds to whatever is raised of which method it is."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"It was {method.spelling}.")
        raise


@pytest.mark.parametrize("prefix", ["", "/orthanc", "/a b/ü"])
def test_questions_pass_the_gate_also_below_a_base_path(server: OrthancServer, prefix: str) -> None:
    with FaultProxy(server.url, prefix=quote(prefix)) as proxy, Orthanc(proxy.url) as orthanc:
        gated = orthanc.read_only()
        assert gated.system()["Version"] == server.version
        assert gated.post("/tools/find", {"Level": "Study", "Query": {}}).strip() == b"[]"
        assert gated.modalities.configurations() == orthanc.modalities.configurations()
        assert b"".join(gated.stream("/system"))
        assert proxy.methods == ["GET", "POST", "GET", "GET", "GET"]
        assert all(seen.target.startswith(quote(prefix) + "/") for seen in proxy.seen)


def test_a_view_and_its_client_do_not_disturb_each_other(own: OrthancServer) -> None:
    with Orthanc(own.url) as orthanc:
        gated = orthanc.read_only()
        with orthanc.read_only() as closed:
            closed.system()
        # Closing one view closed nothing else.
        orthanc.tools.metrics.set(False)
        assert gated.tools.metrics.get() is False
        assert repr(gated) == repr(orthanc).removesuffix(">") + " (read-only)>"


def test_planning_and_dumping_send_questions_only_although_there_is_much_to_change(own: OrthancServer) -> None:
    document = loads(DOCUMENT + "prune: {modalities: true, peers: true}\n", environment=ENVIRONMENT)
    with FaultProxy(own.url) as proxy, Orthanc(proxy.url) as orthanc:
        orthanc.modalities["old"].put({"AET": "OLD", "Host": "127.0.0.1", "Port": 104})
        proxy.seen.clear()
        found = plan(orthanc, document)
        # An N+1 read is what makes a plan slow: of everything there is one question.
        assert Counter(paths(proxy.seen)).most_common(1)[0][1] == 1
        dump(orthanc)
        assert len(found.changes) >= 5
        # The script that only reads what a restart keeps.
        assert [str(seen) for seen in proxy.seen if seen.method != "GET"] == ["POST /tools/execute-script"]
        assert [str(seen) for seen in proxy.seen if not is_question(seen)] == []
        assert apply(orthanc, found).ok
        assert "PUT" in proxy.methods
        assert "DELETE" in proxy.methods
