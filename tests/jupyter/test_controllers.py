"""What the other panels do, on real servers and without a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, jupyter
from orthanc_state.errors import OrthancStateError
from orthanc_state.fleet.link_results import Result
from orthanc_state.jupyter.administration import Console
from orthanc_state.jupyter.controllers.document import DocumentController
from orthanc_state.jupyter.controllers.fleet import FleetController
from orthanc_state.jupyter.controllers.logs import LogsController
from orthanc_state.jupyter.controllers.metrics import MetricsController, Series, parsed
from orthanc_state.jupyter.controllers.session import Session
from orthanc_state.jupyter.panels.fleet import FleetPanel
from orthanc_state.jupyter.panels.logs import LogsPanel
from orthanc_state.jupyter.panels.metrics import MetricsPanel, number, title
from tests.jupyter.ward import SCRIPT, Ward

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from orthanc_state.testing import OrthancServers


@pytest.fixture(scope="module")
def ward(orthanc_servers: OrthancServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """Two servers."""
    made = Ward(tmp_path_factory.mktemp("ward"), orthanc_servers)
    yield made
    made.stop()


@pytest.fixture
def environment(ward: Ward, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The variables of whoever administers the ward; the folder is theirs."""
    for name, value in {**ward.environment, "XDG_STATE_HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ward.folder)


@pytest.fixture
def connected(ward: Ward) -> Iterator[Orthanc]:
    """A client of the day server."""
    with ward.orthanc(ward.day) as orthanc:
        yield orthanc


def test_overview_of_every_version(orthanc: Orthanc) -> None:
    panel = jupyter.overview(orthanc)
    panel.dispatch("shown")
    assert panel.error is None
    assert orthanc.system()["Version"] in panel.html
    panel.dispatch("timer", "5")
    assert 'data-every="5000"' in panel.html
    panel.dispatch("timer", "0")
    assert "data-every" not in panel.html


@pytest.mark.usefixtures("environment")
def test_overview_tells_drift_labels_and_jobs(connected: Orthanc) -> None:
    panel = jupyter.overview(connected, "site.yaml")
    panel.dispatch("refresh")
    assert panel.controller.overview is not None
    assert panel.controller.overview.labels == {"inbox": 3, "teaching": 1}
    assert panel.controller.overview.in_sync is False
    assert "changes pending" in panel.html
    assert "Archive" in panel.html


@pytest.mark.usefixtures("environment")
def test_policies_tell_what_they_match_and_what_becomes_of_labels(connected: Orthanc) -> None:
    panel = jupyter.policies(connected, "site.yaml")
    panel.dispatch("refresh")
    assert panel.controller.matched is not None
    assert [(row.name, row.count) for row in panel.controller.matched] == [("sort-new-studies", 5), ("keep-trial", 1)]
    bars = {bar.label: (bar.before, bar.after) for bar in panel.controller.bars}
    assert bars == {"checked": (0, 5), "inbox": (3, 0), "teaching": (1, 1)}
    panel.dispatch("sample", "sort-new-studies")
    descriptions = [row.get("StudyDescription", "") for row in panel.controller.samples["sort-new-studies"]]
    assert SCRIPT in descriptions
    assert "&lt;script&gt;" in panel.html
    assert "<script" not in panel.html
    # Nothing that tells who a patient is.
    assert "PatientName" not in panel.html
    assert "TRIAL-1" not in panel.html
    panel.dispatch("sample", "nobody")
    panel.controller.document.write("version: 1\n")
    panel.dispatch("refresh")
    assert panel.error is not None


@pytest.mark.usefixtures("environment")
def test_the_network_of_an_inventory_is_asked(ward: Ward) -> None:
    panel = jupyter.network(inventory="fleet.yaml")
    panel.dispatch("echo")
    assert panel.error is not None
    panel.dispatch("shown")
    panel.dispatch("echo", "ward7 -> night")
    assert panel.controller.work.wait(20)
    assert panel.controller.results == {"ward7 -> night": Result.OK}
    panel.dispatch("echo")
    assert panel.controller.work.wait(20)
    # The viewer is no modality of the ward yet; and a scanner cannot be told to ask.
    assert panel.controller.results["ward7 -> viewer"] is Result.FAILED
    assert "ct1 -> ward7" not in panel.controller.results
    assert 'aria-label="C-ECHO over ward7 -&gt; night: ok"' in panel.html
    assert "answers C-ECHO" in panel.html


def test_the_network_of_one_server(ward: Ward, connected: Orthanc) -> None:
    panel = jupyter.network(connected)
    panel.dispatch("shown")
    panel.dispatch("echo", "ward7 -> night")
    assert panel.controller.work.wait(20)
    assert panel.controller.results == {"ward7 -> night": Result.OK}


def test_log_levels_are_toggles(ward: Ward, connected: Orthanc, tmp_path: Path) -> None:
    panel = LogsPanel(LogsController(Session(connected), journal=tmp_path / "journal.jsonl"))
    panel.dispatch("shown")
    panel.dispatch("level", "dicom verbose")
    assert connected.tools.log_level.get(category="dicom") == "verbose"
    assert connected.tools.log_level.get(category="http") == "default"
    panel.dispatch("level", "all default")
    assert set(panel.controller.levels.values()) == {"default"}
    panel.dispatch("level", "dicom loud")
    assert panel.error is not None
    # It went the way of all changes.
    assert '"logging/dicom"' in (tmp_path / "journal.jsonl").read_text()


def test_metrics_are_kept_and_plotted(connected: Orthanc, tmp_path: Path) -> None:
    times = iter(range(100))
    controller = MetricsController(
        Session(connected), journal=tmp_path / "journal.jsonl", clock=lambda: float(next(times))
    )
    panel = MetricsPanel(controller)
    panel.dispatch("shown")
    panel.dispatch("sample")
    assert len(controller.series["orthanc_count_studies"].samples) == 2
    assert controller.shown()[0].name == "count_studies"
    panel.dispatch("live")
    assert 'data-tick="sample"' in panel.html
    panel.dispatch("live")
    assert "data-tick" not in panel.html
    panel.dispatch("filter", "disk")
    assert [series.name for series in controller.shown()] == ["disk_size_mb"]
    panel.dispatch("enable", "off")
    assert connected.tools.metrics.get() is False
    panel.dispatch("enable", "on")
    assert connected.tools.metrics.get() is True


def test_metrics_as_they_are_written() -> None:
    text = '# HELP\northanc_a 1 1700000000\northanc_b{x="y z"} 2.5\nnonsense\northanc_c NotANumber\n'
    assert dict(parsed(text)) == {"orthanc_a": 1.0, 'orthanc_b{x="y z"}': 2.5}
    assert title("disk_size_mb") == "Disk size (MB)"
    assert title("rest_api_duration_ms") == "REST API duration (ms)"
    assert [number(value) for value in (5.0, 0.00404, 1234567.8)] == ["5", "0.00404", "1,234,568"]
    assert Series("a").samples.maxlen


@pytest.mark.usefixtures("environment")
def test_a_fleet_is_applied_where_it_was_chosen(ward: Ward, tmp_path: Path) -> None:
    controller = FleetController(Session(), journals=tmp_path / "journals")
    panel = FleetPanel(controller)
    panel.dispatch("plan")
    assert panel.error is not None
    panel.dispatch("open", "", {"file": "fleet.yaml"})
    panel.dispatch("plan")
    assert controller.work.wait(30)
    assert controller.plan is not None
    assert {server.name for server in controller.plan.pending} == {"ward7", "night"}
    panel.dispatch("pick", False, {"field": "ward7"})
    panel.dispatch("apply", "", {"confirmation": controller.phrase})
    assert controller.work.wait(30)
    assert controller.report is not None
    assert [server.name for server in controller.report.servers] == ["night"]
    assert controller.report.ok
    panel.dispatch("apply")
    assert panel.error is not None
    panel.dispatch("plan")
    assert controller.work.wait(30)
    assert {server.name for server in controller.plan.pending} == {"ward7"}
    assert sorted(path.name for path in (tmp_path / "journals").iterdir()) == ["night.jsonl"]


@pytest.mark.usefixtures("environment")
def test_the_console_has_every_panel(ward: Ward) -> None:
    console = jupyter.console("site.yaml", inventory="fleet.yaml")
    for name in Console.TITLES:
        console.tabs.dispatch("choose", name)
        panel = console.children[-1]
        assert panel.name == name
        panel.dispatch("shown")
        assert panel.error is None
    assert len(console.panels) == len(Console.TITLES)
    console.tabs.dispatch("choose", "nothing")
    assert console.children[-1].name == "fleet"


def test_a_panel_survives_whatever_it_is_told(connected: Orthanc) -> None:
    panel = jupyter.document(DocumentController())
    told: list[Any] = [None, [], {}, {"action": 1}, {"action": "nothing"}, {"action": "set", "values": 3}]
    for content in told:
        panel._received(panel, content, [])
    panel.dispatch("side", "<script>")
    assert "<script>" not in panel.html


def test_work_that_fails_ends(connected: Orthanc) -> None:
    from orthanc_state.jupyter.controllers.work import Work

    work = Work(lambda: None)

    def fail() -> None:
        raise OrthancStateError("no")

    work.start(fail)
    assert work.wait(5)
    assert str(work.error) == "no"
