"""No secret is printed, logged or shown in a traceback, whatever goes wrong and however much is logged."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from base64 import b64encode
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pytest

import orthanc_state
from orthanc_state import Orthanc, OrthancStateError, apply, dump, loads, plan
from orthanc_state.render.data import plan_data, report_data
from tests.faults.fault_proxy import Fault, FaultProxy, first, hang_up, on, raw, replace, reset, stall
from tests.faults.world import (
    DOCUMENT,
    ENVIRONMENT,
    PASSWORD,
    PEER_HEADER,
    PEER_PASSWORD,
    USERNAME,
    WRONG_PASSWORD,
)

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from orthanc_state.testing import OrthancServer

    Cli = Callable[..., "subprocess.CompletedProcess[str]"]

TOKEN = "t0ken-0f-my-proxy"
API_KEY = "k3y-0f-my-gateway"
PROXY_PASSWORD = "pr0xy-passw0rd"


def _shapes(secret: str) -> list[str]:
    """A secret as it may be met: in clear, and as basic authentication has it."""
    return [secret, *(b64encode(f"{user}:{secret}".encode()).decode() for user in (USERNAME, "user"))]


SECRETS = [
    shape
    for secret in (PASSWORD, WRONG_PASSWORD, PEER_PASSWORD, PEER_HEADER, TOKEN, API_KEY, PROXY_PASSWORD)
    for shape in _shapes(secret)
]


def _leaked(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


FAULTS: dict[str, Fault] = {
    "none": on("", "", reset),
    "reset": reset,
    "stalled": stall,
    "HTML": replace("<html>"),
    "502": replace("<html>", 502, "text/html"),
    "401": replace("", 401),
    "an error for every write": on("PUT", "", replace('{"Message": "no", "Details": "no"}', 400)),
    "a cut for a write": on("PUT", "/peers/backup", hang_up),
    "redirect": replace("", 302, Location="http://elsewhere.example/"),
}


@pytest.mark.parametrize(
    "command",
    [
        "--debug plan document.yaml",
        "--debug apply --yes --json document.yaml",
        "dump --json",
    ],
)
def test_a_wrong_password_is_not_printed(guarded: OrthancServer, cli: Cli, tmp_path: Path, command: str) -> None:
    (tmp_path / "document.yaml").write_text(DOCUMENT)
    result = cli(
        *command.split(),
        *("--url", guarded.url, "--username", USERNAME),
        env={**ENVIRONMENT, "ORTHANC_PASSWORD": WRONG_PASSWORD, "ORTHANC_TOKEN": TOKEN},
    )
    assert result.returncode == 1
    assert "Check ORTHANC_USERNAME and ORTHANC_PASSWORD" in result.stderr
    assert _leaked(result.stdout + result.stderr) == []
    if "--json" in command:
        assert json.loads(result.stdout)["error"] == "UnauthorizedError"


@pytest.mark.parametrize("name", ["an error for every write", "a cut for a write"])
def test_an_apply_that_fails_prints_no_secret_also_with_debug(
    guarded: OrthancServer, cli: Cli, tmp_path: Path, name: str
) -> None:
    (tmp_path / "document.yaml").write_text(DOCUMENT)
    with FaultProxy(guarded.url, FAULTS[name]) as proxy:
        result = cli(
            *("--debug", "apply", "--yes", "document.yaml", "--url", proxy.url, "--username", USERNAME),
            env={**ENVIRONMENT, "ORTHANC_PASSWORD": PASSWORD},
        )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    # It is not for want of having been sent that nothing is seen.
    assert proxy.seen[0].headers["authorization"] == "Basic " + _shapes(PASSWORD)[1]
    assert _leaked(result.stdout + result.stderr) == []


def test_an_apply_that_works_prints_no_secret_also_with_debug(own: OrthancServer, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "document.yaml").write_text(DOCUMENT)
    outputs = []
    with FaultProxy(own.url) as proxy:
        environment = {
            **ENVIRONMENT,
            "ORTHANC_URL": "http://orthanc.invalid",
            "ORTHANC_TOKEN": TOKEN,
            "HTTP_PROXY": proxy.url.replace("//", f"//user:{PROXY_PASSWORD}@"),
        }
        for arguments in (("apply", "--yes", "document.yaml"), ("plan", "document.yaml", "--json"), ("dump",)):
            result = cli("--debug", *arguments, env=environment)
            assert result.returncode == 0, result.stderr
            outputs.append(result.stdout + result.stderr)
        assert any(PEER_PASSWORD.encode() in seen.body for seen in proxy.seen)
        assert proxy.seen[0].headers["authorization"] == f"Bearer {TOKEN}"
        assert proxy.seen[0].headers["proxy-authorization"] == "Basic " + _shapes(PROXY_PASSWORD)[2]
    assert _leaked("".join(outputs)) == []
    assert "orthanc_state.client: PUT /peers/backup: 200" in outputs[0]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ORTHANC_TOKEN", f"{TOKEN}\n"),
        ("ORTHANC_PASSWORD", f"{WRONG_PASSWORD}\udcff"),
        ("ORTHANC_URL", f"http://user:{PASSWORD}@127.0.0.1:port"),
        ("HTTP_PROXY", f"http://user:{PROXY_PASSWORD}@127.0.0.1:port"),
    ],
)
def test_a_secret_that_cannot_be_used_is_not_printed(
    guarded: OrthancServer, cli: Cli, variable: str, value: str
) -> None:
    environment = {"ORTHANC_URL": guarded.url, variable: value}
    if variable == "ORTHANC_PASSWORD":
        environment["ORTHANC_USERNAME"] = USERNAME
    result = cli("--debug", "dump", "--json", env=environment)
    assert result.returncode == 1
    assert _leaked(result.stdout + result.stderr) == []
    assert "Traceback" not in result.stderr
    assert json.loads(result.stdout)["error"]


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The logs of every library, at the level that shows most."""
    names = ("", "httpx", "httpcore", "httpcore.http11", "httpcore.connection", "httpx_retries", "orthanc_state")
    for name in names:
        caplog.set_level(logging.NOTSET + 1, logger=name)
    return caplog


def _clients(url: str, timeout: float) -> Iterator[Orthanc]:
    given: dict[str, Any] = {"timeout": timeout, "retries": 0}
    yield Orthanc(url, USERNAME, PASSWORD, headers={"X-Api-Key": API_KEY}, **given)
    yield Orthanc(url, token=TOKEN, **given)


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_logged_even_by_the_libraries_below(
    own: OrthancServer, everything_logged: pytest.LogCaptureFixture, name: str
) -> None:
    document = loads(DOCUMENT, environment=ENVIRONMENT)
    with FaultProxy(own.url) as proxy:
        for orthanc in _clients(proxy.url, 0.5):
            with orthanc:
                orthanc.modalities["pacs"].put({"AET": "X", "Host": "h", "Port": 1})
                orthanc.put("/peers/backup", {"Url": "http://x/"})
                found = plan(orthanc, document)
                if name != "none":
                    proxy.fault = FAULTS[name]
                shown = f"{found!r} {orthanc!r} {plan_data(found)}"
                try:
                    report = apply(orthanc, found)
                    shown += f" {report!r} {report_data(report)}"
                except OrthancStateError as error:
                    shown += f" {error!r} {error}"
                assert _leaked(shown) == []
                proxy.fault = first(0, reset)
    text = everything_logged.text + "".join(repr(record.__dict__) for record in everything_logged.records)
    assert "orthanc_state.client" in text
    assert "orthanc_state" in text
    assert _leaked(text) == []


def _frames(error: BaseException) -> Iterator[traceback.FrameSummary]:
    """Every frame of the kit and of the libraries below it, of an error and of all that it came from.

    The frames of the tests hold the secrets on purpose, and are left out.
    """
    own = str(Path(__file__).parent)
    pending: list[traceback.TracebackException | None] = [
        traceback.TracebackException.from_exception(error, capture_locals=True)
    ]
    while pending:
        each = pending.pop()
        if each is not None:
            yield from (frame for frame in each.stack if not frame.filename.startswith(own))
            pending += [each.__cause__, each.__context__]


def _raised(fault: Fault, own: OrthancServer) -> Iterator[BaseException]:
    """Errors of every sort, out of the depths of questions and of a write that carries secrets."""
    document = loads(DOCUMENT, environment=ENVIRONMENT)
    with Orthanc(own.url) as orthanc:
        orthanc.put("/peers/backup", {"Url": "http://x/"})
        planned = plan(orthanc, document)
    peer = next(change.operation for change in planned.changes if change.address == "peers/backup")
    steps: list[Callable[[Orthanc], Any]] = [
        Orthanc.system,
        lambda orthanc: plan(orthanc, document),
        dump,
        # As an apply does it, which catches what is raised.
        lambda orthanc: orthanc.request(peer.method, peer.path, body=peer.body),
    ]
    with FaultProxy(own.url, fault) as proxy:
        for orthanc in _clients(proxy.url, 0.2):
            with orthanc:
                for step in steps:
                    try:
                        step(orthanc)
                    except OrthancStateError as error:
                        yield error


RAISING = {name: fault for name, fault in FAULTS.items() if name != "none"} | {"no HTTP": raw(b"SSH-2.0\r\n")}


@pytest.mark.parametrize("name", RAISING)
def test_the_text_of_a_traceback_holds_no_secret(own: OrthancServer, name: str) -> None:
    texts = ["".join(traceback.format_exception(error)) for error in _raised(RAISING[name], own)]
    assert texts
    assert _leaked("".join(texts)) == []


@pytest.mark.parametrize("name", RAISING)
def test_the_local_variables_in_a_traceback_hold_no_secret(own: OrthancServer, name: str) -> None:
    # What Sentry, rich, pytest -l and structlog show of a crash.
    leaks: set[str] = set()
    count = 0
    for error in _raised(RAISING[name], own):
        for frame in _frames(error):
            count += 1
            for variable, value in (frame.locals or {}).items():
                if _leaked(value):
                    package = Path(orthanc_state.__file__).parent.parent
                    place = frame.filename.removeprefix(str(package)).rpartition("site-packages")[2]
                    leaks.add(f"{place}:{frame.name}: {variable}")
    assert count
    assert sorted(leaks) == []


def test_a_client_that_cannot_be_built_keeps_its_secrets_out_of_the_local_variables(tmp_path: Path) -> None:
    cases: list[dict[str, Any]] = [
        {"url": "nonsense"},
        {"url": "https://127.0.0.1", "ca_file": tmp_path / "missing"},
        {"url": "https://127.0.0.1", "client_key": tmp_path / "missing"},
    ]
    leaks = set()
    for case in cases:
        with pytest.raises(OrthancStateError) as raised:
            Orthanc(**case, username=USERNAME, password=PASSWORD, client_key_password=TOKEN)
        for frame in _frames(raised.value):
            leaks |= {f"{frame.name}: {name}" for name, value in (frame.locals or {}).items() if _leaked(value)}
    assert sorted(leaks) == []


def test_an_error_is_not_a_way_to_carry_a_secret_away(own: OrthancServer) -> None:
    for error in _raised(replace("", 500), own):
        assert _leaked(f"{error!r} {error} {error.args} {vars(error)}") == []
        assert isinstance(error.__traceback__, TracebackType)


def test_a_client_cannot_be_pickled_with_its_secrets() -> None:
    with Orthanc("http://127.0.0.1:1", USERNAME, PASSWORD) as orthanc:
        assert _leaked(repr(orthanc) + repr(orthanc.modalities) + repr(orthanc.peers["a"])) == []
        with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
            pickle.dumps(orthanc)
