"""Every panel in a real browser, light and dark: what it looks like, who can use it, and what it lets out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.jupyter.ward import SECRETS, Ward

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from orthanc_state.testing import OrthancServers
    from tests.jupyter.visitor import Notebooks, Visitor

PANELS = ("connect", "overview", "document", "plan", "policies", "network", "logs", "metrics", "fleet")

CELLS = (
    "import json, os\nos.environ.update(json.load(open('environment.json')))\nfrom orthanc_state import jupyter",
    "server = jupyter.connect()\nserver",
    "document = jupyter.document('site.yaml', server)\ndocument",
    "jupyter.overview(server, document)",
    "jupyter.plan(server, document)",
    "jupyter.policies(server, document)",
    "jupyter.network(inventory='fleet.yaml')",
    "jupyter.logs(server)",
    "jupyter.metrics(server)",
    "jupyter.fleet('fleet.yaml')",
)


@pytest.fixture(scope="module")
def ward(lab: Notebooks, orthanc_servers: OrthancServers) -> Iterator[Ward]:
    """Servers, a document and an inventory, in the folder of JupyterLab."""
    made = Ward(lab.folder, orthanc_servers)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def notebook(lab: Notebooks) -> Path:
    """A notebook with every panel."""
    return lab.write("gallery.ipynb", *CELLS)


@pytest.fixture(scope="module")
def visitor(browser: Browser, lab: Notebooks, ward: Ward, notebook: Path) -> Iterator[Visitor]:
    """Somebody who has opened that notebook, and used each panel a little."""
    from tests.jupyter.visitor import Visitor

    made = Visitor(browser)
    made.open_lab(lab, notebook)
    made.panel("connect").get_by_text("Connected").wait_for()
    made.panel("overview").get_by_text("Labels in use").wait_for()
    plan = made.panel("plan")
    plan.get_by_role("button", name="Plan", exact=True).click()
    plan.get_by_role("button", name="Apply").wait_for()
    policies = made.panel("policies")
    policies.get_by_role("button", name="Ask the server").click()
    policies.get_by_role("button", name="Show a sample of sort-new-studies").click()
    policies.get_by_text("StudyDescription").wait_for()
    network = made.panel("network")
    network.get_by_role("button", name="C-ECHO over ward7 -> night").first.click()
    network.locator("g.ok").first.wait_for()
    made.panel("metrics").get_by_role("button", name="Live").click()
    made.panel("metrics").locator(".plot").first.wait_for()
    fleet = made.panel("fleet")
    fleet.get_by_role("button", name="Plan", exact=True).click()
    fleet.get_by_role("button", name="Apply on").wait_for()
    yield made
    made.run("apputils:change-theme", theme="JupyterLab Light")
    made.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_panel_can_be_read_and_used_by_everybody(visitor: Visitor, theme: str) -> None:
    visitor.run("apputils:change-theme", theme=f"JupyterLab {theme.capitalize()}")
    light = "true" if theme == "light" else "false"
    visitor.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")
    found: list[str] = []
    for name in PANELS:
        visitor.picture(f"{name}-{theme}", visitor.panel(name))
        found += visitor.violations(name)
    assert found == []


def test_a_study_description_is_text_whatever_it_holds(visitor: Visitor) -> None:
    policies = visitor.panel("policies")
    assert "<script>window.broken=1</script>" in policies.inner_text()
    assert policies.locator("script, img").count() == 0
    assert visitor.page.evaluate("window.broken") is None


def test_a_saved_notebook_holds_no_secret(visitor: Visitor, notebook: Path) -> None:
    visitor.panel("document").get_by_role("button", name="YAML").click()
    visitor.panel("document").get_by_label("The document as YAML").wait_for()
    visitor.picture("document-yaml", visitor.panel("document"))
    before = notebook.read_text()
    visitor.run("docmanager:save")
    visitor.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    saved = notebook.read_text()
    assert saved != before
    assert "application/vnd.jupyter.widget-state+json" in saved
    assert "!env ARCHIVE_PASSWORD" in saved
    for secret in SECRETS:
        assert secret not in saved


def test_what_is_typed_stays_while_it_is_checked(visitor: Visitor) -> None:
    document = visitor.panel("document")
    text = document.get_by_label("The document as YAML")
    before = text.input_value()
    text.press("Control+End")
    text.press_sequentially("metrix: true")
    document.get_by_text("did you mean `metrics`?").wait_for()
    assert text.input_value() == before + "metrix: true"
    assert text.evaluate("field => field === document.activeElement")
    for _ in range(len("metrix: true")):
        text.press("Backspace")
    document.get_by_text("Valid", exact=True).wait_for()
    assert text.input_value() == before


def test_nothing_leaves_the_machine(visitor: Visitor) -> None:
    assert visitor.outside == []
    assert visitor.errors == []
