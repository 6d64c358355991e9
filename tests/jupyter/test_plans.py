"""A plan chosen from, confirmed and applied, without a browser."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc, from_data, plan
from orthanc_state.errors import OrthancStateError
from orthanc_state.execution.report import Outcome
from orthanc_state.jupyter.controllers.document import DocumentController
from orthanc_state.jupyter.controllers.planning import MAX_AGE, PlanController
from orthanc_state.jupyter.controllers.session import Session
from orthanc_state.jupyter.panels.plan import PlanPanel
from orthanc_state.planning.choice import Choice
from tests.faults.fault_proxy import FaultProxy, delay, on
from tests.policies.studies import store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from orthanc_state.testing import OrthancServer, OrthancServers

TEXT = """\
version: 1
modalities:
  pacs: {aet: PACS, host: 10.0.0.5, port: 11112}
  ct1: [CT1, 10.0.0.9, 104]
metrics: false
prune: {modalities: true}
"""


class Clock:
    """A clock that is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def orthanc(orthanc_servers: OrthancServers) -> Iterator[Orthanc]:
    with Orthanc(orthanc_servers.shared("trixie").url) as client:
        for name in client.modalities.names():
            client.modalities[name].delete()
        client.tools.metrics.set(True)
        yield client


@pytest.fixture
def controller(orthanc: Orthanc, tmp_path: Path) -> PlanController:
    return PlanController(Session(orthanc), DocumentController(TEXT), journal=tmp_path / "journal.jsonl")


def test_what_is_chosen_is_applied_and_nothing_else(orthanc: Orthanc, controller: PlanController) -> None:
    panel = PlanPanel(controller)
    panel.dispatch("plan")
    panel.dispatch("pick", False, {"field": "modalities/ct1"})
    panel.dispatch("pick", False, {"field": "metrics"})
    assert "1 of 3 chosen" in panel.html
    panel.dispatch("apply")
    assert controller.work.wait(20)
    assert controller.report is not None
    assert controller.report.ok
    assert orthanc.modalities.names() == ["pacs"]
    assert orthanc.tools.metrics.get() is True
    assert "Report of Orthanc" in panel.html
    assert controller.stale == "it was applied"
    panel.dispatch("apply")
    assert panel.error is not None
    assert "it was applied" in str(panel.error)


def test_it_is_stale_when_what_it_was_made_of_has_changed(orthanc: Orthanc, tmp_path: Path) -> None:
    clock, document, session = Clock(), DocumentController(TEXT), Session(orthanc)
    controller = PlanController(session, document, journal=tmp_path / "journal.jsonl", clock=clock)
    panel = PlanPanel(controller)
    assert "disabled" not in panel.html.partition('data-action="apply"')[2]
    assert not controller.applicable
    panel.dispatch("plan")
    assert controller.applicable
    document.set("modalities", "pacs", "port", "104")
    assert controller.stale == "the document was changed since"
    assert "This plan is stale: the document was changed since." in panel.html
    assert "disabled" in panel.html.partition("Apply 3 changes")[0].rpartition("<button")[2]
    document.set("modalities", "pacs", "port", "11112")
    assert controller.applicable
    clock.now = MAX_AGE + 1
    assert "minutes ago" in controller.stale
    panel.dispatch("plan")
    assert controller.applicable
    session.disconnect()
    assert controller.stale == "no server is connected"
    with pytest.raises(OrthancStateError):
        controller.apply()
    assert orthanc.modalities.names() == []


def test_a_deletion_needs_to_be_typed(orthanc: Orthanc, controller: PlanController) -> None:
    orthanc.put("/modalities/old", ["OLD", "10.0.0.7", 104])
    panel = PlanPanel(controller)
    panel.dispatch("plan")
    assert controller.phrase == "delete 1"
    for typed in ("", "delete", "delete 2", "yes"):
        panel.dispatch("apply", "", {"confirmation": typed})
        assert panel.error is not None
        assert "was not confirmed" in str(panel.error)
    assert orthanc.modalities.names() == ["old"]
    panel.dispatch("pick", False, {"field": "modalities/old"})
    assert controller.phrase == ""
    panel.dispatch("all", "all")
    panel.dispatch("apply", "", {"confirmation": "delete 1"})
    assert controller.work.wait(20)
    assert sorted(orthanc.modalities.names()) == ["ct1", "pacs"]


def test_what_depends_on_a_change_goes_with_it(orthanc: Orthanc) -> None:
    orthanc.put("/modalities/old", ["PACS", "10.0.0.5", 104])
    wanted = from_data(
        {
            "version": 1,
            "modalities": {"new": ["PACS", "10.0.0.5", 104]},
            "prune": {"modalities": True},
            "metrics": False,
        }
    )
    choice = Choice(plan(orthanc, wanted))
    assert len(choice) == 3
    choice.leave("modalities/new")
    # The old one would be missed if it went without the one that replaces it.
    assert [address for address in ("modalities/new", "modalities/old", "metrics") if address in choice] == ["metrics"]
    choice.choose("modalities/old")
    assert choice.is_everything
    choice.choose_all(on=False)
    assert choice.narrowed.empty


def test_a_saved_plan_is_what_was_approved(orthanc: Orthanc, controller: PlanController, tmp_path: Path) -> None:
    panel = PlanPanel(controller)
    panel.dispatch("save", "", {"file": str(tmp_path / "plan.json")})
    assert panel.error is not None
    panel.dispatch("plan")
    panel.dispatch("pick", False, {"field": "metrics"})
    panel.dispatch("save", "", {"file": str(tmp_path / "plan.json")})
    assert panel.error is None
    other = PlanController(Session(orthanc), journal=tmp_path / "other.jsonl")
    opened = PlanPanel(other)
    opened.dispatch("open", "", {"file": str(tmp_path / "plan.json")})
    assert opened.error is None
    assert other.applicable
    opened.dispatch("apply")
    assert other.work.wait(20)
    assert sorted(orthanc.modalities.names()) == ["ct1", "pacs"]
    assert orthanc.tools.metrics.get() is True
    opened.dispatch("open", "", {"file": str(tmp_path / "missing.json")})
    assert opened.error is not None


def test_filtering_hides_and_chooses_nothing(controller: PlanController) -> None:
    panel = PlanPanel(controller)
    panel.dispatch("plan")
    panel.dispatch("filter", "CT")
    assert "modalities/ct1" in panel.html
    assert 'data-key="modalities/pacs"' not in panel.html
    assert "3 of 3 chosen" in panel.html
    panel.dispatch("filter", "nothing like it")
    assert "No change has this in its address." in panel.html


def test_an_apply_stops_in_the_middle_and_tells_the_truth(
    start_orthanc: Callable[..., OrthancServer], tmp_path: Path
) -> None:
    server = start_orthanc(suite="trixie")
    text = "version: 1\npolicies:\n- name: many\n  level: study\n  labels: {add: [a, b, c, d, e]}\n"
    with Orthanc(server.url) as client, FaultProxy(server.url, on("PUT", "", delay(0.002))) as slow:
        store(client, *(f"P{number}" for number in range(60)))
        with Orthanc(slow.url) as orthanc:
            controller = PlanController(Session(orthanc), DocumentController(text), journal=tmp_path / "j.jsonl")
            begun = Event()
            controller.watch(lambda: begun.set() if controller.done > 20 else None)
            controller.make()
            controller.apply()
            assert begun.wait(20)
            with pytest.raises(OrthancStateError, match="already"):
                controller.apply()
            controller.cancel()
            assert controller.work.wait(10)
            report = controller.report
        assert report is not None
        assert report.interrupted
        (result,) = report.results
        assert result.outcome is Outcome.FAILED
        assert result.tally is not None
        done = sum(client.studies.count(labels=[label]) for label in client.tools.labels())
        assert result.tally.done == done
        assert 0 < done < 300
        assert result.tally.not_tried == 300 - done
