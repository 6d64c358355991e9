"""Whether the server looks at the certificates of its peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.check import Check
from orthanc_state.checks.result import Finding, failed, ok, unknown
from orthanc_state.checks.subject import SERVER

if TYPE_CHECKING:
    from orthanc_state.checks.subject import Subject

SWITCH = "HttpsVerifyPeers"


def _targets(subject: Subject) -> tuple[str, ...]:
    entries = [*subject.declared("peers").values(), *subject.declared("dicomweb_servers").values()]
    return (SERVER,) if any(entry.url.startswith("https:") for entry in entries) else ()


def _look(subject: Subject, target: str) -> Finding:
    verified = subject.switches.get(SWITCH)
    if verified is None:
        hint = "say `assume: {https_verify_peers: true}` if it does"
        return unknown(f"it does not tell whether it looks at the certificates of its peers ({SWITCH})", hint)
    if verified:
        return ok("the certificates of its peers are verified")
    return failed("it trusts whoever answers in place of its peers", f"set {SWITCH} to true in its configuration")


CHECK = Check("tls", "The certificates of peers are verified.", _look, _targets)
