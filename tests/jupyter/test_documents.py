"""The document that somebody edits in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthanc_state.errors import OrthancStateError
from orthanc_state.jupyter.controllers.document import BEGINNING, DocumentController
from orthanc_state.jupyter.controllers.session import Session
from orthanc_state.jupyter.panels.document import DocumentPanel

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state import Orthanc

TEXT = """\
version: 1
modalities:
  pacs: {aet: PACS, host: 10.0.0.5, port: 11112}  # radiology
"""


def test_both_sides_are_one_document() -> None:
    controller = DocumentController(TEXT)
    panel = DocumentPanel(controller)
    panel.dispatch("set", "11113", {"field": "port"})
    assert controller.text == TEXT.replace("11112", "11113")
    panel.dispatch("side", "yaml")
    assert "port: 11113" in panel.html
    panel.dispatch("text", controller.text.replace("PACS", "OTHER"))
    panel.dispatch("side", "modalities")
    assert 'value="OTHER"' in panel.html
    assert "# radiology" in controller.text


def test_a_mistake_is_shown_beside_its_field_as_one_types() -> None:
    controller = DocumentController(TEXT)
    panel = DocumentPanel(controller)
    panel.dispatch("set", "70000", {"field": "port"})
    assert controller.document is None
    assert "expected 65534 or less" in controller.problems_of("modalities", "pacs", "port")
    assert 'aria-invalid="true"' in panel.html
    panel.dispatch("set", "104", {"field": "port"})
    assert controller.document is not None
    assert "aria-invalid" not in panel.html
    panel.dispatch("text", "version: 1\nmodalities: {pacs: [")
    assert controller.problems
    panel.dispatch("set", "104", {"field": "port"})
    assert panel.error is not None
    assert "Mend it" in panel.error.hint


def test_a_secret_does_not_stay_in_what_is_shown() -> None:
    controller = DocumentController()
    panel = DocumentPanel(controller)
    panel.dispatch("side", "yaml")
    panel.dispatch("text", "version: 1\npeers:\n  b: {url: 'https://b.example/', password: hunter2}\n")
    assert "hunter2" not in panel.html + controller.text
    assert controller.taken == ("ORTHANC_PEERS_B_PASSWORD",)
    panel.dispatch("side", "peers")
    panel.dispatch("set", "hunter2", {"field": "password"})
    assert panel.error is not None
    assert "hunter2" not in panel.html + str(panel.error)
    assert "password: !env ORTHANC_PEERS_B_PASSWORD" in controller.text


def test_entries_are_added_and_removed() -> None:
    controller = DocumentController(TEXT)
    panel = DocumentPanel(controller)
    panel.dispatch("add", "", {"name": "ct1"})
    for field, value in {"aet": "CT1", "host": "10.0.0.9", "port": "104", "allow_store": "false"}.items():
        panel.dispatch("set", value, {"field": field})
    assert controller.document is not None
    assert controller.document.sections["modalities"]["ct1"].allow_store is False
    for name in ("ct1", "no/slash", ""):
        panel.dispatch("add", "", {"name": name})
        assert panel.error is not None
    panel.dispatch("remove", "ct1")
    panel.dispatch("prune", True)
    assert controller.text == TEXT + "prune:\n  modalities: true\n"
    panel.dispatch("side", "policies")
    panel.dispatch("add", "", {"name": "archive"})
    panel.dispatch("set", "study", {"field": "level"})
    panel.dispatch("set", "{add: [archive]}", {"field": "labels"})
    assert controller.document is not None
    assert controller.document.sections["policies"][0].labels.add == ("archive",)


def test_a_file_is_saved_whole_and_not_over_what_somebody_else_wrote(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_bytes(TEXT.replace("\n", "\r\n").encode())
    controller = DocumentController()
    controller.open(str(file))
    assert not controller.dirty
    controller.set("modalities", "pacs", "port", "11113")
    assert controller.dirty
    controller.save()
    assert file.read_bytes() == TEXT.replace("11112", "11113").replace("\n", "\r\n").encode()
    assert not controller.dirty
    file.write_text(TEXT)
    controller.set("modalities", "pacs", "port", "105")
    with pytest.raises(OrthancStateError, match="changed by somebody else"):
        controller.save()
    other = tmp_path / "other.yaml"
    other.write_text("")
    with pytest.raises(OrthancStateError, match="is there already"):
        controller.save(str(other))
    assert file.read_text() == TEXT
    controller.save(str(tmp_path / "new.yaml"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.yaml", "other.yaml", "site.yaml"]
    with pytest.raises(OrthancStateError, match="cannot write"):
        controller.save(str(tmp_path / "missing" / "site.yaml"))
    with pytest.raises(OrthancStateError):
        controller.open(str(tmp_path / "missing.yaml"))


def test_what_a_file_includes_is_found_beside_it(tmp_path: Path) -> None:
    (tmp_path / "scanners.yaml").write_text("ct1: [CT1, 10.0.0.9, 104]\n")
    (tmp_path / "site.yaml").write_text("version: 1\nmodalities: !include scanners.yaml\n")
    controller = DocumentController()
    controller.open(str(tmp_path / "site.yaml"))
    assert controller.problems == ()
    assert controller.document is not None
    assert "ct1" in controller.document.sections["modalities"]


def test_it_can_begin_with_what_a_server_is(orthanc: Orthanc) -> None:
    orthanc.put("/modalities/pacs", ["PACS", "10.0.0.5", 104])
    controller = DocumentController()
    panel = DocumentPanel(controller, Session(orthanc))
    controller.write(TEXT)
    for action in ("dump", "open"):
        # What somebody wrote and did not save is not lost.
        panel.dispatch(action, "", {"file": "other.yaml"})
        assert panel.error is not None
        assert controller.text == TEXT
    controller.write(BEGINNING)
    panel.dispatch("dump")
    assert controller.document is not None
    assert controller.entries("modalities") == ["pacs"]
