"""What holds for all documents, whatever was on the server before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orthanc_state import Orthanc, apply, dump, from_data, loads, plan
from orthanc_state.kinds.fingerprint import PROPERTY
from orthanc_state.kinds.version import parse_version
from orthanc_state.kinds.web_service import WebService
from tests.reconcile.strategies import documents

if TYPE_CHECKING:
    from orthanc_state import Document
    from orthanc_state.testing import OrthancServer, OrthancServers

pytestmark = pytest.mark.orthanc(plugins=["dicomweb"])


def state(orthanc: Orthanc, document: Document) -> dict[str, Any]:
    """What a server says of the things that a document declares, without the salts that are random."""
    found: dict[str, Any] = {}
    for kind in document.kinds:
        raw = kind.read(orthanc)
        if kind.prunable:
            raw = raw.get("servers", raw) if kind.name == "dicomweb_servers" else raw
            names = raw.keys() if kind.name in document.prune else document.sections[kind.name].keys() & raw.keys()
            raw = {name: {key: raw[name][key] for key in raw[name] if key != PROPERTY} for name in names}
        if kind.name == "logging":
            given = document.sections[kind.name].model_dump(exclude_none=True)
            raw = {name: level for name, level in raw.items() if name in given or "all" in given}
        found[kind.name] = sorted(raw) if isinstance(raw, list) else raw
    return found


def test_a_server_is_what_the_last_document_says_whatever_was_there_before(
    orthanc_server: OrthancServer, orthanc_servers: OrthancServers
) -> None:
    version = parse_version(orthanc_server.version)
    anything = documents(version, str(orthanc_server.log_path))

    @settings(max_examples=40)
    @given(before=anything, wanted=anything)
    def law(before: dict[str, Any], wanted: dict[str, Any]) -> None:
        first, last = from_data(before), from_data(wanted)
        with Orthanc(orthanc_server.url) as orthanc:
            for document in (first, last):
                todo = plan(orthanc, document)
                report = apply(orthanc, todo, allow_deletes=True)
                assert report.ok, report
                assert plan(orthanc, document).empty
            fresh = orthanc_servers.start(orthanc_server.name, plugins=["dicomweb"])
            try:
                with Orthanc(fresh.url) as other:
                    assert apply(other, plan(other, last)).ok
                    assert state(orthanc, last) == state(other, last)
            finally:
                orthanc_servers.stop(fresh)

    law()


def test_a_plan_of_a_dump_is_empty(orthanc_server: OrthancServer, orthanc_servers: OrthancServers) -> None:
    anything = documents(parse_version(orthanc_server.version), str(orthanc_server.log_path))

    @settings(max_examples=25)
    @given(document=anything, mode=st.sampled_from(["scrypt", "off"]))
    def law(document: dict[str, Any], mode: str) -> None:
        server = orthanc_servers.start(orthanc_server.name, plugins=["dicomweb"])
        with Orthanc(server.url) as orthanc:
            assert apply(orthanc, plan(orthanc, from_data({**document, "fingerprints": mode}))).ok
            found = dump(orthanc)
            assert not found.warnings
            # What a variable holds has no effect where the server has no fingerprint.
            secrets = secrets_of(document)
            environment = {name: secrets.get(name, "anything") for name in found.variables}
            todo = plan(orthanc, loads(found.text, environment=environment))
            assert todo.empty, (found.text, todo.changes)
        orthanc_servers.stop(server)

    law()


def secrets_of(document: dict[str, Any]) -> dict[str, str]:
    """The secrets of a document under the names that a dump gives to their variables."""
    found: dict[str, str] = {}
    sections = from_data(document).sections
    services = [("peers", sections.get("peers", {})), ("dicomweb_servers", sections.get("dicomweb_servers", {}))]
    for kind, name, service in (
        (kind, name, entry) for kind, entries in services for name, entry in sorted(entries.items())
    ):
        if isinstance(service, WebService):
            secrets = {"password": service.password, "certificate_key_password": service.certificate_key_password}
            secrets |= {f"http_headers_{header}": value for header, value in service.http_headers.items()}
            for path, secret in secrets.items():
                variable = re.sub(r"[^A-Za-z0-9]+", "_", f"orthanc_{kind}_{name}_{path}").upper()
                while secret and variable in found:
                    variable += "_"
                if secret:
                    found[variable] = secret.reveal()
    return found
