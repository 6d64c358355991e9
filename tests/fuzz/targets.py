"""Whatever stands in a file or an answer, it is read, or refused in the kit's own words. A target takes any bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from orthanc_state import Orthanc, dump, loads
from orthanc_state.engine import import_configuration
from orthanc_state.errors import OrthancStateError
from orthanc_state.execution.history import History
from orthanc_state.fleet.inventory import Inventory
from orthanc_state.fleet.plan_file import open_fleet_plan
from orthanc_state.planning.plan_file import open_plan
from orthanc_state.planning.snapshot import open_snapshot
from tests.faults.fault_proxy import FaultProxy, replace

if TYPE_CHECKING:
    from collections.abc import Mapping

Target = Callable[[bytes], object]

SITE = b"""\
version: 1
modalities: {ct: {aet: CT, host: h, port: 104}, old: {state: absent}, mr: [MR, h, 104]}
peers: {backup: {url: "https://h/", username: u, password: !env A, http_headers: {X-Key: !env B}}}
dicom: {accepted_transfer_syntaxes: [ExplicitVRLittleEndian, "1.2.840.*"], default_encoding: Utf8}
policies:
  - {name: a, level: study, match: {StudyDate: {older_than: 5y}}, labels: {add: [b]}}
  - {name: b, level: series, where: {labels: {any: [b]}}, metadata: {set: {c: "{Modality}"}}}
prune: {modalities: true}
"""
FLEET = b"""\
version: 1
groups: {a: {variables: {x: 1}}}
servers: {one: {url: "http://h", groups: [a]}, two: {url: "https://h/orthanc", username: u, password: !env A}}
network: {nodes: {one: [ONE, h, 104], ct: [CT, h, 105]}, links: ["ct -> one: store, echo"]}
"""
CONFIGURATION = b"""\
{ // A comment.
  "Name": "${NAME:-x}", "DicomModalities": {"a": ["A", "h", 104], "b": {"AET": "B", "Host": "h", "Port": 1}},
  "OrthancPeers": {"p": ["http://h/", "u", "${SECRET}"]}, "DefaultEncoding": "Utf8" /* another */
}
"""


def _in_file(name: str, read: Callable[[Path], object]) -> Target:
    def target(content: bytes) -> object:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_bytes(content)
            return read(path)

    return target


@cache
def _proxy() -> FaultProxy:
    """Stands before nothing: it gives every answer itself, and ends with the process."""
    return FaultProxy("http://127.0.0.1:1").__enter__()


def _answers(content: bytes) -> object:
    """A server of which every answer is the same."""
    proxy = _proxy()
    proxy.fault = replace(content)
    proxy.seen.clear()
    with Orthanc(proxy.url, retries=0, timeout=2) as orthanc:
        return dump(orthanc)


TARGETS: Mapping[str, tuple[Target, bytes]] = {
    "document": (
        lambda content: loads(content.decode("utf-8", "surrogateescape"), environment={"A": "a", "B": "b"}),
        SITE,
    ),
    "inventory": (_in_file("fleet.yaml", lambda path: Inventory.load(path, environment={"A": "a", "B": "b"})), FLEET),
    "plan": (_in_file("plan.json", lambda path: open_plan(path, environment={})), b'{"format": "orthanc-state-plan"}'),
    "fleet plan": (_in_file("plan.json", lambda path: open_fleet_plan(path, environment={})), b'{"format": 1}'),
    "snapshot": (_in_file("snapshot.json", open_snapshot), b'{"format": 1}'),
    "journal": (_in_file("journal.jsonl", History.read), b'{"line": 1}\n'),
    "answer": (
        _answers,
        b'{"Version": "1.12.7", "Name": "x", "DicomAet": "A", "a": {"AET": "A", "Host": "h", "Port": 1}}',
    ),
    "configuration": (_in_file("orthanc.json", lambda path: import_configuration([path])), CONFIGURATION),
}
"""What is read from outside, each with something that it reads, for a fuzzer to begin with."""


def attempt(name: str, content: bytes) -> None:
    """Read something; any exception that is not the kit's own leaves this function."""
    with suppress(OrthancStateError):
        TARGETS[name][0](content)
