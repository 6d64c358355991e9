"""What a kind says of restarts, of versions and of its requests is what a real Orthanc does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc, apply, from_data, plan
from orthanc_state.kinds.durability import ALWAYS, NEVER, flag_of, told
from orthanc_state.kinds.registry import all_kinds, resource_kinds
from tests.policies.studies import METADATA, document, policy, store

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthanc_state.testing import OrthancServer

KINDS = list(all_kinds().values())

DOCUMENT = {
    "version": 1,
    "modalities": {"pacs": ["PACS", "10.0.0.5", 104]},
    "peers": {"backup": {"url": "http://backup.example/"}},
    "dicomweb_servers": {"cloud": {"url": "http://cloud.example/dicom-web/"}},
    "dicom": {
        "accepted_transfer_syntaxes": ["ExplicitVRLittleEndian"],
        "unknown_sop_class_accepted": True,
        "default_encoding": "Greek",
    },
    "logging": {"dicom": "verbose"},
    "metrics": False,
}
"""Each kind that has a state of its own, other than a new server has it."""


def test_every_kind_says_one_of_the_three() -> None:
    for kind in KINDS:
        flag = flag_of(kind.durability)
        assert (kind.durability in (ALWAYS, NEVER)) != bool(flag)
        assert not flag or flag.endswith("InDatabase")
        assert told(kind.durability)


@pytest.mark.parametrize(
    ("suite", "on"),
    [
        ("bookworm", ["DicomModalitiesInDatabase"]),
        ("trixie", ["OrthancPeersInDatabase"]),
        ("forky", ["DicomModalitiesInDatabase", "OrthancPeersInDatabase"]),
        ("forky", []),
    ],
)
def test_after_a_restart_there_is_what_the_kinds_say(
    suite: str, on: list[str], start_orthanc: Callable[..., OrthancServer]
) -> None:
    server = start_orthanc(dict.fromkeys(on, True), suite, ["dicomweb"])
    with Orthanc(server.url) as orthanc:
        assert apply(orthanc, plan(orthanc, from_data(DOCUMENT))).ok
    server.restart()
    with Orthanc(server.url) as orthanc:
        lost = {change.kind for change in plan(orthanc, from_data(DOCUMENT)).changes}
    assert lost == {kind.name for kind in resource_kinds() if kind.durability not in (ALWAYS, *on)}


@pytest.mark.orthanc(plugins=["dicomweb"])
def test_what_is_sent_is_what_the_kinds_say(orthanc: Orthanc) -> None:
    sent = {change.kind: change.operation for change in plan(orthanc, from_data(DOCUMENT)).changes}
    assert sent.keys() == {kind.name for kind in resource_kinds()}
    for name, operation in sent.items():
        request = f"{operation.method} {operation.path}"
        templates = all_kinds()[name].requests(())
        assert any(re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(each)), request) for each in templates), request
    assert f"PUT {sent['logging'].path}" in all_kinds()["logging"].requests(("dicom",))


@pytest.mark.parametrize("suite", ["trixie", "forky"])
def test_what_policies_write_survives_a_restart(suite: str, start_orthanc: Callable[..., OrthancServer]) -> None:
    assert all_kinds()["policies"].durability == ALWAYS
    server = start_orthanc(METADATA, suite)
    wanted = document(
        policy("a", labels={"add": ["kept"]}, metadata={"set": {"site": "Lausanne"}}),
        policy("b", "patient", protected=True),
    )
    with Orthanc(server.url) as orthanc:
        store(orthanc, "P1")
        assert apply(orthanc, plan(orthanc, wanted)).ok
    server.restart()
    with Orthanc(server.url) as orthanc:
        assert plan(orthanc, wanted).empty
