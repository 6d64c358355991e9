"""What the values of the kit look like in a notebook, with widgets and without."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, apply, from_data, loads, plan
from orthanc_state.checks.registry import chosen_checks
from orthanc_state.checks.run import run_checks
from orthanc_state.checks.subject import Subject
from orthanc_state.jupyter.shown import WIDGET
from tests.render.hostile import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from orthanc_state.testing import OrthancServers

SECRET = "hunter2-of-a-peer"


@pytest.fixture(scope="module")
def values(orthanc_servers: OrthancServers) -> Iterator[dict[str, Any]]:
    """One of each."""
    document = loads(
        "version: 1\npeers: {b: {url: 'https://b.example/', username: u, password: !env P}}\nmetrics: false\n",
        environment={"P": SECRET},
    )
    server = orthanc_servers.start("trixie", {"Name": "<script>alert(1)</script>"})
    with Orthanc(server.url) as orthanc:
        found = plan(orthanc, document)
        results = run_checks([Subject("<b>x</b>", orthanc, document)], chosen_checks(["answers", "no-effect"]))
        report = apply(orthanc, found)
        yield {
            "plan": found,
            "report": report,
            "document": document,
            "orthanc": orthanc,
            "results": results,
            "result": results[0],
        }
    orthanc_servers.stop(server)


@pytest.mark.parametrize("name", ["plan", "report", "document", "orthanc", "results", "result"])
def test_a_widget_html_and_text(values: dict[str, Any], name: str) -> None:
    bundle = values[name]._repr_mimebundle_()
    assert set(bundle[WIDGET]) >= {"model_id", "version_major"}
    html = bundle.get("text/html") or values[name]._repr_html_()
    text = bundle.get("text/plain") or repr(values[name])
    for shown in (html, text):
        assert shown.strip()
        assert SECRET not in shown
    assert "<script" not in html
    assert "http://" not in html.replace(values["orthanc"].url, "")


def test_html_is_text_whatever_a_name_holds(values: dict[str, Any]) -> None:
    from dataclasses import replace

    hostile = " ".join(HOSTILE)
    change = replace(values["plan"].changes[0], address=hostile, name=hostile)
    bundle = replace(values["plan"], changes=(change,), warnings=())._repr_mimebundle_()
    for tag in ("<script", "<img", "<http", "onerror="):
        assert tag not in bundle["text/html"]


def test_without_widgets_there_is_html_and_text(tmp_path: Path) -> None:
    code = """
import sys
sys.modules["anywidget"] = None
from orthanc_state import loads
import orthanc_state.jupyter
bundle = loads("version: 1\\nmetrics: true\\n")._repr_mimebundle_()
assert set(bundle) == {"text/html", "text/plain"}, bundle
try:
    orthanc_state.jupyter.connect
except orthanc_state.OrthancStateError as error:
    print(error, error.hint)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert found.stdout == ("the panels need the package anywidget Install it: pip install 'orthanc-state[jupyter]'.\n")


def test_what_is_below_the_face_does_not_import_it() -> None:
    code = """
import sys
import orthanc_state.cli.check, orthanc_state.cli.fleet, orthanc_state.cli.reconcile, orthanc_state.engine
above = ("orthanc_state.jupyter", "ipywidgets", "anywidget")
sys.exit(str(found) if (found := [name for name in sys.modules if name.startswith(above)]) else 0)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_plan_that_was_made_elsewhere_is_only_shown(values: dict[str, Any]) -> None:
    from orthanc_state.jupyter.panels.shown import panel_of

    panel = panel_of(plan(values["orthanc"], from_data({"version": 1, "metrics": True})))
    assert panel is not None
    panel.dispatch("apply")
    assert panel.error is not None
    assert "no server is connected" in str(panel.error)
    assert panel_of(object()) is None
