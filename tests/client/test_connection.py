"""Where requests go and what they carry: base paths, quoted segments, authentication and headers."""

from __future__ import annotations

import json
import string
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orthanc_state import Orthanc, apply, dump, loads, plan
from orthanc_state.client import ClientError, ConfigurationError, NotFoundError, UnauthorizedError
from tests.faults.fault_proxy import FaultProxy, replace
from tests.faults.world import DOCUMENT, ENVIRONMENT, PASSWORD, USERNAME, WRONG_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthanc_state.testing import OrthancServer


@pytest.mark.parametrize(
    ("prefix", "end"),
    [("", ""), ("", "/"), ("/orthanc", ""), ("/orthanc", "/"), ("/a/b", "//"), ("/sp%20ace", ""), ("/%C3%BC", "/")],
)
def test_a_base_path_stands_before_every_request(own: OrthancServer, prefix: str, end: str) -> None:
    document = loads(DOCUMENT, environment=ENVIRONMENT)
    with FaultProxy(own.url, prefix=prefix) as proxy, Orthanc(proxy.url + end) as orthanc:
        assert orthanc.url == proxy.url
        assert apply(orthanc, plan(orthanc, document)).ok
        assert plan(orthanc, document).empty
        assert "PACS" in dump(orthanc).text
        assert all(seen.target.startswith(prefix + "/") for seen in proxy.seen)
        assert not any("//" in seen.target for seen in proxy.seen)


def test_a_base_path_that_is_wrong_is_not_found(server: OrthancServer) -> None:
    with (
        FaultProxy(server.url, prefix="/orthanc") as proxy,
        Orthanc(proxy.url + "/wrong") as orthanc,
        pytest.raises(NotFoundError),
    ):
        orthanc.system()


names = st.text(min_size=1, max_size=12).filter(lambda name: not {"/", "\\"} & set(name) and name not in {".", ".."})


@example("a b")
@example("a?b")
@example("a#b")
@example("a%2Fb")
@example("a+b&c=d")
@example("ü€😀")
@example("%")
@example("a;b")
@example("\x00\n\r\t")
@settings(max_examples=80)
@given(names)
def test_a_segment_may_hold_any_character_and_arrives_as_it_is(server: OrthancServer, name: str) -> None:
    with FaultProxy(server.url, replace("{}")) as proxy, Orthanc(proxy.url) as orthanc:
        orthanc.modalities[name].configuration()
        [seen] = proxy.seen
        _, resource, segment, end = seen.target.split("/")
        assert (resource, unquote(segment), end) == ("modalities", name, "configuration")
        assert set(segment) <= set(string.ascii_letters + string.digits + "-._~%")


@pytest.mark.parametrize("name", ["a b", "ü€", "a?b", "a%b", "a#b", "a&b", "a+b"])
def test_the_server_understands_the_quoting(own: OrthancServer, name: str) -> None:
    with Orthanc(own.url) as orthanc, pytest.raises(NotFoundError) as raised:
        orthanc.modalities[name].configuration()
    # The server says the name as it understood it.
    assert raised.value.details == f"No modality with symbolic name: {name}"


def test_a_name_never_reaches_anything_but_an_entry_of_its_own_kind(orthanc: Orthanc) -> None:
    # Orthanc decodes `%2F`, takes a backslash for a slash, and resolves `..` before it routes: such a name would
    # delete another thing.
    for name in ("", ".", "..", "/", "../peers/victim", "x/../../peers/victim", r"x\..\..\peers\victim"):
        orthanc.peers["victim"].put({"Url": "http://127.0.0.1/"})
        for request in (
            lambda name=name: orthanc.modalities[name].configuration(),
            lambda name=name: orthanc.modalities[name].delete(),
        ):
            with pytest.raises(ClientError):
                request()
        assert orthanc.peers.names() == ["victim"]


@pytest.mark.parametrize("path", ["@127.0.0.1:{}/system", ".example/system", "system", "", "//127.0.0.1:{}/system"])
def test_a_path_never_leads_to_another_host(guarded: OrthancServer, path: str) -> None:
    with FaultProxy(guarded.url) as other, Orthanc(guarded.url, USERNAME, PASSWORD, timeout=2, retries=0) as orthanc:
        with pytest.raises(ClientError):
            orthanc.get(path.format(other.port))
        assert other.connections == 0


@pytest.mark.parametrize("path", ["/\x00", "/a\nb", "/" + "a" * 70_000, "/\ud800"])
def test_a_path_that_cannot_be_sent_raises_an_error_of_the_client(server: OrthancServer, path: str) -> None:
    with Orthanc(server.url, retries=0, timeout=2) as orthanc, pytest.raises(ClientError):
        orthanc.get(path)


@pytest.mark.parametrize("method", ["", "GET /x HTTP/1.1\r\nX: y\r\n\r\n", "G T", "GÉT"])
def test_a_method_that_is_none_raises_an_error_of_the_client(server: OrthancServer, method: str) -> None:
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url, retries=0) as orthanc:
        with pytest.raises(ClientError):
            orthanc.request(method, "/system")
        assert proxy.seen == []


def test_basic_authentication(guarded: OrthancServer) -> None:
    with FaultProxy(guarded.url) as proxy, Orthanc(proxy.url, USERNAME, PASSWORD) as orthanc:
        assert orthanc.system()["Version"] == guarded.version
        expected = "Basic " + b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        assert proxy.seen[0].headers["authorization"] == expected
        orthanc.read_only().system()
        assert proxy.seen[1].headers["authorization"] == expected
        # It is given at once, not after a refusal.
        assert len(proxy.seen) == 2


def test_a_password_may_hold_anything(start_orthanc: Callable[..., OrthancServer]) -> None:
    users = {"a": "", "b": "ä€😀", "c": "with space ", "d": "a:b:c", "e": "x" * 500, "ü": "p"}
    server = start_orthanc({"RegisteredUsers": users})
    for username, password in users.items():
        with Orthanc(server.url, username, password) as orthanc:
            assert orthanc.system()["Version"] == server.version


def test_a_wrong_password_and_none_are_unauthorized(guarded: OrthancServer) -> None:
    given: list[dict[str, Any]] = [{}, {"username": USERNAME, "password": WRONG_PASSWORD}, {"token": "token"}]
    for keywords in given:
        with Orthanc(guarded.url, **keywords) as orthanc, pytest.raises(UnauthorizedError) as raised:
            orthanc.system()
        assert raised.value.status == 401
        assert WRONG_PASSWORD not in str(raised.value)


def test_a_token_is_sent_as_a_bearer(server: OrthancServer) -> None:
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url, token="abc.def-ghi") as orthanc:
        orthanc.system()
        orthanc.read_only().system()
        assert [seen.headers["authorization"] for seen in proxy.seen] == ["Bearer abc.def-ghi"] * 2


def test_own_headers_are_sent_with_every_request(own: OrthancServer) -> None:
    with FaultProxy(own.url) as proxy, Orthanc(proxy.url, headers={"X-Api-Key": "key", "Accept": "*/*"}) as orthanc:
        orthanc.system()
        orthanc.put("/modalities/a", {"AET": "A", "Host": "h", "Port": 1})
        b"".join(orthanc.stream("/system"))
        assert [seen.headers["x-api-key"] for seen in proxy.seen] == ["key"] * 3
        assert [seen.headers["accept"] for seen in proxy.seen] == ["*/*"] * 3
        assert proxy.seen[1].headers["content-type"] == "application/json"


def test_a_token_and_a_user_are_too_much_and_a_user_alone_too_little() -> None:
    url = "http://127.0.0.1:8042"
    given: list[dict[str, Any]] = [
        {"username": "u", "password": "secret-1", "token": "secret-2"},
        {"username": "u"},
        {"password": "secret-1"},
    ]
    for keywords in given:
        with pytest.raises(ConfigurationError) as raised:
            Orthanc(url, **keywords)
        assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "keywords",
    [
        {"token": "s3cr3t\n"},
        {"token": "s3cr3t\r\nX-Injected: 1"},
        {"token": "s3cr3t-é"},
        {"token": "s3cr3t-\udcff"},
        {"headers": {"X-Key": "s3cr3t\n"}},
        {"headers": {"X-Key": "s3cr3t-€"}},
        {"headers": {"s3cr3t\n": "value"}},
        {"username": "u", "password": "s3cr3t-\udcff"},
    ],
    ids=str,
)
def test_what_cannot_be_sent_is_refused_and_not_repeated(server: OrthancServer, keywords: dict[str, Any]) -> None:
    with FaultProxy(server.url) as proxy:
        with pytest.raises(ConfigurationError) as raised, Orthanc(proxy.url, **keywords) as orthanc:
            orthanc.system()
        assert "s3cr3t" not in f"{raised.value} {raised.value.hint}"
        assert proxy.seen == []


def test_a_client_can_be_closed_twice_and_leaves_no_connection(server: OrthancServer) -> None:
    with FaultProxy(server.url) as proxy:
        orthanc = Orthanc(proxy.url)
        with orthanc:
            orthanc.system()
        orthanc.close()
        assert proxy.connections == 1


def test_a_stream_is_checked_first_and_comes_in_pieces(own: OrthancServer) -> None:
    with Orthanc(own.url) as orthanc:
        created = orthanc.post("/tools/create-dicom", {"Tags": {"PatientID": "1"}})
        identifier = json.loads(created)["ID"]
        whole = orthanc.request("GET", f"/instances/{identifier}/file")
        assert b"".join(orthanc.stream(f"/instances/{identifier}/file")) == whole
        with pytest.raises(NotFoundError) as raised:
            next(iter(orthanc.stream("/instances/none/file")))
        assert raised.value.status == 404


def test_a_stream_that_is_left_early_does_not_use_up_connections(server: OrthancServer) -> None:
    with Orthanc(server.url, timeout=2) as orthanc:
        for _ in range(40):
            next(iter(orthanc.stream("/system")))
        assert orthanc.system()["Version"] == server.version


def test_many_threads_get_their_own_answers(server: OrthancServer) -> None:
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url, retries=0) as orthanc:

        def ask(number: int) -> str:
            with pytest.raises(NotFoundError) as raised:
                orthanc.modalities[f"m{number}"].configuration()
            return raised.value.details.rpartition(" ")[2]

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(ask, range(100))) == [f"m{number}" for number in range(100)]
        assert proxy.connections <= 32


def test_query_parameters_are_quoted(server: OrthancServer) -> None:
    with FaultProxy(server.url, replace("[]")) as proxy, Orthanc(proxy.url) as orthanc:
        orthanc.get("/x", params={"since": 0, "a b": "c&d=e", "ü": "#"})
        assert unquote(proxy.seen[0].target.partition("?")[2].replace("+", " ")) == "since=0&a b=c&d=e&ü=#"
        assert quote("c&d=e", safe="") in proxy.seen[0].target
