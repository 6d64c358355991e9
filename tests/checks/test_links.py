"""Whether links work: C-ECHO to modalities, and peers' own answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthanc_state import apply, loads, plan
from orthanc_state.checks.result import Status
from orthanc_state.testing.probe import free_port

if TYPE_CHECKING:
    from orthanc_state import Orthanc
    from orthanc_state.testing import OrthancServer
    from tests.api.foreign import Foreign
    from tests.checks.conftest import Checked


def test_modalities_are_echoed_and_peers_are_asked(
    orthanc: Orthanc, orthanc_server: OrthancServer, foreign: Foreign, checked: Checked
) -> None:
    text = (
        "modalities:\n"
        f"  ct: [FOREIGN, 127.0.0.1, {foreign.port}]\n"
        f"  off: [OFF, 127.0.0.1, {free_port()}]\n"
        "peers:\n"
        f"  self: {{url: '{orthanc_server.url}'}}\n"
        f"  down: {{url: 'http://127.0.0.1:{free_port()}'}}\n"
        f"  wrong: {{url: '{orthanc_server.url}/modalities'}}\n"
    )
    assert apply(orthanc, plan(orthanc, loads(f"version: 1\n{text}"))).ok
    document = f"{text}# comment\n".replace("  off:", "  later: [LATER, 127.0.0.1, 104]\n  off:")
    found = checked(orthanc.url, document, "echo", "peers")
    assert {target: result.status for target, result in found.items()} == {
        "modalities/ct": Status.OK,
        "modalities/off": Status.FAILED,
        "modalities/later": Status.SKIPPED,
        "peers/self": Status.OK,
        "peers/down": Status.FAILED,
        "peers/wrong": Status.FAILED,
    }
    off = found["modalities/off"]
    assert "AET" in off.message
    assert off.hint
    assert str(off.place) == "site.yaml:5:3"
    assert found["peers/self"].message == f"answers: Orthanc {orthanc_server.version}"
    # Without a document it is what the server has.
    assert checked(orthanc.url, "", "echo").keys() == {"modalities/ct", "modalities/off"}


@pytest.mark.orthanc(suites=["trixie"])
def test_a_server_that_does_not_answer_is_one_failure(orthanc_server: OrthancServer, checked: Checked) -> None:
    orthanc_server.kill()
    text = "peers: {b: {url: 'http://b.example/', username: u, password: !env P}}\nrequire: {version: '>=1'}\n"
    found = checked(orthanc_server.url, text, environment={"P": "p"}, retries=0)
    assert found["server"].status is not Status.OK
    assert found["peers/b"].status is Status.FAILED
    assert found["peers/b"].check == "clear-passwords"


@pytest.mark.parametrize("url", ["http://u:canary-hunter2@127.0.0.1:1/", "{}/nothing"])
def test_a_password_in_the_url_of_a_peer_is_not_shown(
    orthanc: Orthanc, orthanc_server: OrthancServer, checked: Checked, url: str
) -> None:
    orthanc.peers["p"].put({"Url": url.format(orthanc_server.url.replace("://", "://u:canary-hunter2@"))})
    found = checked(orthanc.url, "", "peers")["peers/p"]
    assert found.status is Status.FAILED
    assert "canary" not in str(found)
