"""Whether certificates are valid, and for how long yet, at a real TLS end in front of a real server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orthanc_state.checks.result import Status
from orthanc_state.testing.probe import free_port
from tests.faults.fault_proxy import FaultProxy
from tests.faults.world import Authority

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthanc_state.testing import OrthancServer
    from tests.checks.conftest import Checked

pytestmark = pytest.mark.orthanc(suites=["trixie"])


def test_the_certificate_of_the_server(orthanc_server: OrthancServer, tmp_path: Path, checked: Checked) -> None:
    authority = Authority(tmp_path)
    with FaultProxy(orthanc_server.url, tls=authority.serve()) as proxy:
        found = checked(proxy.url, "", "certificates", ca_file=Path(authority.ca_file))["server"]
        assert found.status is Status.OK
        assert "days yet" in found.message
        soon = checked(proxy.url, "", "certificates", days=10**6, ca_file=Path(authority.ca_file))["server"]
        assert soon.status is Status.FAILED
        assert "expires in" in soon.message
        # Whether it asks for a password is seen through TLS too.
        access = checked(proxy.url, "", "access", ca_file=Path(authority.ca_file))["server"]
        assert access.status is Status.UNKNOWN


def test_certificates_of_peers(orthanc_server: OrthancServer, tmp_path: Path, checked: Checked) -> None:
    authority = Authority(tmp_path)
    with (
        FaultProxy(orthanc_server.url, tls=authority.serve()) as good,
        FaultProxy(orthanc_server.url, tls=authority.serve(expired=True)) as bad,
        FaultProxy(orthanc_server.url) as clear,
    ):
        text = (
            f"peers:\n  good: {{url: '{good.url}'}}\n  bad: {{url: '{bad.url}'}}\n"
            f"  none: {{url: '{clear.url.replace('http:', 'https:')}'}}\n"
            f"  off: {{url: 'https://127.0.0.1:{free_port()}'}}\n  http: {{url: '{clear.url}'}}\n"
        )
        found = checked(orthanc_server.url, text, "certificates")
    assert {target: result.status for target, result in found.items()} == {
        "peers/good": Status.OK,
        "peers/bad": Status.FAILED,
        "peers/none": Status.UNKNOWN,
        "peers/off": Status.UNKNOWN,
    }
    assert "has expired on" in found["peers/bad"].message
    assert str(found["peers/bad"].place) == "site.yaml:4:14"


def test_certificates_of_modalities(
    orthanc_server: OrthancServer,
    start_orthanc: Callable[..., OrthancServer],
    dicom_tls: dict[str, object],
    checked: Checked,
) -> None:
    other = start_orthanc({**dicom_tls, "DicomTlsRemoteCertificateRequired": False})
    strict = start_orthanc(dicom_tls)
    text = (
        f"modalities:\n  tls: {{aet: A, host: 127.0.0.1, port: {other.dicom_port}, use_dicom_tls: true}}\n"
        f"  strict: {{aet: B, host: 127.0.0.1, port: {strict.dicom_port}, use_dicom_tls: true}}\n"
        f"  clear: [C, 127.0.0.1, {orthanc_server.dicom_port}]\n"
    )
    found = checked(orthanc_server.url, text, "certificates")
    assert found.keys() == {"modalities/tls", "modalities/strict"}
    # Also of one that takes nobody without a certificate: it shows its own first.
    assert [result.status for result in found.values()] == [Status.OK, Status.OK]
    soon = checked(orthanc_server.url, text, "certificates", days=10**6)["modalities/tls"]
    assert soon.status is Status.FAILED
    assert "expires in" in soon.message
    assert str(soon.place) == "site.yaml:3:23"


def test_a_server_that_asks_for_a_certificate_is_not_open(
    orthanc_server: OrthancServer, tmp_path: Path, checked: Checked
) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.client()
    with FaultProxy(orthanc_server.url, tls=authority.serve(client=True)) as proxy:
        found = checked(
            proxy.url,
            "",
            "access",
            ca_file=Path(authority.ca_file),
            client_certificate=certificate,
            client_key=key,
        )
    assert found["server"].status is Status.OK
