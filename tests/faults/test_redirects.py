"""Redirects are not followed, so that neither a password nor a write reaches another server than the one named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc
from orthanc_state.client import UnexpectedAnswerError
from tests.faults.fault_proxy import FaultProxy, replace
from tests.faults.world import DOCUMENT, ENVIRONMENT, PASSWORD, USERNAME

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state.testing import OrthancServer

    Cli = Callable[..., "subprocess.CompletedProcess[str]"]

CREDENTIALS: dict[str, dict[str, Any]] = {
    "basic": {"username": USERNAME, "password": PASSWORD},
    "token": {"token": "t0ken"},
    "header": {"headers": {"X-Api-Key": "k3y"}},
}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("credentials", CREDENTIALS)
def test_nothing_reaches_the_server_that_is_pointed_to(server: OrthancServer, status: int, credentials: str) -> None:
    with FaultProxy(server.url) as target:
        moved = replace("", status, Location=f"{target.url}/modalities/a")
        with FaultProxy(server.url, moved) as origin, Orthanc(origin.url, **CREDENTIALS[credentials]) as orthanc:
            for method in ("GET", "PUT", "POST", "DELETE"):
                with pytest.raises(UnexpectedAnswerError) as raised:
                    orthanc.request(method, "/modalities/a")
                assert target.url in raised.value.message
                assert "final URL" in raised.value.hint
            with pytest.raises(UnexpectedAnswerError):
                list(orthanc.stream("/modalities/a"))
            assert len(origin.seen) == 5
        assert target.connections == 0


@pytest.mark.parametrize("location", ["/elsewhere", "", "//127.0.0.1/", "http://["])
def test_a_redirect_to_nowhere_is_an_error_too(server: OrthancServer, location: str) -> None:
    with FaultProxy(server.url, replace("", 302, Location=location)) as origin, Orthanc(origin.url) as orthanc:
        with pytest.raises(UnexpectedAnswerError):
            orthanc.system()
        assert len(origin.seen) == 1


def test_the_command_line_sends_no_password_to_another_server(server: OrthancServer, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "document.yaml").write_text(DOCUMENT)
    with (
        FaultProxy(server.url) as target,
        FaultProxy(server.url, replace("", 307, Location=f"{target.url}/system")) as origin,
    ):
        result = cli(
            *("apply", "--yes", "document.yaml", "--url", origin.url, "--username", USERNAME),
            env={**ENVIRONMENT, "ORTHANC_PASSWORD": PASSWORD},
        )
        assert result.returncode == 1
        assert target.url in result.stderr
        assert origin.methods == ["GET"]
        assert "authorization" in origin.seen[0].headers
        assert target.connections == 0


def test_cookies_of_a_proxy_are_not_sent_to_another_server(server: OrthancServer) -> None:
    with (
        FaultProxy(server.url, replace("{}", Set_Cookie="session=s3cr3t; Path=/")) as one,
        FaultProxy(server.url) as other,
    ):
        with Orthanc(one.url) as orthanc:
            orthanc.get("/system")
        with Orthanc(other.url) as orthanc:
            orthanc.get("/system")
        assert "cookie" not in other.seen[0].headers
