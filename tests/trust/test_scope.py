"""Only a part of a document is planned: `--target` and `--exclude`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc, apply, loads, plan
from orthanc_state.planning.differ import PlanError
from orthanc_state.planning.scope import ScopeError
from tests.faults.fault_proxy import FaultProxy
from tests.trust.sites import ADDRESSES, ENVIRONMENT, addresses, furnish, site

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.testing import OrthancServer
    from tests.conftest import Cli


@pytest.mark.parametrize(
    ("targets", "excludes", "expected"),
    [
        (["modalities/pacs"], [], ["modalities/pacs"]),
        (["modalities"], [], ["modalities/ct", "modalities/pacs", "modalities/old"]),
        (["modalities/*"], [], ["modalities/ct", "modalities/pacs", "modalities/old"]),
        (["modalities/[co]*"], [], ["modalities/ct", "modalities/old"]),
        (["*/??"], [], ["modalities/ct"]),
        (["metrics"], [], ["metrics"]),
        (["dicom"], [], [each for each in ADDRESSES if each.startswith("dicom/")]),
        (["logging/dicom", "peers/mirror"], [], ["peers/mirror", "logging/dicom"]),
        ([], ["modalities"], [each for each in ADDRESSES if not each.startswith("modalities/")]),
        ([], ["*"], []),
        (["modalities"], ["modalities/pacs"], ["modalities/ct", "modalities/old"]),
        (["modalities/pacs"], ["modalities/pacs"], []),
        ([], ["dicom/default_encoding"], [each for each in ADDRESSES if each != "dicom/default_encoding"]),
    ],
)
def test_only_what_is_named_is_planned(
    orthanc: Orthanc, targets: list[str], excludes: list[str], expected: list[str]
) -> None:
    furnish(orthanc)
    found = plan(orthanc, site(), targets=targets, excludes=excludes)
    assert addresses(found) == expected
    assert apply(orthanc, found, allow_deletes=True).ok
    assert plan(orthanc, site(), targets=targets, excludes=excludes).empty
    assert addresses(plan(orthanc, site())) == [each for each in ADDRESSES if each not in expected]


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("modalities/pasc", "Did you mean modalities/pacs?"),
        ("modality/pacs", "Did you mean modalities"),
        ("nothing/at/all", ""),
        ("peers/x*", ""),
        ("", ""),
    ],
)
def test_a_name_that_nothing_has_is_a_mistake(orthanc: Orthanc, pattern: str, hint: str) -> None:
    furnish(orthanc)
    for scope in ({"targets": [pattern]}, {"excludes": [pattern]}):
        with pytest.raises(ScopeError, match="neither the document nor the server has anything called") as raised:
            plan(orthanc, site(), **scope)
        assert hint in raised.value.hint


RENAMED = """\
version: 1
modalities:
  new: {aet: PACS, host: 10.0.0.5, port: 104}
  other: {aet: OTHER, host: 10.0.0.6, port: 104}
prune: {modalities: true}
"""


@pytest.fixture
def renamed(orthanc: Orthanc) -> Orthanc:
    """A modality that comes back under another name."""
    orthanc.modalities["old"].put({"AET": "PACS", "Host": "10.0.0.5", "Port": 104})
    return orthanc


def test_what_a_target_depends_on_comes_with_it(renamed: Orthanc) -> None:
    found = plan(renamed, loads(RENAMED), targets=["modalities/old"])
    assert addresses(found) == ["modalities/new", "modalities/old"]
    assert found.changes[1].depends_on == ("modalities/new",)


def test_what_depends_on_what_is_left_out_is_left_out_too(renamed: Orthanc) -> None:
    assert addresses(plan(renamed, loads(RENAMED), excludes=["modalities/new"])) == ["modalities/other"]
    assert plan(renamed, loads(RENAMED), targets=["modalities/old"], excludes=["modalities/new"]).empty


def test_what_is_wrong_elsewhere_does_not_stand_in_the_way(orthanc: Orthanc) -> None:
    orthanc.peers["backup"].put({"Url": "http://h/", "Username": "u", "Password": "set by hand"})
    document = loads(
        "version: 1\nprotected: [modalities/old]\nmodalities: {old: {state: absent}, pacs: [A, h, 104]}\n"
        'peers: {backup: {url: "http://other/", username: u}}\nmetrics: false\n'
    )
    orthanc.modalities["old"].put({"AET": "OLD", "Host": "h", "Port": 104})
    with pytest.raises(PlanError) as raised:
        plan(orthanc, document)
    assert len(raised.value.problems) == 2
    assert addresses(plan(orthanc, document, targets=["metrics", "modalities/pacs"])) == ["modalities/pacs", "metrics"]
    assert addresses(plan(orthanc, document, excludes=["peers", "modalities/old"])) == ["modalities/pacs", "metrics"]
    with pytest.raises(PlanError, match="modalities/old is protected"):
        plan(orthanc, document, targets=["modalities"])


def test_the_server_is_not_even_asked_for_what_is_not_planned(server: OrthancServer) -> None:
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url) as orthanc:
        furnish(orthanc)
        proxy.seen.clear()
        plan(orthanc, site(), targets=["modalities/pacs"])
        assert {seen.path for seen in proxy.seen} == {"/system", "/modalities", "/tools/execute-script"}
        proxy.seen.clear()
        plan(orthanc, site(), excludes=["modalities", "peers", "logging", "dicom", "dicomweb_servers"])
        assert {seen.path for seen in proxy.seen} == {"/system", "/tools/metrics"}


def test_the_command_line_takes_several_of_each(orthanc: Orthanc, tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "site.yaml").write_text(
        "version: 1\nmodalities: {a: [A, h, 104], b: [B, h, 104], c: [C, h, 104]}\nmetrics: false\n"
    )
    arguments = ["site.yaml", "--target", "modalities", "--target", "metrics", "--exclude", "modalities/b"]
    applied = cli("apply", "--yes", *arguments, "--url", orthanc.url, env=ENVIRONMENT)
    assert applied.returncode == 0, applied.stderr
    assert sorted(orthanc.modalities.names()) == ["a", "c"]
    wrong = cli("plan", "site.yaml", "--target", "modalities/bb", "--url", orthanc.url)
    assert wrong.returncode == 1
    assert "Did you mean modalities/b" in wrong.stderr
