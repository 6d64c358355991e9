"""What a server is required to be, what it can hold, and what it tells of its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc
from orthanc_state.checks.result import Status
from tests.policies.studies import store

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthanc_state.testing import OrthancServer
    from tests.checks.conftest import Checked

CT = "1.2.840.10008.5.1.4.1.1.2"


@pytest.mark.orthanc(plugins=["dicomweb"])
def test_what_a_document_requires(orthanc: Orthanc, orthanc_server: OrthancServer, checked: Checked) -> None:
    tells = orthanc_server.version != "1.10.1"
    text = f"require:\n  version: '>=1.10,<2'\n  plugins: [dicom-web, gdcm]\n  sop_classes: [{CT}, 1.2.3]\n"
    found = checked(orthanc.url, text, "version", "plugins", "sop-classes")
    assert {target: result.status for target, result in found.items()} == {
        "server": Status.OK,
        "plugins/dicom-web": Status.OK,
        "plugins/gdcm": Status.FAILED,
        f"sop-classes/{CT}": Status.OK if tells else Status.UNKNOWN,
        "sop-classes/1.2.3": Status.FAILED if tells else Status.UNKNOWN,
    }
    assert str(found["plugins/gdcm"].place) == "site.yaml:4:24"
    too_new = checked(orthanc.url, "require: {version: '>=2'}\n", "version")["server"]
    assert too_new.status is Status.FAILED
    assert too_new.message == f"{orthanc_server.version} is not >=2"


ROOM: list[tuple[dict[str, Any], int, Status, str]] = [
    ({"MaximumPatientCount": 10}, 1, Status.OK, "1 of 10 patients (10% of MaximumPatientCount)"),
    ({"MaximumPatientCount": 1}, 1, Status.WARNING, "oldest patients that are not protected are deleted"),
    ({"MaximumPatientCount": 1, "MaximumStorageMode": "Reject"}, 1, Status.FAILED, "what arrives is rejected"),
    ({"MaximumStorageSize": 1000}, 0, Status.OK, "0 of 1,000 MB"),
]


@pytest.mark.parametrize("case", range(len(ROOM)))
@pytest.mark.parametrize("suite", ["trixie", "forky"])
def test_room_below_the_limits(
    suite: str, case: int, start_orthanc: Callable[..., OrthancServer], checked: Checked
) -> None:
    limits, patients, status, words = ROOM[case]
    server = start_orthanc(limits, suite)
    with Orthanc(server.url) as orthanc:
        for number in range(patients):
            store(orthanc, f"P{number}")
    found = checked(server.url, "", "storage")["server"]
    assert (found.status, words in found.message) == (status, True), found.message


def test_a_server_without_limits(orthanc_server: OrthancServer, checked: Checked) -> None:
    found = checked(orthanc_server.url, "", "storage")["server"]
    assert found.status is (Status.UNKNOWN if orthanc_server.version == "1.10.1" else Status.OK)


DENIED = "modalities:\n  ct: {aet: CT, host: h, port: 104, allow_echo: false, allow_find: false}\n  mr: [MR, h, 104]\n"


@pytest.mark.parametrize("suite", ["bookworm", "trixie", "forky"])
def test_fields_without_effect(suite: str, start_orthanc: Callable[..., OrthancServer], checked: Checked) -> None:
    scripted = start_orthanc({"ExecuteLuaEnabled": True}, suite)
    found = checked(scripted.url, DENIED, "no-effect")
    assert found.keys() == {"modalities/ct"}
    assert found["modalities/ct"].status is Status.WARNING
    assert found["modalities/ct"].message == (
        "no effect of allow_echo: the server allows it to all (DicomAlwaysAllowEcho)"
    )
    strict = start_orthanc({"ExecuteLuaEnabled": True, "DicomAlwaysAllowEcho": False}, suite)
    assert checked(strict.url, DENIED, "no-effect")["modalities/ct"].status is Status.OK
    silent = start_orthanc({}, suite)
    dark = checked(silent.url, DENIED, "no-effect")["modalities/ct"]
    assert dark.status is Status.UNKNOWN
    assert "assume: {always_allow_echo: false, always_allow_find: false}" in dark.hint
    assumed = DENIED + "assume: {always_allow_echo: false, always_allow_find: false}\n"
    assert checked(silent.url, assumed, "no-effect")["modalities/ct"].status is Status.OK
    # What the server tells is believed more than what the document assumes.
    assert checked(scripted.url, assumed, "no-effect")["modalities/ct"].status is Status.WARNING
    wrong = checked(scripted.url, assumed, "assumptions")
    assert wrong["assume/always_allow_echo"].status is Status.FAILED
    assert wrong["assume/always_allow_find"].status is Status.OK
    assert checked(silent.url, assumed, "assumptions")["assume/always_allow_echo"].status is Status.UNKNOWN


USERS = {"RegisteredUsers": {"admin": "orthanc-hunter2"}}


@pytest.mark.parametrize("suite", ["bookworm", "trixie", "forky"])
def test_who_can_use_the_server(suite: str, start_orthanc: Callable[..., OrthancServer], checked: Checked) -> None:
    guarded = start_orthanc({**USERS, "ExecuteLuaEnabled": True}, suite)
    found = checked(guarded.url, "", "access", username="admin", password="orthanc-hunter2")["server"]
    assert found.status is Status.OK
    scripts = checked(guarded.url, "", "scripts", username="admin", password="orthanc-hunter2")["server"]
    assert scripts.status is Status.WARNING
    silent = start_orthanc({}, suite)
    assert checked(silent.url, "", "access")["server"].status is Status.UNKNOWN
    assert checked(silent.url, "", "scripts")["server"].status is Status.OK
    local = start_orthanc({"ExecuteLuaEnabled": True}, suite)
    assert checked(local.url, "", "access")["server"].status is Status.OK
    assert checked(local.url, "", "scripts")["server"].status is Status.WARNING


# Older ones that allow remote access listen to other machines, whatever they are told.
@pytest.mark.orthanc(
    suites=["forky"],
    configuration={"ExecuteLuaEnabled": True, "RemoteAccessAllowed": True, "AuthenticationEnabled": False},
)
def test_a_server_that_is_open_to_everybody(orthanc: Orthanc, checked: Checked) -> None:
    found = checked(orthanc.url, "", "access")["server"]
    assert found.status is Status.FAILED
    assert "without a password" in found.message
    assert checked(orthanc.url, "", "scripts")["server"].status is Status.FAILED


PEERS = """\
peers:
  clear: {url: "http://peer.example/", username: u, password: !env PASSWORD}
  headers: {url: "http://peer.example/", http_headers: {X-Key: !env PASSWORD}}
  here: {url: "http://localhost/", username: u, password: !env PASSWORD}
  there: {url: "http://127.0.0.1.example/", username: u, password: !env PASSWORD}
  tls: {url: "https://peer.example/", username: u, password: !env PASSWORD}
  nothing: {url: "http://peer.example/"}
"""


@pytest.mark.orthanc(suites=["trixie"])
def test_secrets_that_go_in_clear(orthanc: Orthanc, checked: Checked) -> None:
    found = checked(orthanc.url, PEERS, "clear-passwords", environment={"PASSWORD": "canary-hunter2"})
    assert {target: result.status for target, result in found.items()} == {
        "peers/clear": Status.FAILED,
        "peers/headers": Status.WARNING,
        "peers/here": Status.OK,
        "peers/there": Status.FAILED,
        "peers/tls": Status.OK,
    }
    assert str(found["peers/clear"].place) == "site.yaml:3:16"
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("configuration", "assume", "status"),
    [
        ({"ExecuteLuaEnabled": True}, "", Status.OK),
        ({"ExecuteLuaEnabled": True, "HttpsVerifyPeers": False}, "", Status.FAILED),
        ({}, "", Status.UNKNOWN),
        ({}, "assume: {https_verify_peers: true}\n", Status.OK),
    ],
)
def test_certificates_of_peers_are_verified(
    configuration: dict[str, Any],
    assume: str,
    status: Status,
    start_orthanc: Callable[..., OrthancServer],
    checked: Checked,
) -> None:
    url = start_orthanc(configuration, "trixie").url
    assert checked(url, PEERS + assume, "tls", environment={"PASSWORD": "x"})["server"].status is status
    assert checked(url, "peers: {p: {url: 'http://h/'}}\n" + assume, "tls") == {}
