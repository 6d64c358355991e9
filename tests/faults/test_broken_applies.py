"""An apply whose writes or readings-back go wrong: what is reported is true, and a second apply finishes the work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc, Report, apply, loads, plan
from orthanc_state.execution.report import Outcome
from tests.faults.fault_proxy import (
    Exchange,
    Fault,
    FaultProxy,
    cut,
    duplicate,
    first,
    forward,
    lose_answer,
    on,
    replace,
    reset,
    stall,
)
from tests.faults.world import ENVIRONMENT, PEER_HEADER, PEER_PASSWORD

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state import Plan
    from orthanc_state.testing import OrthancServer

    Cli = Callable[..., "subprocess.CompletedProcess[str]"]

BLANK = """\
version: 1
modalities: {old: {aet: OLD, host: 10.0.0.1, port: 104}}
peers: {backup: {state: absent}}
dicom: {default_encoding: Latin1, unknown_sop_class_accepted: false, accepted_transfer_syntaxes: all}
logging: {all: default}
metrics: true
prune: {modalities: true}
"""

WANTED = """\
version: 1
modalities: {pacs: {aet: PACS, host: 10.0.0.5, port: 11112}}
peers:
  backup:
    url: https://backup.example/
    username: sync
    password: !env PEER_PASSWORD
    http_headers: {X-Api-Key: !env PEER_HEADER}
dicom: {default_encoding: Utf8, unknown_sop_class_accepted: true, accepted_transfer_syntaxes: [ExplicitVRLittleEndian]}
logging: {all: default, dicom: verbose}
metrics: false
prune: {modalities: true}
"""

ADDRESSES = {
    "modalities/pacs": "/modalities/pacs",
    "peers/backup": "/peers/backup",
    "dicom/accepted_transfer_syntaxes": "/tools/accepted-transfer-syntaxes",
    "dicom/unknown_sop_class_accepted": "/tools/unknown-sop-class-accepted",
    "dicom/default_encoding": "/tools/default-encoding",
    "logging/dicom": "/tools/log-level-dicom",
    "metrics": "/tools/metrics",
    "modalities/old": "/modalities/old",
}
"""Every change of the plan with the path that it is written to."""


@pytest.fixture
def planned(own: OrthancServer) -> Plan:
    """A plan that creates, updates and deletes, for the server as it now is."""
    with Orthanc(own.url) as orthanc:
        blank = loads(BLANK)
        assert apply(orthanc, plan(orthanc, blank)).ok
        found = plan(orthanc, loads(WANTED, environment=ENVIRONMENT))
    assert [change.address for change in found.changes] == list(ADDRESSES)
    return found


def _apply(own: OrthancServer, fault: Fault, *, timeout: float = 5, retries: int = 1) -> tuple[Report, FaultProxy]:
    """Plan in peace, and apply while a fault is at work."""
    with FaultProxy(own.url) as proxy, Orthanc(proxy.url, timeout=timeout, retries=retries) as orthanc:
        found = plan(orthanc, loads(WANTED, environment=ENVIRONMENT))
        proxy.seen.clear()
        proxy.fault = fault
        report = apply(orthanc, found)
    assert [result.change.address for result in report.results] == list(ADDRESSES)
    return report, proxy


def _outcomes(report: Report) -> dict[str, Outcome]:
    return {result.change.address: result.outcome for result in report.results}


def _finish(own: OrthancServer) -> None:
    document = loads(WANTED, environment=ENVIRONMENT)
    with Orthanc(own.url) as orthanc:
        assert apply(orthanc, plan(orthanc, document)).ok
        assert plan(orthanc, document).empty


def deny(exchange: Exchange) -> None:
    """The server does as it is told, and a gateway says that it did not."""
    exchange.forward()
    replace("<html>", 502, "text/html")(exchange)


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("fault", [reset, lose_answer, cut(), duplicate, deny])
def test_a_write_that_is_cut_is_decided_by_what_the_server_has_then(own: OrthancServer, fault: Fault) -> None:
    hit: set[str] = set()

    def each_write_once(exchange: Exchange) -> None:
        seen = exchange.request
        if seen.method == "GET" or seen.path in hit:
            forward(exchange)
        else:
            hit.add(seen.path)
            fault(exchange)

    report, proxy = _apply(own, each_write_once)
    assert hit == set(ADDRESSES.values())
    # A PUT is sent again. A DELETE is not, and reading back tells whether it arrived.
    deleted = Outcome.FAILED if fault is reset else Outcome.APPLIED
    expected = {address: deleted if address == "modalities/old" else Outcome.APPLIED for address in ADDRESSES}
    assert _outcomes(report) == expected
    assert proxy.methods.count("DELETE") == 1
    _finish(own)


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize(
    "answer",
    [
        replace("<html>", 502, "text/html"),
        replace("", 401),
        replace("", 403),
        replace("", 302, Location="http://elsewhere.example/"),
        replace("[" * 10_000, 400),
        replace(b"x", Content_Encoding="gzip"),
    ],
    ids=["502", "401", "403", "redirect", "deep", "gzip"],
)
def test_a_write_that_is_refused_fails_alone(own: OrthancServer, answer: Fault) -> None:
    report, _ = _apply(own, on("PUT", "/tools/default-encoding", answer), retries=0)
    expected = {each: Outcome.FAILED if "encoding" in each else Outcome.APPLIED for each in ADDRESSES}
    assert _outcomes(report) == expected
    [failed] = report.of(Outcome.FAILED)
    assert failed.reason
    assert "<html" not in failed.reason
    _finish(own)


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("body", ["{}", '"x"', "42", '{"AET": []}', "[1]", "[" * 10_000, "<html>", "", "\xff"])
def test_a_reading_back_that_makes_no_sense_is_a_failure_and_not_a_crash(own: OrthancServer, body: str) -> None:
    report, proxy = _apply(own, on("GET", "/system", forward, on("GET", "", replace(body))))
    # An entry without its fields reads as one that somebody has changed; everything else makes no sense at all.
    entries = {each for each in ADDRESSES if each.startswith(("modalities/", "peers/"))}
    moved = {address for address, outcome in _outcomes(report).items() if outcome is Outcome.MOVED}
    assert moved <= (entries if body.startswith("{") else set())
    assert {_outcomes(report)[address] for address in ADDRESSES if address not in moved} <= {Outcome.FAILED}
    assert set(proxy.methods) == {"GET"}
    assert all(result.reason for result in report.results)
    _finish(own)


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("fault", [stall, reset], ids=["stalled", "reset"])
def test_a_server_that_is_lost_ends_the_apply_and_the_rest_is_not_tried(own: OrthancServer, fault: Fault) -> None:
    def gone_from_the_second_write(exchange: Exchange) -> None:
        puts = [seen for seen in proxies[0].seen if seen.method == "PUT"]
        (fault if len(puts) > 1 else forward)(exchange)

    proxies: list[FaultProxy] = []
    with FaultProxy(own.url) as proxy, Orthanc(proxy.url, timeout=1, retries=1) as orthanc:
        proxies.append(proxy)
        found = plan(orthanc, loads(WANTED, environment=ENVIRONMENT))
        proxy.fault = gone_from_the_second_write
        report = apply(orthanc, found)
    first_one, second, *rest = report.results
    assert first_one.outcome is Outcome.APPLIED
    assert second.outcome is Outcome.FAILED
    assert "not known" in second.reason
    assert {result.outcome for result in rest} == {Outcome.NOT_TRIED}
    _finish(own)


@pytest.mark.usefixtures("planned")
def test_the_command_line_reports_a_lost_server_without_a_traceback_or_a_secret(
    own: OrthancServer, cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "document.yaml").write_text(WANTED)

    def lost(exchange: Exchange) -> None:
        sent = any(seen.method == "PUT" and seen.path == "/peers/backup" for seen in proxy.seen)
        (reset if sent else forward)(exchange)

    with FaultProxy(own.url, lost) as proxy:
        result = cli("apply", "--yes", "--json", "document.yaml", "--url", proxy.url, env=ENVIRONMENT)
    assert result.returncode == 1
    output = result.stdout + result.stderr
    assert "Traceback" not in output
    assert PEER_PASSWORD not in output
    assert PEER_HEADER not in output
    data = json.loads(result.stdout)
    assert data["ok"] is False
    assert [each["outcome"] for each in data["results"]] == ["applied", "failed", *["not_tried"] * 6]
    assert "whether it was written is not known" in data["results"][1]["reason"]
    _finish(own)


@pytest.mark.usefixtures("planned")
def test_a_busy_server_is_waited_for(own: OrthancServer) -> None:
    report, proxy = _apply(own, first(1, replace("", 503, Retry_After="1")), retries=1)
    assert report.ok
    assert [seen.path for seen in proxy.seen[:2]] == ["/system"] * 2
