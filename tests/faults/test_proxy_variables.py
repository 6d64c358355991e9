"""HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY are honoured, and a proxy that fails is named as what failed."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from orthanc_state.client import ClientError, ConfigurationError, ConnectionFailedError
from tests.faults.fault_proxy import LOOPBACK, FaultProxy, free_port, hang_up, paths, replace, tunnel
from tests.faults.world import PASSWORD, USERNAME, Authority

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from orthanc_state.testing import OrthancServer

    Cli = Callable[..., "subprocess.CompletedProcess[str]"]

HOST = "orthanc.invalid"
"""A name that nobody can resolve: who reaches it went through the proxy."""


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_plain_http_goes_through_the_proxy(
    server: OrthancServer, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with FaultProxy(server.url) as proxy:
        monkeypatch.setenv(variable, proxy.url)
        with Orthanc(f"http://{HOST}:8042") as orthanc:
            assert orthanc.system()["Version"] == server.version
        assert paths(proxy.seen) == [f"GET http://{HOST}:8042/system"]


def test_a_proxy_may_be_given_without_its_scheme(server: OrthancServer, monkeypatch: pytest.MonkeyPatch) -> None:
    # curl and requests take it so, and many sites write it so.
    with FaultProxy(server.url) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removeprefix("http://"))
        with Orthanc(f"http://{HOST}:8042") as orthanc:
            assert orthanc.system()["Version"] == server.version
        assert len(proxy.seen) == 1


def test_https_goes_through_a_tunnel_that_sees_no_password(
    guarded: OrthancServer, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        FaultProxy(guarded.url, tls=authority.serve(HOST)) as behind,
        FaultProxy(guarded.url, tunnel(behind.url)) as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with Orthanc(f"https://{HOST}", USERNAME, PASSWORD, ca_file=authority.ca_file) as orthanc:
            assert orthanc.system()["Version"] == guarded.version
        assert paths(proxy.seen) == [f"CONNECT {HOST}:443"]
        assert "authorization" not in proxy.seen[0].headers
        assert paths(behind.seen) == ["GET /system"]


@pytest.mark.parametrize("bypass", ["127.0.0.1", "*", "localhost,127.0.0.1", "other, 127.0.0.1", "127.0.0.1:{port}"])
@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_no_proxy_is_honoured(
    server: OrthancServer, monkeypatch: pytest.MonkeyPatch, variable: str, bypass: str
) -> None:
    with FaultProxy(server.url) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv(variable, bypass.format(port=server.http_port))
        with Orthanc(server.url) as orthanc:
            assert orthanc.system()["Version"] == server.version
        assert proxy.connections == 0


def test_no_proxy_for_another_host_changes_nothing(server: OrthancServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultProxy(server.url) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "example.org,.example.com")
        with Orthanc(server.url) as orthanc:
            orthanc.system()
        assert len(proxy.seen) == 1


def test_the_proxy_s_own_password_goes_to_the_proxy_and_nowhere_else(
    server: OrthancServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultProxy(server.url) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("//", "//user:pr0xy-secret@"))
        with Orthanc(f"http://{HOST}") as orthanc:
            orthanc.system()
        expected = "Basic " + b64encode(b"user:pr0xy-secret").decode()
        assert proxy.seen[0].headers["proxy-authorization"] == expected
        assert "authorization" not in proxy.seen[0].headers


@pytest.mark.parametrize(
    "case",
    ["down", "down, for https", "refuses the tunnel", "hangs up on the tunnel", "asks for a password", "unknown"],
)
def test_a_proxy_that_fails_is_named_as_what_failed(
    server: OrthancServer, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    faults = {
        "refuses the tunnel": replace("", 403),
        "hangs up on the tunnel": hang_up,
        "asks for a password": replace("<html>", 407, "text/html"),
    }
    with FaultProxy(server.url, faults.get(case, hang_up)) as proxy:
        host = "nonexistent.invalid:3128" if case == "unknown" else f"{LOOPBACK}:{free_port()}"
        address = proxy.url if case in faults else f"http://{host}"
        monkeypatch.setenv("ALL_PROXY", address.replace("//", "//user:pr0xy-secret@"))
        url = f"https://{HOST}" if "https" in case or "tunnel" in case else f"http://{HOST}"
        with Orthanc(url, timeout=2, retries=1) as orthanc, pytest.raises(ClientError) as raised:
            orthanc.system()
    text = f"{raised.value.message}\n{raised.value.hint}"
    assert "proxy" in text
    assert "PROXY" in raised.value.hint
    assert "pr0xy-secret" not in text


@pytest.mark.parametrize("value", ["ftp://proxy:1", "http://", "http://[::1", "http://proxy:port", "socks5://proxy:1"])
def test_a_proxy_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", value)
    with pytest.raises((ConfigurationError, ConnectionFailedError)) as raised, Orthanc(f"http://{HOST}") as orthanc:
        orthanc.system()
    assert "PROXY" in raised.value.hint


def test_the_command_line_honours_them(server: OrthancServer, cli: Cli) -> None:
    with FaultProxy(server.url) as proxy:
        through = cli("dump", "--url", f"http://{HOST}:8042", env={"HTTP_PROXY": proxy.url})
        assert (through.returncode, through.stderr) == (0, "")
        assert {seen.method for seen in proxy.seen} == {"GET"}
        past = cli("dump", "--url", server.url, env={"HTTP_PROXY": f"http://{LOOPBACK}:1", "NO_PROXY": LOOPBACK})
        assert (past.returncode, past.stderr) == (0, "")
        down = cli("dump", "--url", f"http://{HOST}:8042", env={"HTTP_PROXY": f"http://{LOOPBACK}:{free_port()}"})
        assert down.returncode == 1
        assert down.stderr.startswith("Error: ")
        assert "HTTP_PROXY" in down.stderr
