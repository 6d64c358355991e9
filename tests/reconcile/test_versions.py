"""A document that asks for more than a server has is refused before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, loads, plan
from orthanc_state.kinds import transfer_syntax
from orthanc_state.kinds.version import parse_version
from orthanc_state.planning.differ import PlanError

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServer

DOCUMENT = """\
version: 1
metrics: false
modalities:
  pacs:
    aet: PACS
    host: h
    port: 104
    manufacturer: SiemensSyngoCT
    retrieve_method: C-GET
"""


@pytest.mark.orthanc(suites=["bookworm"])
def test_what_is_too_new_is_named_with_its_place_and_the_version_that_it_needs(orthanc: Orthanc) -> None:
    with pytest.raises(PlanError) as error:
        plan(orthanc, loads(DOCUMENT, name="site.yaml"))
    said = [str(problem) for problem in error.value.problems]
    assert len(said) == 2
    assert said[0].startswith(
        "site.yaml:8:19 modalities.pacs.manufacturer: `manufacturer: SiemensSyngoCT` needs Orthanc 1.13.0"
    )
    assert said[1].startswith("site.yaml:9:22 modalities.pacs.retrieve_method: `retrieve_method` needs Orthanc 1.12.6")
    assert "this server is 1.10.1" in said[0]
    assert orthanc.modalities.names() == []
    assert orthanc.tools.metrics.get() is True


@pytest.mark.orthanc(suites=["trixie"])
def test_only_what_the_server_lacks_is_named(orthanc: Orthanc) -> None:
    with pytest.raises(PlanError) as error:
        plan(orthanc, loads(DOCUMENT))
    assert [problem.field for problem in error.value.problems] == ["modalities.pacs.manufacturer"]


@pytest.mark.orthanc(suites=["forky"])
def test_a_server_that_has_it_all_takes_it(orthanc: Orthanc) -> None:
    assert not plan(orthanc, loads(DOCUMENT)).empty


def test_the_table_of_transfer_syntaxes_is_what_the_server_knows(
    orthanc: Orthanc, orthanc_server: OrthancServer
) -> None:
    assert set(orthanc.tools.accepted_transfer_syntaxes.set(["*"])) == transfer_syntax.known_to(
        parse_version(orthanc_server.version)
    )


def test_the_fields_of_the_kinds_are_what_the_server_answers(orthanc: Orthanc, orthanc_server: OrthancServer) -> None:
    """A new version with a new field is noticed here."""
    from orthanc_state.kinds.registry import all_kinds

    orthanc.modalities["m"].put({"AET": "A", "Host": "h", "Port": 104})
    orthanc.peers["p"].put(
        {"Url": "http://h/", "Username": "u", "Password": "p", "CertificateFile": str(orthanc_server.log_path)}
    )
    version = parse_version(orthanc_server.version)
    answers = {"modalities": orthanc.modalities["m"].configuration(), "peers": orthanc.peers["p"].configuration()}
    for name, answer in answers.items():
        kind: Any = all_kinds()[name]
        known = {field.wire.name for field in kind.fields if parse_version(field.wire.since or "0") <= version}
        assert answer.keys() == known - {""}
