"""DICOMweb servers: what is special about a kind that a plugin brings."""

from __future__ import annotations

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, apply, dump, from_data, loads, plan
from orthanc_state.client import NotFoundError
from orthanc_state.execution.history import History
from orthanc_state.execution.journal import Journal
from orthanc_state.execution.report import Outcome
from orthanc_state.execution.rollback import rollback
from orthanc_state.kinds.dicomweb_servers import KIND, TEXTS
from orthanc_state.kinds.fingerprint import PROPERTY
from orthanc_state.kinds.live import read
from orthanc_state.planning.differ import PlanError
from orthanc_state.planning.fields import field_changes
from orthanc_state.planning.plan_file import open_plan, save
from orthanc_state.planning.snapshot import open_snapshot, save_snapshot
from tests.faults.fault_proxy import FaultProxy, first, on, replace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state.testing import OrthancServer

PLUGIN = pytest.mark.orthanc(plugins=["dicomweb"])
DOCUMENT = """\
version: 1
metrics: false
dicomweb_servers:
  cloud: {url: "https://cloud.example/dicom-web", username: sync, password: hunter2, http_headers: {X-Key: k}}
"""


def servers(orthanc: Orthanc) -> dict[str, Any]:
    found: dict[str, Any] = orthanc.get("/dicom-web/servers", params={"expand": ""})
    return found


def test_a_server_without_the_plugin_is_told_which_package_it_lacks(orthanc: Orthanc) -> None:
    with pytest.raises(PlanError) as error:
        plan(orthanc, loads(DOCUMENT, name="site.yaml"))
    [problem] = error.value.problems
    assert str(problem.place) == "site.yaml:3:1"
    assert "need the DICOMweb plugin, and this server has not loaded it" in problem.message
    assert "orthanc-dicomweb" in problem.hint
    assert orthanc.tools.metrics.get() is True
    assert plan(orthanc, loads("version: 1\ndicomweb_servers: {}")).empty
    assert [change.address for change in plan(orthanc, loads(DOCUMENT), targets=["metrics"]).changes] == ["metrics"]


@pytest.mark.orthanc(plugins=["dicomweb"], configuration={"DicomWeb": {"Enable": False}})
def test_a_plugin_that_is_disabled_is_said_to_be(orthanc: Orthanc) -> None:
    with pytest.raises(PlanError, match="on this server it is disabled"):
        plan(orthanc, loads(DOCUMENT))
    assert "dicomweb_servers" not in dump(orthanc).data


def test_a_document_without_the_section_asks_nothing_of_the_plugin(
    orthanc_server: OrthancServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG", logger="orthanc_state.client"), Orthanc(orthanc_server.url) as orthanc:
        apply(orthanc, plan(orthanc, from_data({"version": 1, "metrics": False})))
        assert "dicom-web" not in caplog.text
        assert "dicomweb_servers" not in dump(orthanc).data


@PLUGIN
def test_a_secret_is_told_apart_by_a_record_that_the_plugin_keeps(orthanc: Orthanc) -> None:
    document = loads(DOCUMENT)
    assert apply(orthanc, plan(orthanc, document)).ok
    assert plan(orthanc, document).empty
    [live] = servers(orthanc).values()
    assert PROPERTY in live
    assert "hunter2" not in str(live)
    [change] = plan(orthanc, loads(DOCUMENT.replace("hunter2", "hunter3"))).changes
    assert [field.path for field in field_changes(change.before, change.after)] == ["password"]
    with pytest.raises(PlanError, match="would erase it"):
        plan(orthanc, loads(DOCUMENT.replace("password: hunter2, ", "timeout: 3, ")))


@PLUGIN
@pytest.mark.parametrize(
    ("kept", "read"),
    [
        ({"HasDelete": True, "ChunkedTransfers": False}, (True, False, True)),
        ({"HasDelete": "true", "ChunkedTransfers": "false"}, (True, False, True)),
        ({"HasDelete": "1", "HasWadoRsUniversalTransferSyntax": 0}, (True, True, False)),
        ({"HasDelete": "perhaps"}, ("perhaps", True, True)),
        ({}, (False, True, True)),
    ],
    ids=str,
)
def test_the_switches_are_read_as_the_plugin_reads_them(
    orthanc: Orthanc, kept: dict[str, Any], read: tuple[Any, ...]
) -> None:
    orthanc.put("/dicom-web/servers/cloud", {"Url": "http://h/", **kept})
    state = KIND.live_state(servers(orthanc)["cloud"], plan(orthanc, loads("version: 1")).context)  # type: ignore[arg-type]
    names = [field.name for field in KIND.fields if field.wire.name in TEXTS]
    assert tuple(state[name] for name in names) == read
    document = from_data({"version": 1, "dicomweb_servers": {"cloud": {"url": "http://h"}}})
    assert plan(orthanc, document).empty == (read == (False, True, True))
    assert apply(orthanc, plan(orthanc, document)).ok


@pytest.mark.orthanc(plugins=["dicomweb"], configuration={"DicomWeb": {"Root": "some/where"}})
def test_the_root_of_the_plugin_is_found(orthanc: Orthanc) -> None:
    document = loads(DOCUMENT)
    assert apply(orthanc, plan(orthanc, document)).ok
    assert orthanc.get("/some/where/servers") == ["cloud"]
    assert plan(orthanc, document).empty
    gone = from_data({"version": 1, "dicomweb_servers": {"cloud": {"state": "absent"}}})
    assert apply(orthanc, plan(orthanc, gone)).ok
    assert plan(orthanc, gone).empty


@PLUGIN
def test_what_the_plugin_answers_is_what_the_fields_are(orthanc: Orthanc, orthanc_server: OrthancServer) -> None:
    fields = {field.wire.name for field in KIND.fields} - {""}
    given = {"Url": "http://h/", "Username": "u", "Password": "p", "CertificateFile": str(orthanc_server.log_path)}
    orthanc.put("/dicom-web/servers/cloud", {**given, **dict.fromkeys(TEXTS, True)})
    assert servers(orthanc)["cloud"].keys() == fields


@PLUGIN
def test_it_is_gone_after_a_restart_unless_the_plugin_keeps_it_in_the_database(
    orthanc: Orthanc, orthanc_server: OrthancServer, start_orthanc: Callable[..., OrthancServer]
) -> None:
    durable = start_orthanc({"DicomWeb": {"ServersInDatabase": True}})
    document = loads(DOCUMENT)
    for server, kept in ((orthanc_server, False), (durable, True)):
        with Orthanc(server.url) as client:
            assert apply(client, plan(client, document)).ok
        server.restart(graceful=False)
        with Orthanc(server.url) as client:
            found = [change.address for change in plan(client, document).changes]
        assert found == ["metrics"] if kept else found == ["dicomweb_servers/cloud", "metrics"]


@pytest.mark.orthanc(plugins=["dicomweb"], configuration={"DicomWeb": {"Root": "some/where"}})
def test_a_saved_plan_a_snapshot_and_a_rollback_know_it_too(
    orthanc: Orthanc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUD_PASSWORD", "hunter2")
    text = DOCUMENT.replace("password: hunter2, http_headers: {X-Key: k}", "password: !env CLOUD_PASSWORD")
    document = loads(text)
    save(plan(orthanc, document), tmp_path / "plan.json")
    with Journal(tmp_path / "journal") as journal:
        assert apply(orthanc, open_plan(tmp_path / "plan.json"), journal=journal).ok
    assert plan(orthanc, document).empty
    save_snapshot(read(orthanc, document.kinds, document.sections), document, tmp_path / "snapshot")
    assert plan(open_snapshot(tmp_path / "snapshot"), document).empty
    undo = rollback(orthanc, History.read(tmp_path / "journal").runs[-1])
    assert apply(orthanc, undo, allow_deletes=True).ok
    assert orthanc.get("/some/where/servers") == []


@PLUGIN
def test_the_list_is_refused_while_an_entry_goes_away_and_no_entry_is_taken_for_gone(orthanc: Orthanc) -> None:
    """The plugin collects the names, and looks for each: where one is deleted meanwhile, the whole list is a 404."""
    assert apply(orthanc, plan(orthanc, loads(DOCUMENT))).ok
    over = threading.Event()

    def come_and_go(who: str) -> None:
        many = [f"{who}{number:02}" for number in range(20)]
        with Orthanc(orthanc.url) as other:
            while not over.is_set():
                for method, body in (("PUT", {"Url": "http://n.example/"}), ("DELETE", None)):
                    for name in many:
                        other.request(method, f"/dicom-web/servers/{name}", body=body)

    def is_refused() -> bool:
        try:
            servers(orthanc)
        except NotFoundError:
            return True
        return False

    with ThreadPoolExecutor(4) as pool:
        coming_and_going = [pool.submit(come_and_go, who) for who in "abcd"]
        try:
            # How soon it happens is luck: as long as it takes, and some times, so that more than one reading meets it.
            refused, until = 0, time.monotonic() + 100
            while refused < 5:
                assert time.monotonic() < until, "this version refuses it no more: say since which one"
                refused += is_refused()
                assert KIND.configuration(orthanc, "cloud") is not None
        finally:
            over.set()
        for each in coming_and_going:
            each.result()


@PLUGIN
@pytest.mark.parametrize("times", [1, 2])
def test_an_entry_is_deleted_though_its_list_was_refused_at_first(orthanc: Orthanc, times: int) -> None:
    assert apply(orthanc, plan(orthanc, loads(DOCUMENT))).ok
    gone = from_data({"version": 1, "dicomweb_servers": {"cloud": {"state": "absent"}}})
    found = plan(orthanc, gone)
    refused = on("GET", "/dicom-web/servers", first(times, replace("{}", 404)))
    with FaultProxy(orthanc.url, refused) as proxy, Orthanc(proxy.url) as through:
        server = dataclasses.replace(found.server, url=proxy.url)
        report = apply(through, dataclasses.replace(found, server=server), allow_deletes=True)
    assert [result.outcome for result in report.results] == [Outcome.APPLIED]
    assert "cloud" not in servers(orthanc)


@PLUGIN
def test_a_list_that_is_refused_for_ever_is_an_error_and_nothing_is_sent(orthanc: Orthanc) -> None:
    assert apply(orthanc, plan(orthanc, loads(DOCUMENT))).ok
    found = plan(orthanc, from_data({"version": 1, "dicomweb_servers": {"cloud": {"state": "absent"}}}))
    with (
        FaultProxy(orthanc.url, on("GET", "/dicom-web/servers", replace("{}", 404))) as proxy,
        Orthanc(proxy.url) as through,
    ):
        server = dataclasses.replace(found.server, url=proxy.url)
        report = apply(through, dataclasses.replace(found, server=server), allow_deletes=True)
    [result] = report.results
    assert result.outcome is Outcome.FAILED
    assert "nothing was sent" in result.reason
    assert "DELETE" not in proxy.methods
    assert "cloud" in servers(orthanc)
