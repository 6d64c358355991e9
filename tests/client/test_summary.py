"""A client at a glance: its representation asks nothing, a notebook's table asks the server and never fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state import AsyncOrthanc, Orthanc
from tests.api.dicom_files import ct, encoded
from tests.faults.fault_proxy import FaultProxy, free_port, stall

if TYPE_CHECKING:
    import pytest

    from orthanc_state.testing import OrthancServer


class Printer:
    """What IPython hands over to be written to."""

    def __init__(self) -> None:
        self.written = ""

    def text(self, text: str) -> None:
        self.written += text


def test_a_representation_shows_what_is_known_and_asks_nothing(orthanc_server: OrthancServer) -> None:
    with FaultProxy(orthanc_server.url) as proxy, Orthanc(proxy.url) as orthanc:
        assert repr(orthanc) == f"<Orthanc {proxy.url}>"
        assert proxy.connections == 0
        orthanc.instances.upload(encoded(ct()))
        orthanc.system()
        orthanc.statistics()
        before = len(proxy.seen)
        shown = repr(orthanc)
        assert len(proxy.seen) == before
    assert f"Version {orthanc_server.version}" in shown
    assert "Patients 1, Studies 1, Series 1, Instances 1" in shown


def test_a_notebook_shows_a_table(orthanc_server: OrthancServer) -> None:
    with Orthanc(orthanc_server.url) as orthanc:
        orthanc.instances.upload(encoded(ct()))
        table = orthanc.read_only()._repr_html_()
        printer = Printer()
        orthanc._repr_pretty_(printer, False)
    for shown in (table, AsyncOrthanc(orthanc_server.url)._repr_html_()):
        assert shown.startswith("<table>")
        assert orthanc_server.version in shown
        assert ">Studies</th>" in shown
        assert "PAT1" not in shown
    assert "read-only" in table
    assert "Studies 1" in printer.written


def test_a_server_that_is_away_is_shown_as_that(own: OrthancServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cannot connect" in Orthanc(f"http://127.0.0.1:{free_port()}")._repr_html_()
    monkeypatch.setattr("orthanc_state.client._sync.orthanc.GLANCE", 0.2)
    with FaultProxy(own.url, stall) as proxy, Orthanc(proxy.url) as orthanc:
        assert "did not answer" in orthanc._repr_html_()


def test_what_a_server_says_cannot_become_markup(own: OrthancServer) -> None:
    with Orthanc(own.url) as orthanc:
        orthanc._connection.known["system"] = {"Name": "<script>", "Version": "1.12.7"}
        summary = orthanc._connection.summary()
    assert "<script>" not in summary.html()
    assert "&lt;script&gt;" in summary.html()
