"""What passes by itself is no reason to fail: commands finish right, and repeat nothing that is not safe to repeat."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, apply, loads, plan
from tests.faults.fault_proxy import (
    Exchange,
    Fault,
    FaultProxy,
    cut,
    duplicate,
    forward,
    hang_up,
    lose_answer,
    replace,
    reset,
)
from tests.policies.studies import METADATA, document, finish, labels, many, policy, store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state.testing import OrthancServer
    from tests.conftest import Cli

WANTED = "version: 1\nmodalities: {pacs: [PACS, 10.0.0.5, 104], ct: [CT, 10.0.0.6, 104]}\nmetrics: false\n"

BEFORE = "version: 1\nmodalities: {}\nmetrics: true\nprune: {modalities: true}\n"

COMMANDS: dict[tuple[str, ...], int] = {
    ("plan", "site.yaml", "--detailed-exitcode"): 2,
    ("drift", "site.yaml"): 2,
    ("dump",): 0,
    ("snapshot", "--out", "snapshot.json"): 0,
    ("check", "site.yaml", "--only", "answers", "--only", "version"): 0,
    ("plan", "site.yaml", "--out", "plan.json"): 0,
    ("apply", "plan.json", "--yes", "--journal", "journal.jsonl"): 0,
    ("drift", "site.yaml", "--json"): 0,
    ("rollback", "journal.jsonl", "--yes", "--no-journal", "--allow-deletes"): 0,
}
"""All that ask a server, in an order in which they have something to do, and how they end."""


def _slow(exchange: Exchange) -> None:
    exchange.wait(0.05)
    forward(exchange)


FAULTS: dict[str, Fault] = {
    "503": replace("", 503, Retry_After="0"),
    "429": replace("", 429, Retry_After="0"),
    "502": replace("<html>bad gateway</html>", 502, "text/html"),
    "reset": reset,
    "closed": hang_up,
    "answer lost": lose_answer,
    "cut": cut(),
    "twice": duplicate,
}


def _every_third(fault: Fault) -> Fault:
    """A fault of each third request that may be sent again; others pass."""
    lock, count = threading.Lock(), 0

    def chosen(exchange: Exchange) -> None:
        nonlocal count
        with lock:
            again = exchange.request.method in {"GET", "PUT"}
            count += again
            hit = again and count % 3 == 1
        (fault if hit else _slow)(exchange)

    return chosen


@pytest.mark.parametrize("name", FAULTS)
def test_commands_finish_right(own: OrthancServer, cli: Cli, tmp_path: Path, name: str) -> None:
    (tmp_path / "site.yaml").write_text(WANTED)
    with Orthanc(own.url) as orthanc:
        apply(orthanc, plan(orthanc, loads(BEFORE)))
    with FaultProxy(own.url) as proxy, Orthanc(own.url) as orthanc:
        for command, code in COMMANDS.items():
            if "rollback" in command:
                assert plan(orthanc, loads(WANTED)).empty
            proxy.fault = _every_third(FAULTS[name])
            result = cli(*command, "--url", proxy.url)
            assert result.returncode == code, (command, result.stdout, result.stderr)
        assert not plan(orthanc, loads(BEFORE)).changes


def test_a_name_that_is_not_found_once_is_looked_for_again(own: OrthancServer, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = socket.getaddrinfo
    asked = []

    def failing_once(host: Any, *arguments: Any, **keywords: Any) -> Any:
        asked.append(host)
        if len(asked) == 1:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return real(host, *arguments, **keywords)

    monkeypatch.setattr(socket, "getaddrinfo", failing_once)
    with Orthanc(own.url.replace("127.0.0.1", "localhost")) as orthanc:
        assert orthanc.system()["Version"] == own.version
    assert asked == ["localhost"] * 2


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_server_that_takes_few_connections_gets_all_the_same_what_it_should_have(
    start_orthanc: Callable[..., OrthancServer], at_once: int
) -> None:
    """Policies are applied by four connections at once; whoever comes too many is turned away."""
    free = threading.BoundedSemaphore(at_once)

    def limited(exchange: Exchange) -> None:
        if not free.acquire(timeout=0.05):
            replace("", 503, Retry_After="0")(exchange)
            return
        try:
            forward(exchange)
        finally:
            free.release()

    server = start_orthanc(METADATA, "trixie")
    wanted = document(policy(labels={"add": ["archive"]}))
    with FaultProxy(server.url, limited) as proxy, Orthanc(server.url) as direct, Orthanc(proxy.url) as orthanc:
        studies = store(direct, *many(30))
        report = apply(orthanc, plan(orthanc, wanted))
        tally = report.results[0].tally
        assert tally is not None
        assert tally.done + tally.failed == len(studies)
        assert sum(found == ["archive"] for found in labels(direct, *studies)) >= tally.done
        finish(direct, wanted)


def test_a_home_that_nobody_can_write_to_is_no_reason_to_fail(own: OrthancServer, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(WANTED)
    # A file in the place of the home: nobody can make anything in it, root neither.
    (tmp_path / "home").write_text("")
    home = str(tmp_path / "home")
    variables = ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    environment = {name: home if name == "HOME" else f"{home}/{name}" for name in variables}
    for command, expected in COMMANDS.items():
        result = cli(*command, "--url", own.url, env=environment)
        assert result.returncode in {0, expected}, (command, result.stderr)
    assert (tmp_path / "home").read_text() == ""
    with suppress(FileNotFoundError):
        (tmp_path / "journal.jsonl").unlink()
    # The journal's own place is there, and it is not written that what cannot be noted.
    refused = cli("apply", "site.yaml", "--yes", "--url", own.url, env=environment)
    assert "Traceback" not in refused.stderr
