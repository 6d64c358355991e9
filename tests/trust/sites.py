"""What the tests of saved plans, journals and interruptions share: a small site, and how a server is made blank."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from orthanc_state import Orthanc, Plan, Report, apply, loads, plan
from orthanc_state.kinds.log_levels import CATEGORIES
from tests.reconcile.strategies import documents

if TYPE_CHECKING:
    from orthanc_state import Document
    from orthanc_state.execution.report import Outcome
    from orthanc_state.kinds.version import Version

PEER_PASSWORD = "canary-peer-hunter2"
PEER_HEADER = "canary-header-c0ffee"
SITE_KEY = "canary-key-of-the-site"
ENVIRONMENT = {"PEER_PASSWORD": PEER_PASSWORD, "PEER_HEADER": PEER_HEADER, "SITE_KEY": SITE_KEY}
KEY = "fingerprints: {key: !env SITE_KEY}\n"

BEFORE = """\
version: 1
modalities:
  old: {aet: OLD, host: 10.0.0.1, port: 104}
  pacs: {aet: PACS, host: 10.0.0.5, port: 104}
peers:
  away: {url: "http://away.example/"}
  backup:
    {url: "http://backup.example/", username: sync, password: !env PEER_PASSWORD, http_headers: {X-Api-Key: null}}
dicomweb_servers: {cloud: {url: "https://cloud.example/"}}
dicom: {default_encoding: Latin1, unknown_sop_class_accepted: false, accepted_transfer_syntaxes: all}
logging: {all: default}
metrics: true
"""
"""What is on the server before the site is applied."""

SITE = """\
version: 1
modalities:
  ct: {aet: CT, host: 10.0.0.9, port: 104}
  pacs: {aet: PACS, host: 10.0.0.5, port: 11112}
peers:
  backup:
    url: http://backup.example/
    username: sync
    password: !env PEER_PASSWORD
    http_headers: {X-Api-Key: !env PEER_HEADER}
  mirror: {url: "https://mirror.example/"}
dicomweb_servers: {cloud: {url: "https://cloud.example/", has_delete: true}}
dicom: {default_encoding: Utf8, unknown_sop_class_accepted: true, accepted_transfer_syntaxes: [ExplicitVRLittleEndian]}
logging: {all: default, dicom: verbose}
metrics: false
prune: {modalities: true, peers: true}
"""
"""Creates, updates and deletes something of every kind that can be."""

ADDRESSES = (
    "modalities/ct",
    "modalities/pacs",
    "peers/backup",
    "peers/mirror",
    "dicomweb_servers/cloud",
    "dicom/accepted_transfer_syntaxes",
    "dicom/unknown_sop_class_accepted",
    "dicom/default_encoding",
    "logging/dicom",
    "metrics",
    "modalities/old",
    "peers/away",
)
"""What it changes, in this order."""


def site() -> Document:
    """The document of the site, with a key of its own, which takes no time: it is planned very often."""
    return loads(f"{SITE}{KEY}", environment=ENVIRONMENT)


def addresses(found: Plan | Report) -> list[str]:
    """What a plan changes, or what an apply has tried to."""
    each = found.changes if isinstance(found, Plan) else [result.change for result in found.results]
    return [change.address for change in each]


def outcomes(report: Report) -> dict[str, Outcome]:
    """What became of each change."""
    return {result.change.address: result.outcome for result in report.results}


def blank(orthanc: Orthanc) -> None:
    """Make a server with the DICOMweb plugin as it was when it was started."""
    for name in orthanc.modalities.names():
        orthanc.modalities[name].delete()
    for name in orthanc.peers.names():
        orthanc.peers[name].delete()
    for name in orthanc.get("/dicom-web/servers"):
        orthanc.delete(f"/dicom-web/servers/{name}")
    tools = orthanc.tools
    tools.accepted_transfer_syntaxes.set(["*"])
    tools.unknown_sop_class_accepted.set(False)
    tools.default_encoding.set("Latin1")
    for category in CATEGORIES:
        tools.log_level.set("default", category=category)
    tools.metrics.set(True)


def furnish(orthanc: Orthanc) -> Plan:
    """Make a server what it is before the site is applied; the plan that is then to be applied."""
    before = loads(f"{BEFORE}{KEY}prune: {{modalities: true, peers: true}}\n", environment=ENVIRONMENT)
    assert apply(orthanc, plan(orthanc, before), allow_deletes=True).ok
    found = plan(orthanc, site())
    assert tuple(change.address for change in found.changes) == ADDRESSES
    return found


def finish(orthanc: Orthanc) -> None:
    """A second apply does what is left, and leaves nothing."""
    report = apply(orthanc, plan(orthanc, site()), allow_deletes=True)
    assert report.ok, report
    assert plan(orthanc, site()).empty


_PLACE = re.compile(r'"@@(\w+)@@"')


def referring(version: Version, certificate: str) -> st.SearchStrategy[tuple[str, dict[str, str]]]:
    """Documents as text that refer to their secrets, as those that can be saved do, with the secrets.

    Args:
        version: The version of the server.
        certificate: A file that the server can open.
    """
    return documents(version, certificate).map(_referring)


def _referring(data: dict[str, Any]) -> tuple[str, dict[str, str]]:
    secrets: dict[str, str] = {}

    def reference(value: str | None) -> str | None:
        if value is None:
            return None
        name = f"SECRET_{len(secrets)}"
        secrets[name] = value
        return f"@@{name}@@"

    def entry(values: Any) -> Any:
        changed = dict(values)
        for key in ("password", "Password", "certificate_key_password", "CertificateKeyPassword"):
            if key in changed:
                changed[key] = reference(changed[key])
        for key in ("http_headers", "HttpHeaders"):
            if key in changed:
                changed[key] = {name: reference(value) for name, value in changed[key].items()}
        return changed

    for section in ("peers", "dicomweb_servers"):
        if section in data:
            data = {**data, section: {name: entry(values) for name, values in data[section].items()}}
    # What looks like a variable is none.
    text = json.dumps(data, ensure_ascii=False).replace("${", "$${")
    return _PLACE.sub(r"!env \1", text), secrets
