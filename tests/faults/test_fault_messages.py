"""Whatever goes wrong, the user reads one clear block that says what to do, from the library and the command line."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace as replace_fields
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, dump, loads, plan
from orthanc_state.client import ClientError, ConfigurationError, TimedOutError
from orthanc_state.execution.journal import Journal
from orthanc_state.execution.report import Outcome, Result
from tests.faults.fault_proxy import Exchange, FaultProxy, cut, replace, trickle
from tests.faults.world import DOCUMENT, ENVIRONMENT, SCENARIOS, TIMEOUT, Scenario, Target, World

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state import Plan
    from orthanc_state.testing import OrthancServer

    Cli = Callable[..., "subprocess.CompletedProcess[str]"]

BOUND = 20.0
"""Seconds in which every case must be over, on a machine that does other things too."""

COMMANDS: dict[str, tuple[str, ...]] = {
    "plan": ("plan", "document.yaml"),
    "apply": ("apply", "--yes", "document.yaml"),
    "drift": ("drift", "document.yaml"),
    "dump": ("dump",),
    "snapshot": ("snapshot", "--out", "{folder}/snapshot.json"),
    "rollback": ("rollback", "--yes", "{folder}/journal.jsonl"),
    "check": ("check", "document.yaml", "--json"),
}
"""All that ask a server."""

AS_JSON = ("plan", "apply", "drift", "dump", "rollback")
"""Those that print what went wrong as JSON too, where that is asked for."""

NAMES = list(SCENARIOS)
AT_ONCE = 5


@pytest.mark.parametrize("name", NAMES)
def test_the_library_says_what_is_wrong_and_what_to_do(name: str, world: World) -> None:
    scenario = SCENARIOS[name]
    target = scenario.open(world)
    document = loads(DOCUMENT, environment=ENVIRONMENT)
    steps: tuple[Callable[[Orthanc], Any], ...] = (Orthanc.system, lambda orthanc: plan(orthanc, document), dump)
    for step in steps:
        with Orthanc(target.url, timeout=scenario.timeout, retries=0, **target.keywords) as orthanc:
            began = time.monotonic()
            with pytest.raises(ClientError) as raised:
                step(orthanc)
            assert time.monotonic() - began < BOUND
        error = raised.value
        assert "\n" not in error.message
        _assert_says(scenario, f"{error.message}\n{error.hint}")


@pytest.fixture(scope="module")
def planned(server: OrthancServer) -> Plan:
    """What an apply would have written, if there had been one."""
    with Orthanc(server.url) as orthanc:
        return plan(orthanc, loads(DOCUMENT, environment=ENVIRONMENT))


# Several at once: most of them wait most of the time.
@pytest.mark.parametrize(
    "names",
    [NAMES[start : start + AT_ONCE] for start in range(0, len(NAMES), AT_ONCE)],
    ids=" + ".join,
)
def test_every_command_prints_one_block_that_says_what_to_do(
    names: list[str], world: World, cli: Cli, tmp_path: Path, planned: Plan
) -> None:
    (tmp_path / "document.yaml").write_text(DOCUMENT)
    runs = []
    for name in names:
        target = SCENARIOS[name].open(world)
        index = NAMES.index(name)
        folder = tmp_path / str(index)
        folder.mkdir()
        _write_journal(folder / "journal.jsonl", planned, target.url)
        for number, command in enumerate(COMMANDS):
            runs.append((name, target, command, command in AS_JSON and (index + number) % 2 == 0, folder))

    def run(name: str, target: Target, command: str, as_json: bool, folder: Path) -> None:
        scenario = SCENARIOS[name]
        began = time.monotonic()
        result = cli(
            *(word.format(folder=folder) for word in COMMANDS[command]),
            *("--url", target.url, "--timeout", str(scenario.timeout)),
            *target.arguments,
            *(["--json"] if as_json else []),
            env={**ENVIRONMENT, **target.environment},
        )
        assert time.monotonic() - began < BOUND, name
        assert result.returncode == 1, (name, command, result.stdout, result.stderr)
        assert not (folder / "snapshot.json").exists()
        if command == "check":
            # That nothing can be asked is what it finds, and no reason to print nothing.
            assert result.stderr == ""
            _assert_says(scenario, json.dumps(json.loads(result.stdout)["results"], ensure_ascii=False))
            return
        _assert_one_block(result.stderr)
        _assert_says(scenario, result.stderr)
        if as_json:
            data = json.loads(result.stdout)
            assert data["error"]
            _assert_says(scenario, f"{data['message']}\n{data['hint']}")
        else:
            assert result.stdout == ""

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(run, *each) for each in runs]:
            done.result()


def _write_journal(path: Path, found: Plan, url: str) -> None:
    """The journal of an apply to a server with this URL."""
    with Journal(path) as journal:
        journal.begin(replace_fields(found, server=replace_fields(found.server, url=url)))
        for change in found.changes:
            journal.sending([change])
            journal.settled(Result(change, Outcome.APPLIED))


def test_an_answer_that_trickles_for_ever_is_given_up(server: OrthancServer) -> None:
    # Each byte comes in time for the next one, so that no read ever waits too long: only the whole does.
    with (
        FaultProxy(server.url, trickle(0.05, lasting=9)) as proxy,
        Orthanc(proxy.url, timeout=TIMEOUT, retries=0) as orthanc,
    ):
        began = time.monotonic()
        with pytest.raises(TimedOutError):
            orthanc.system()
        assert time.monotonic() - began < 7


def test_a_slow_answer_that_comes_within_its_time_is_taken(server: OrthancServer) -> None:
    def slow(exchange: Exchange) -> None:
        exchange.wait(0.3)
        exchange.reply(exchange.forward())

    with FaultProxy(server.url, slow) as proxy, Orthanc(proxy.url, timeout=1) as orthanc:
        assert orthanc.system()["Version"] == server.version
        assert len(proxy.seen) == 1


def test_a_stream_that_is_cut_raises_an_error_of_the_client(server: OrthancServer) -> None:
    with (
        FaultProxy(server.url, cut()) as proxy,
        Orthanc(proxy.url, retries=0) as orthanc,
        pytest.raises(ClientError, match="cut the connection"),
    ):
        b"".join(orthanc.stream("/system"))


@pytest.mark.parametrize(
    "url",
    [
        "http://admin:{}@127.0.0.1:8042",
        "https://{}@127.0.0.1",
        "http://admin:{}@127.0.0.1:port",
        "ftp://admin:{}@127.0.0.1",
        "admin:{}@127.0.0.1:8042",
        "http://admin:{}@",
        "http://127.0.0.1:8042/?token={}",
        "http://127.0.0.1:8042/#{}",
    ],
)
def test_credentials_in_the_url_are_refused_and_not_repeated(url: str) -> None:
    secret = "s3cr3t-in-url"
    with pytest.raises(ConfigurationError) as raised:
        Orthanc(url.format(secret))
    assert secret not in f"{raised.value} {raised.value.hint}"


def test_credentials_in_the_url_are_refused_by_the_command_line(cli: Cli) -> None:
    result = cli("dump", "--json", env={"ORTHANC_URL": "http://admin:s3cr3t-in-url@127.0.0.1:8042"})
    assert result.returncode == 1
    _assert_one_block(result.stderr)
    assert "ORTHANC_PASSWORD" in result.stderr
    assert json.loads(result.stdout)["error"] == "ConfigurationError"
    assert "s3cr3t-in-url" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8042",
        "http://",
        "http://[::1",
        "http://host:port",
        "http://host:99999",
        "http://ho\nst",
        "http://\udcff",
        "http://" + "a" * 70 + ".example",
        "http://a..b/",
    ],
)
def test_what_is_no_url_is_refused_by_an_error_of_the_client(url: str) -> None:
    with pytest.raises(ClientError), Orthanc(url, timeout=TIMEOUT, retries=0) as orthanc:
        orthanc.system()


def test_what_a_server_says_cannot_steer_the_terminal_or_break_the_block(server: OrthancServer, cli: Cli) -> None:
    details = "lines\nof it, \x1b[2J\x1b[31mred, \r overwritten, \u202e reversed, \ud800 half a character"
    body = json.dumps({"HttpStatus": 500, "OrthancStatus": 1, "Message": "m", "Details": details})
    with FaultProxy(server.url, replace(body, 500)) as proxy:
        result = cli("dump", "--json", "--url", proxy.url)
    assert result.returncode == 1
    _assert_one_block(result.stderr)
    assert not re.search(r"[\x1b\r\u202e\ud800]", result.stderr)
    assert details in json.loads(result.stdout)["message"]


def _assert_one_block(stderr: str) -> None:
    lines = stderr.splitlines()
    assert stderr.startswith("Error: "), stderr
    assert "Traceback" not in stderr
    assert len(lines) <= 2, stderr
    assert all(line.startswith("  ") for line in lines[1:]), stderr


def _assert_says(scenario: Scenario, text: str) -> None:
    for expression in scenario.says:
        assert re.search(expression, text), f"{expression!r} is not in: {text}"
    assert not re.search(scenario.never, text), f"{scenario.never!r} is in: {text}"
