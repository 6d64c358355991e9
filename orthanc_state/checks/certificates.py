"""Whether TLS certificates are valid, and for how long yet: of the server, its peers and its modalities."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx

from orthanc_state.checks.check import Check, entry_of
from orthanc_state.checks.result import Finding, failed, ok, unknown
from orthanc_state.checks.subject import SERVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.x509 import Certificate

    from orthanc_state.checks.subject import Subject

KINDS = ("peers", "dicomweb_servers")
"""The kinds whose entries are reached by a URL."""

MODALITIES = "modalities"

TIMEOUT = 10.0
"""Seconds to wait for the other end."""


def _targets(subject: Subject) -> Iterator[str]:
    if subject.url.startswith("https:"):
        yield SERVER
    for kind in KINDS:
        for name, entry in subject.declared(kind).items():
            if entry.url.startswith("https:"):
                yield f"{kind}/{name}"
    for name, entry in subject.modalities.items():
        if entry.use_dicom_tls:
            yield f"{MODALITIES}/{name}"


def _shown_at(subject: Subject, target: str) -> tuple[str, int, tuple[str, ...]]:
    """Host and port at which a certificate is shown, and what of the document says so."""
    kind, name = target.partition("/")[0], entry_of(target)
    if kind == MODALITIES:
        entry = subject.modalities[name]
        return entry.host, entry.port, (kind, name, "host")
    path = () if target == SERVER else (kind, name, "url")
    url = httpx.URL(subject.url if target == SERVER else subject.declared(kind)[name].url)
    return url.host, url.port or 443, path


def _look(subject: Subject, target: str) -> Finding:
    host, port, path = _shown_at(subject, target)
    try:
        certificate = _certificate(host, port)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return unknown(f"its certificate cannot be had from this machine: {reason}", path=path)
    now, end = datetime.now(UTC), certificate.not_valid_after_utc
    if certificate.not_valid_before_utc > now:
        return failed(f"its certificate is valid only from {certificate.not_valid_before_utc:%Y-%m-%d}", path=path)
    left = (end - now).days
    if end <= now:
        return failed(f"its certificate has expired on {end:%Y-%m-%d}", "renew it", path)
    if left < subject.settings.days:
        return failed(f"its certificate expires in {left} days, on {end:%Y-%m-%d}", "renew it", path)
    return ok(f"its certificate is valid for {left} days yet", path)


def _certificate(host: str, port: int) -> Certificate:
    """The certificate that somebody shows, whoever has signed it.

    Raises:
        OSError: Nobody is there, or does not speak TLS.
    """
    from cryptography.x509 import load_der_x509_certificate

    # Only the date is read, and nothing is said: whether it is trusted is another question.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout=TIMEOUT) as connection,
        context.wrap_socket(connection, server_hostname=host) as wrapped,
    ):
        found = wrapped.getpeercert(binary_form=True)
    if found is None:
        raise OSError("it shows none")
    return load_der_x509_certificate(found)


CHECK = Check("certificates", "No TLS certificate has expired, or will soon.", _look, _targets, asks=False)
