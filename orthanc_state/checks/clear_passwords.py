"""Whether passwords go over plain HTTP; the document tells it without the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from orthanc_state.checks.check import Check, entry_of
from orthanc_state.checks.result import Finding, failed, ok, warning
from orthanc_state.checks.subject import SERVER
from orthanc_state.client.url import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.checks.subject import Subject

KINDS = ("peers", "dicomweb_servers")


def _targets(subject: Subject) -> Iterator[str]:
    if subject.password_in_clear:
        yield SERVER
    for kind in KINDS:
        for name, entry in subject.declared(kind).items():
            if entry.password is not None or entry.http_headers:
                yield f"{kind}/{name}"


def _look(subject: Subject, target: str) -> Finding:
    hint = "give it an https:// URL"
    path: tuple[str, ...] = ()
    if target == SERVER:
        url, is_password = httpx.URL(subject.url), True
    else:
        kind, name = target.partition("/")[0], entry_of(target)
        entry = subject.declared(kind)[name]
        url, is_password, path = httpx.URL(entry.url), entry.password is not None, (kind, name, "url")
    if url.scheme == "https":
        return ok("secrets go over TLS", path)
    if is_loopback(url.host):
        return ok("secrets do not leave the machine", path)
    if is_password:
        return failed("its password goes over plain HTTP, where others can read it", hint, path)
    return warning("its HTTP headers go over plain HTTP, where others can read them", hint, path)


CHECK = Check("clear-passwords", "No password goes over plain HTTP.", _look, _targets, asks=False)
