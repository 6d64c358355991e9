"""The panels in a real browser, in JupyterLab, on a real Orthanc."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state import Orthanc

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServers
    from tests.jupyter.visitor import Notebooks, Visitor

DOCUMENT = """\
# The ward.
version: 1
modalities:
  pacs: {aet: PACS, host: 10.0.0.5, port: 11112}  # of the radiology
prune: {modalities: true}
"""


def test_from_the_form_to_the_server(orthanc_servers: OrthancServers, lab: Notebooks, visitor: Visitor) -> None:
    server = orthanc_servers.start("trixie", {"RegisteredUsers": {"admin": "hunter2-secret"}})
    with Orthanc(server.url, "admin", "hunter2-secret") as orthanc:
        orthanc.put("/modalities/old", ["OLD", "10.0.0.7", 104])
        site = lab.folder / "site.yaml"
        site.write_text(DOCUMENT)
        notebook = lab.write(
            "form.ipynb",
            "from orthanc_state import jupyter",
            f"server = jupyter.connect({server.url!r})\nserver",
            "document = jupyter.document('site.yaml', server)\ndocument",
            "jupyter.plan(server, document)",
        )
        visitor.open_lab(lab, notebook)

        connect = visitor.panel("connect")
        connect.get_by_label("User").fill("admin")
        connect.get_by_label("Password").fill("hunter2-secret")
        visitor.picture("connect-form", connect)
        connect.get_by_role("button", name="Connect", exact=True).click()
        connect.get_by_text("Connected").wait_for()

        document = visitor.panel("document")
        document.get_by_role("textbox", name="Port").fill("104")
        document.get_by_role("textbox", name="Port").press("Tab")
        document.get_by_text("not saved").wait_for()

        plan = visitor.panel("plan")
        plan.get_by_role("button", name="Plan", exact=True).click()
        apply = plan.get_by_role("button", name="Apply 2 changes")
        apply.wait_for()
        apply.click()
        plan.get_by_text("was not confirmed").wait_for()
        assert set(orthanc.modalities.names()) == {"old"}

        plan.get_by_label("type “delete 1”").fill("delete 1")
        plan.get_by_label("type “delete 1”").press("Enter")
        plan.get_by_text("Report of Orthanc").wait_for()
        visitor.picture("report", plan)
        assert {name: entry["Port"] for name, entry in orthanc.modalities.configurations().items()} == {"pacs": 104}
    orthanc_servers.stop(server)
