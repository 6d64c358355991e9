"""The administration page, served by Voila to a machine without internet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.jupyter.visitor import ROOT, Visitor, voila
from tests.jupyter.ward import SECRETS, Ward

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from orthanc_state.testing import OrthancServers


def test_the_administration_page(browser: Browser, orthanc_servers: OrthancServers, tmp_path: Path) -> None:
    ward = Ward(tmp_path, orthanc_servers)
    environment = {**ward.environment, "ORTHANC_STATE_DOCUMENT": "site.yaml", "ORTHANC_STATE_INVENTORY": "fleet.yaml"}
    page = ward.write("admin.ipynb", (ROOT / "notebooks" / "admin.ipynb").read_text())
    server = voila(tmp_path, page, environment)
    visitor = Visitor(browser)
    try:
        visitor.page.goto(server.url)
        visitor.panel("connect").get_by_text("Connected").wait_for()
        visitor.panel("overview").get_by_text("Labels in use").wait_for()
        visitor.picture("voila", visitor.page.locator("body"))
        # By keyboard alone: to the panels, and to a panel.
        document = visitor.page.get_by_role("button", name="Document", exact=True)
        document.focus()
        visitor.page.keyboard.press("Enter")
        visitor.panel("document").get_by_role("button", name="Policies (2)").wait_for()
        visitor.page.keyboard.press("Tab")
        visitor.page.keyboard.press("Enter")
        visitor.panel("plan").get_by_role("button", name="Plan", exact=True).press("Enter")
        visitor.panel("plan").get_by_role("button", name="Apply").wait_for()
        assert visitor.violations("console") == []
        content = visitor.page.content()
        assert not [secret for secret in SECRETS if secret in content]
        assert visitor.outside == []
        assert visitor.errors == []
    finally:
        visitor.close()
        server.stop()
        ward.stop()
