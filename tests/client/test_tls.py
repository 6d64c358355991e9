"""TLS with a custom authority and client certificates, at a TLS proxy in front of a real server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from orthanc_state import Orthanc, apply, loads, plan
from orthanc_state.client import ConfigurationError, ConnectionFailedError
from tests.faults.fault_proxy import FaultProxy
from tests.faults.world import DOCUMENT, ENVIRONMENT, Authority

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from orthanc_state.testing import OrthancServer

    Cli = Callable[..., "subprocess.CompletedProcess[str]"]


def test_a_server_whose_authority_is_given_is_trusted(server: OrthancServer, authority: Authority) -> None:
    with (
        FaultProxy(server.url, tls=authority.serve()) as proxy,
        Orthanc(proxy.url, ca_file=authority.ca_file) as orthanc,
    ):
        assert orthanc.url.startswith("https://")
        assert orthanc.read_only().system()["Version"] == server.version
        orthanc.system()
        assert proxy.connections == 1


def test_the_system_s_authorities_are_trusted_without_one(
    server: OrthancServer, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    # This is how OpenSSL is told of another store of the system.
    monkeypatch.setenv("SSL_CERT_FILE", authority.ca_file)
    with FaultProxy(server.url, tls=authority.serve()) as proxy, Orthanc(proxy.url) as orthanc:
        assert orthanc.system()["Version"] == server.version


def test_the_system_s_authorities_are_not_trusted_beside_a_given_one(
    server: OrthancServer, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authority.ca_file)
    other = Authority(tmp_path)
    with (
        FaultProxy(server.url, tls=authority.serve()) as proxy,
        Orthanc(proxy.url, ca_file=other.ca_file) as orthanc,
        pytest.raises(ConnectionFailedError, match="not trusted"),
    ):
        orthanc.system()
    assert proxy.seen == []


@pytest.mark.parametrize("case", ["other authority", "other name", "expired"])
def test_nothing_is_sent_to_a_server_that_is_not_trusted(
    server: OrthancServer, authority: Authority, tmp_path: Path, case: str
) -> None:
    tls = {
        "other authority": lambda: Authority(tmp_path).serve(),
        "other name": lambda: authority.serve("other.example"),
        "expired": lambda: authority.serve(expired=True),
    }[case]()
    with FaultProxy(server.url, tls=tls) as proxy:
        with Orthanc(proxy.url, "admin", "secret", ca_file=authority.ca_file, retries=0) as orthanc:
            for request in (orthanc.system, orthanc.modalities["a"].delete):
                with pytest.raises(ConnectionFailedError, match="certificate"):
                    request()
        assert proxy.seen == []
        assert proxy.connections > 0


def test_a_client_certificate_is_shown(server: OrthancServer, authority: Authority) -> None:
    certificate, key = authority.client()
    with (
        FaultProxy(server.url, tls=authority.serve(client=True)) as proxy,
        Orthanc(proxy.url, ca_file=authority.ca_file, client_certificate=certificate, client_key=key) as orthanc,
    ):
        assert orthanc.system()["Version"] == server.version


def test_a_client_certificate_with_its_key_in_one_file_is_shown(
    server: OrthancServer, authority: Authority, tmp_path: Path
) -> None:
    certificate, key = authority.client()
    both = tmp_path / "both.pem"
    both.write_bytes(Path(certificate).read_bytes() + Path(key).read_bytes())
    with (
        FaultProxy(server.url, tls=authority.serve(client=True)) as proxy,
        Orthanc(proxy.url, ca_file=authority.ca_file, client_certificate=both) as orthanc,
    ):
        assert orthanc.system()["Version"] == server.version


def test_an_encrypted_key_is_opened_with_its_password(
    server: OrthancServer, authority: Authority, tmp_path: Path
) -> None:
    certificate, encrypted = _encrypted(authority, tmp_path, "key-secret")
    given: dict[str, Any] = {
        "ca_file": authority.ca_file,
        "client_certificate": certificate,
        "client_key": encrypted,
    }
    with (
        FaultProxy(server.url, tls=authority.serve(client=True)) as proxy,
        Orthanc(proxy.url, **given, client_key_password="key-secret") as orthanc,
    ):
        assert orthanc.system()["Version"] == server.version
    for wrong in (None, "", "wrong-secret", "x" * 2000):
        with pytest.raises(ConfigurationError, match="client certificate") as raised:
            Orthanc("https://127.0.0.1", **given, client_key_password=wrong)
        assert "password" in raised.value.hint
        assert not wrong or wrong not in str(raised.value)


@pytest.mark.parametrize("certificate_given", [True, False], ids=["foreign", "none"])
def test_a_client_certificate_that_is_missing_or_foreign_is_named_as_the_reason(
    server: OrthancServer, authority: Authority, tmp_path: Path, certificate_given: bool
) -> None:
    # TLS 1.3 tells it only with the answer to the first request.
    certificate, key = Authority(tmp_path).client() if certificate_given else (None, None)
    with (
        FaultProxy(server.url, tls=authority.serve(client=True)) as proxy,
        Orthanc(
            proxy.url, ca_file=authority.ca_file, client_certificate=certificate, client_key=key, retries=0
        ) as orthanc,
    ):
        with pytest.raises(ConnectionFailedError) as raised:
            orthanc.system()
        assert "TLS" in raised.value.message
        assert "certificate" in raised.value.hint
        assert proxy.seen == []


def test_files_that_are_none_are_refused_by_name(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.client()
    _, other = authority.client()
    empty, folder, missing = tmp_path / "empty", tmp_path / "folder", tmp_path / "missing"
    empty.write_text("")
    folder.mkdir()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"ca_file": missing}, "missing"),
        ({"ca_file": empty}, "empty"),
        ({"ca_file": folder}, "folder"),
        ({"ca_file": key}, Path(key).name),
        ({"client_certificate": missing}, "missing"),
        ({"client_certificate": certificate, "client_key": missing}, Path(certificate).name),
        ({"client_certificate": certificate, "client_key": other}, Path(certificate).name),
        ({"client_certificate": certificate}, Path(certificate).name),
        ({"client_certificate": empty, "client_key": key}, "empty"),
        ({"client_key": key}, "without the client certificate"),
    ]
    for given, named in cases:
        with pytest.raises(ConfigurationError) as raised:
            Orthanc("https://127.0.0.1", **given)
        assert named in raised.value.message, given


def test_a_password_never_stops_at_a_prompt_for_a_key(authority: Authority, tmp_path: Path, cli: Cli) -> None:
    certificate, key = _encrypted(authority, tmp_path, "key-secret")
    result = cli(
        "dump", "--url", "https://127.0.0.1:1", "--client-certificate", certificate, "--client-key", key, stdin="x\n"
    )
    assert result.returncode == 1
    assert result.stderr.startswith("Error: cannot use the client certificate")


def test_the_command_line_applies_over_tls_with_a_client_certificate(
    own: OrthancServer, authority: Authority, tmp_path: Path, cli: Cli
) -> None:
    certificate, key = _encrypted(authority, tmp_path, "key-secret")
    (tmp_path / "document.yaml").write_text(DOCUMENT)
    with FaultProxy(own.url, tls=authority.serve(client=True), prefix="/orthanc") as proxy:
        environment = {
            **ENVIRONMENT,
            "ORTHANC_URL": proxy.url + "/",
            "ORTHANC_CA_FILE": authority.ca_file,
            "ORTHANC_CLIENT_CERTIFICATE": certificate,
            "ORTHANC_CLIENT_KEY": key,
            "ORTHANC_CLIENT_KEY_PASSWORD": "key-secret",
        }
        applied = cli("apply", "--yes", "document.yaml", env=environment)
        assert (applied.returncode, applied.stderr) == (0, "")
        drift = cli("drift", "document.yaml", env=environment)
        assert (drift.returncode, drift.stderr) == (0, "")
        assert "key-secret" not in applied.stdout + drift.stdout


def test_the_library_plans_and_applies_over_tls(own: OrthancServer, authority: Authority) -> None:
    document = loads(DOCUMENT.replace("PACS", "OVERTLS"), environment=ENVIRONMENT)
    with (
        FaultProxy(own.url, tls=authority.serve()) as proxy,
        Orthanc(proxy.url, ca_file=authority.ca_file) as orthanc,
    ):
        assert apply(orthanc, plan(orthanc, document)).ok
        assert plan(orthanc, document).empty


def _encrypted(authority: Authority, folder: Path, password: str) -> tuple[str, str]:
    certificate, key = authority.client()
    private = load_pem_private_key(Path(key).read_bytes(), None)
    encrypted = folder / "encrypted.key"
    encrypted.write_bytes(
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password.encode()))
    )
    return certificate, str(encrypted)
