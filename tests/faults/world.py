"""What can go wrong between the kit and a server: how each case is brought about, and what must be said of it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import trustme

from tests.faults.fault_proxy import (
    LOOPBACK,
    Fault,
    FaultProxy,
    cut,
    forward,
    free_port,
    hang_up,
    raw,
    replace,
    reset,
    stall,
)

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.testing import OrthancServer

USERNAME = "admin"
PASSWORD = "correct-horse-battery-staple"
WRONG_PASSWORD = "tr0ub4dor-and-three"
PEER_PASSWORD = "peer-secret-hunter2"
PEER_HEADER = "peer-header-c0ffee"

TIMEOUT = 0.5
"""Seconds that a stalled server is given."""

DOCUMENT = """\
version: 1
modalities:
  pacs: {aet: PACS, host: 10.0.0.5, port: 11112}
peers:
  backup:
    url: https://backup.example/
    username: sync
    password: !env PEER_PASSWORD
    http_headers: {X-Api-Key: !env PEER_HEADER}
dicom: {default_encoding: Utf8, unknown_sop_class_accepted: false}
logging: {all: default, dicom: verbose}
metrics: true
"""

ENVIRONMENT = {"PEER_PASSWORD": PEER_PASSWORD, "PEER_HEADER": PEER_HEADER}

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Authority:
    """Signs certificates and knows how to serve with them."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self._folder = folder
        self._number = 0
        self.ca_file = str(folder / "ca.pem")
        self._ca.cert_pem.write_to_path(self.ca_file)

    def serve(self, name: str = LOOPBACK, *, expired: bool = False, client: bool = False) -> ssl.SSLContext:
        """The context of a server with this name; with `client`, it asks for a certificate of this authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        yesterday = datetime.now(UTC) - timedelta(days=1)
        valid = (yesterday - timedelta(days=1), yesterday) if expired else (None, None)
        self._ca.issue_cert(name, not_before=valid[0], not_after=valid[1]).configure_cert(context)
        if client:
            context.verify_mode = ssl.CERT_REQUIRED
            self._ca.configure_trust(context)
        return context

    def client(self) -> tuple[str, str]:
        """The files of a client's certificate and of its key."""
        self._number += 1
        issued = self._ca.issue_cert("client@example.org")
        certificate, key = (self._folder / f"{self._number}.{kind}" for kind in ("crt", "key"))
        issued.cert_chain_pems[0].write_to_path(certificate)
        issued.private_key_pem.write_to_path(key)
        return str(certificate), str(key)


@dataclass(frozen=True, slots=True)
class Target:
    """A server as the library and as the command line are told of it."""

    url: str
    keywords: Mapping[str, Any] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


class World:
    """What scenarios are made of."""

    def __init__(self, server: OrthancServer, guarded: OrthancServer, authority: Authority, folder: Path) -> None:
        self.server = server
        self.guarded = guarded
        self.authority = authority
        self.folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> World:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def proxy(self, fault: Fault = forward, **options: Any) -> FaultProxy:
        """A proxy in front of the server that nobody changes."""
        return self._stack.enter_context(FaultProxy(self.server.url, fault, **options))

    def tls(self, context: ssl.SSLContext) -> Target:
        """A proxy that speaks TLS in this way, to a client that trusts the authority."""
        return _trusting(self.proxy(tls=context).url, self.authority.ca_file)


def _trusting(url: str, ca_file: str) -> Target:
    return Target(url, {"ca_file": ca_file}, ("--ca-file", ca_file))


def _signed_in(url: str, password: str) -> Target:
    return Target(
        url,
        {"username": USERNAME, "password": password},
        ("--username", USERNAME),
        {"ORTHANC_PASSWORD": password},
    )


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing that goes wrong.

    Attributes:
        says: Expressions that must be found in what is printed: what is wrong, and what to do.
        open: Brings it about.
        never: An expression that must not be found: advice that does not help here.
        timeout: Seconds that the server is given: few where it needs all of them.
    """

    says: tuple[str, ...]
    open: Callable[[World], Target]
    never: str = r"Traceback"
    timeout: float = 3.0


def _faulty(fault: Fault) -> Callable[[World], Target]:
    return lambda world: Target(world.proxy(fault).url)


def _foreign_certificate(world: World) -> Target:
    certificate, key = Authority(world.folder).client()
    target = world.tls(world.authority.serve(client=True))
    return Target(
        target.url,
        {**target.keywords, "client_certificate": certificate, "client_key": key},
        (*target.arguments, "--client-certificate", certificate, "--client-key", key),
    )


def _untrusted(world: World) -> Target:
    return Target(world.proxy(tls=world.authority.serve()).url)


def _spoken_to_in_plain(world: World) -> Target:
    return Target(world.proxy(tls=world.authority.serve()).url.replace("https:", "http:"))


def _handshake_reset(world: World) -> Target:
    # A port that hangs up as soon as it is connected to, as a TLS listener does that is overloaded or firewalled.
    return _trusting(
        world.proxy(greeting=b"\x15\x03\x01\x00\x02\x02\x28").url.replace("http:", "https:"), world.authority.ca_file
    )


HTML = "<!DOCTYPE html><html><body>Please <a href='/login'>log in</a></body></html>"

SCENARIOS: dict[str, Scenario] = {
    "server down": Scenario(
        (r"cannot connect to http://127", r"running"),
        lambda world: Target(f"http://{LOOPBACK}:{free_port()}"),
    ),
    "unknown host": Scenario(
        (r"cannot connect to http://nonexistent\.invalid", r"Check the URL"),
        lambda world: Target("http://nonexistent.invalid:8042"),
    ),
    "wrong password": Scenario(
        (r"401", r"password", r"Check ORTHANC_USERNAME and ORTHANC_PASSWORD"),
        lambda world: _signed_in(world.guarded.url, WRONG_PASSWORD),
    ),
    "no password": Scenario((r"401", r"ORTHANC_PASSWORD"), lambda world: Target(world.guarded.url)),
    "TLS: unknown authority": Scenario((r"certificate", r"not trusted", r"--ca-file"), _untrusted),
    "TLS: wrong name": Scenario(
        (r"certificate", r"127\.0\.0\.1", r"(?i)not valid for|mismatch"),
        lambda world: world.tls(world.authority.serve("other.example")),
        never=r"--ca-file",
    ),
    "TLS: expired": Scenario(
        (r"certificate", r"expired"),
        lambda world: world.tls(world.authority.serve(expired=True)),
        never=r"--ca-file",
    ),
    "TLS: no client certificate": Scenario(
        (r"TLS", r"(?i)client.certificate|certificate it asks"),
        lambda world: world.tls(world.authority.serve(client=True)),
    ),
    "TLS: client certificate of another authority": Scenario(
        (r"TLS", r"(?i)client.certificate|certificate it asks"), _foreign_certificate
    ),
    "TLS: refused in the handshake": Scenario((r"no TLS connection", r"Check"), _handshake_reset),
    "TLS: spoken to in plain": Scenario((r"https://",), _spoken_to_in_plain),
    "TLS: spoken to a server in plain": Scenario(
        (r"no TLS connection", r"speaks TLS"),
        lambda world: Target(world.server.url.replace("http:", "https:")),
    ),
    "HTML": Scenario((r"HTML", r"proxy"), _faulty(replace(HTML, content_type="text/html"))),
    "HTML with 404": Scenario((r"404", r"URL"), _faulty(replace(HTML, 404, "text/html"))),
    "HTML with 502": Scenario(
        (r"502", r"proxy"), _faulty(replace("<html>Bad Gateway</html>", 502, "text/html")), never=r"<html"
    ),
    "HTML with 400 (plain HTTP sent to HTTPS port)": Scenario(
        (r"400", r"URL"),
        _faulty(replace("<html>The plain HTTP request was sent to HTTPS port</html>", 400, "text/html")),
    ),
    "empty answer": Scenario((r"answered nothing", r"Is this an Orthanc"), _faulty(replace(""))),
    "connection closed without a word": Scenario((r"cut the connection", r"Check"), _faulty(hang_up)),
    "connection reset": Scenario((r"cut the connection", r"Check"), _faulty(reset)),
    "stalled": Scenario((r"did not answer", r"--timeout"), _faulty(stall), timeout=TIMEOUT),
    "stalled in the middle": Scenario((r"did not answer", r"--timeout"), _faulty(cut(stalled=True)), timeout=TIMEOUT),
    "cut in the middle": Scenario((r"cut the connection", r"Check"), _faulty(cut())),
    "cut in the middle, of unknown length": Scenario(
        (r"should answer JSON", r"cut|Is this an Orthanc"), _faulty(cut(announced=False))
    ),
    "redirect": Scenario(
        (r"redirected to https://login\.example/", r"give the final URL"),
        _faulty(replace("", 302, Location="https://login.example/")),
    ),
    "another service": Scenario(
        (r"\bHTTP\b", r"(?i)port"), _faulty(raw(b"220 mail.example ESMTP\r\n500 unrecognized command\r\n\r\n"))
    ),
    "the DICOM port": Scenario((r"Check",), lambda world: Target(f"http://{LOOPBACK}:{world.server.dicom_port}")),
    "JSON that is nested too deep": Scenario((r"should answer JSON|not an Orthanc",), _faulty(replace("[" * 10**5))),
    "JSON of something else": Scenario((r"not an Orthanc", r"Check the URL"), _faulty(replace('{"status": "up"}'))),
    "a body that is not compressed as it says": Scenario(
        (r"Check|Is this an Orthanc",), _faulty(replace(b"not gzip", Content_Encoding="gzip"))
    ),
    "text that is not UTF-8": Scenario((r"should answer JSON", r"Is this an Orthanc"), _faulty(replace(b"\xff\xfe{"))),
}
