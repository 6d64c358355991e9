"""Links between three real servers and a system that is none: what is declared works, what is not is refused."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from orthanc_state.checks.registry import reaching_checks
from orthanc_state.checks.run import run_checks
from orthanc_state.checks.subjects import fleet_subjects
from orthanc_state.client import ClientError
from orthanc_state.fleet.apply import apply_fleet
from orthanc_state.fleet.inventory import Inventory
from orthanc_state.fleet.link import Operation
from orthanc_state.fleet.link_results import Result, read_results
from orthanc_state.fleet.member import MemberError
from orthanc_state.fleet.plan import plan_fleet
from orthanc_state.render.checks import check_data
from tests.api.dicom_files import ct, encoded, ids_of
from tests.api.foreign import Foreign
from tests.fleet.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydicom.dataset import Dataset

    from orthanc_state.fleet.network import Network
    from orthanc_state.testing import OrthancServer, OrthancServers

SUITES = {"one": "bookworm", "two": "trixie", "three": "forky"}

STRICT = {
    f"DicomAlwaysAllow{operation}": False for operation in ("Echo", "Find", "FindWorklist", "Get", "Move", "Store")
}
"""A server asks the entry of whoever calls only where it does not allow everybody everything."""

LINKS = """\
    ct -> one: store, echo
    ct -> two: find, get
    ct -> three: echo, find, move
    one -> two: echo, store, find, move, get
    two -> one: store
    two <-> three: find, get, store
    three -> one: move(to three, two), find
    one <-> ct: move
    one -> ct: echo, store, find
    three -> ct: get, move(to one)
"""

TRIED = (Operation.ECHO, Operation.STORE, Operation.FIND, Operation.GET)


class Hospital:
    """Three servers and a foreign node, with one study each.

    Attributes:
        inventory: The file that declares them.
        servers: The servers by name.
        ct: The node that is none.
    """

    def __init__(self, folder: Path, servers: dict[str, OrthancServer], node: Foreign) -> None:
        self.servers = servers
        self.ct = node
        self.path = folder / "fleet.yaml"
        self.studies = {name: ct(f"OF-{name}") for name in (*servers, "ct")}
        self.clients = {name: Orthanc(server.url) for name, server in servers.items()}
        node.files = [self.studies["ct"]]
        node.answers = [self.studies["ct"]]
        for name, server in servers.items():
            node.knows(server)
            self.clients[name].instances.upload(encoded(self.studies[name]))
        self.declare(LINKS)

    def declare(self, links: str, aets: dict[str, str] | None = None) -> None:
        """Write the inventory."""
        urls = "".join(f"  {name}: {{url: '{server.url}'}}\n" for name, server in self.servers.items())
        titles = {name: server.aet for name, server in self.servers.items()} | (aets or {})
        nodes = "".join(
            f"    {name}: [{titles[name]}, 127.0.0.1, {server.dicom_port}]\n" for name, server in self.servers.items()
        )
        self.path.write_text(
            f"version: 1\nservers:\n{urls}network:\n  nodes:\n{nodes}"
            f"    ct: {{aet: {self.ct.aet}, host: 127.0.0.1, port: {self.ct.port}}}\n  links:\n{links}"
        )

    @property
    def inventory(self) -> Inventory:
        """What is declared."""
        return Inventory.load(self.path)

    def address(self, name: str) -> tuple[int, str]:
        """Port and AE title of a node."""
        node = self.servers.get(name, self.ct)
        return (node.port if isinstance(node, Foreign) else node.dicom_port), node.aet

    def works(self, asker: str, asked: str, operation: Operation, destination: str) -> bool:
        """Whether one node can ask something of another one, and what is sent arrives."""
        study = self.studies[asker if operation is Operation.STORE else asked]
        at = {Operation.STORE: asked, Operation.MOVE: destination, Operation.GET: asker}.get(operation, "")
        self._forget(study, at)
        if asker in self.servers and not (operation is Operation.GET and SUITES[asker] == "bookworm"):
            good = self._asks(asker, asked, operation, study, destination)
        else:
            # A foreign system; and 1.10.1 fetches nothing with C-GET itself, but answers it.
            caller = Caller(self.address(asker)[1])
            good = self._calls(caller, self.address(asked), operation, study, destination)
            at = "" if operation is Operation.GET else at
        return good and (not at or self._has(study, at))

    def _asks(self, asker: str, asked: str, operation: Operation, study: Dataset, destination: str) -> bool:
        wanted = [{"StudyInstanceUID": str(study.StudyInstanceUID)}]
        modality = self.clients[asker].modalities[asked]
        with suppress(ClientError):
            match operation:
                case Operation.ECHO:
                    modality.echo()
                case Operation.STORE:
                    modality.store([ids_of(study)["studies"]])
                case Operation.FIND:
                    return bool(modality.query("Study", {"StudyInstanceUID": ""}).answers.indexes())
                case Operation.MOVE:
                    modality.move("Study", wanted, target_aet=self.address(destination)[1])
                case Operation.GET:
                    modality.get("Study", wanted)
            return True
        return False

    def _calls(
        self, caller: Caller, to: tuple[int, str], operation: Operation, study: Dataset, destination: str
    ) -> bool:
        match operation:
            case Operation.ECHO:
                return caller.echo(*to)
            case Operation.STORE:
                return caller.store(*to, study)
            case Operation.FIND:
                return caller.find(*to)
            case Operation.MOVE:
                return caller.move(*to, study, self.address(destination)[1])
        return caller.get(*to, study)

    def _forget(self, study: Dataset, at: str) -> None:
        if at == "ct":
            self.ct.stored.clear()
        elif at:
            with suppress(ClientError):
                self.clients[at].studies[ids_of(study)["studies"]].delete()

    def _has(self, study: Dataset, at: str) -> bool:
        if at == "ct":
            return any(each.SOPInstanceUID == study.SOPInstanceUID for each in self.ct.stored)
        return ids_of(study)["studies"] in self.clients[at].studies.find_ids()


@pytest.fixture(scope="module")
def hospital(orthanc_servers: OrthancServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    servers = {
        name: orthanc_servers.start(suite, {"DicomAet": name.upper(), **STRICT}) for name, suite in SUITES.items()
    }
    with Foreign("CT") as node:
        found = Hospital(tmp_path_factory.mktemp("network"), servers, node)
        yield found
        for client in found.clients.values():
            client.close()
    for server in servers.values():
        orthanc_servers.stop(server)


def applied(hospital: Hospital) -> Inventory:
    """Bring the servers to what is declared, and see that nothing is left to do."""
    inventory = hospital.inventory
    plan = plan_fleet(inventory.select(), inventory=str(inventory.path))
    assert not plan.failed, [str(row.error) for row in plan.failed]
    assert apply_fleet(plan, inventory.members).ok
    assert plan_fleet(inventory.select()).in_sync
    return inventory


def allowed(network: Network, asker: str, asked: str, operation: Operation) -> bool:
    """Whether a link says so; whoever lets another one send to itself lets it store, too."""
    back = network.between.get((asked, asker), ())
    sends = operation is Operation.STORE and any(asked in link.destinations for link in back)
    return sends or network.asks(asker, asked, operation) is not None


def test_what_links_declare_works_and_nothing_else(hospital: Hospital) -> None:
    network = applied(hospital).network
    assert network is not None
    wrong = []
    for asker, asked in permutations(network.nodes, 2):
        links = network.between.get((asker, asked), ())
        moved = [name for link in links for name in link.destinations] or [asker]
        tried = [*((operation, asker) for operation in TRIED), *((Operation.MOVE, name) for name in moved)]
        for operation, destination in tried:
            expected = allowed(network, asker, asked, operation)
            if asked == "ct":
                # What is no server refuses nobody. But a server calls only whom it knows, and takes only what it may.
                expected = asked in network.neighbours(asker)
                if operation is Operation.MOVE:
                    expected = expected and allowed(network, asked, destination, Operation.STORE)
            if hospital.works(asker, asked, operation, destination) != expected:
                wrong.append((asker, asked, operation.value, destination, expected))
    assert not wrong


def test_a_storage_commitment_is_asked_for_and_answered_where_a_link_says_so(hospital: Hospital) -> None:
    hospital.declare("    one -> two: commit\n    two -> three: commit, store\n    three -> one: echo\n")
    applied(hospital)
    for asker, asked in permutations(hospital.servers, 2):
        study = hospital.studies[asked]
        modality = hospital.clients[asker].modalities[asked]
        instance = {"SOPClassUID": str(study.SOPClassUID), "SOPInstanceUID": str(study.SOPInstanceUID)}
        answered = ""
        with suppress(ClientError):
            report = modality.storage_commitment(dicom_instances=[instance])
            deadline = time.monotonic() + 10
            while (answered := report.report()["Status"]) == "Pending" and time.monotonic() < deadline:
                time.sleep(0.02)
        assert (answered == "Success") is ((asker, asked) in {("one", "two"), ("two", "three")}), (asker, asked)
    hospital.declare(LINKS)


def test_a_server_that_is_not_the_node_is_not_planned_and_the_others_are(hospital: Hospital) -> None:
    hospital.declare(LINKS, {"two": "ZWEI"})
    plan = plan_fleet(hospital.inventory.select())
    hospital.declare(LINKS)
    assert [row.name for row in plan.failed] == ["two"]
    error = plan.failed[0].error
    assert isinstance(error, MemberError)
    assert [str(problem).partition("fleet.yaml")[2] for problem in error.problems] == [
        ":9:11 network.nodes.two.aet: the server calls itself `TWO`, and not `ZWEI` (correct this, or DicomAet in the "
        "configuration of the server)"
    ]


def test_a_port_that_is_mapped_is_said(hospital: Hospital) -> None:
    text = hospital.path.read_text()
    port = hospital.servers["two"].dicom_port
    hospital.path.write_text(text.replace(f"two: [TWO, 127.0.0.1, {port}]", "two: {aet: TWO, host: h, port: 104}"))
    plan = plan_fleet(hospital.inventory.select(["two"]))
    mapped = f"two: {{aet: TWO, host: h, port: 104, dicom_port: {port}}}"
    hospital.path.write_text(text.replace(f"two: [TWO, 127.0.0.1, {port}]", mapped))
    mended = plan_fleet(hospital.inventory.select(["two"]))
    hospital.path.write_text(text)
    assert f"the server listens on port {port}, and not on 104" in str(plan.failed[0].error)
    assert f"add `dicom_port: {port}`" in str(plan.failed[0].error)
    assert not mended.failed


def test_checks_know_what_links_let_a_server_ask(hospital: Hospital) -> None:
    hospital.declare("    one -> two: echo\n    two -> ct: echo\n    three -> two: find\n")
    inventory = applied(hospital)
    assert inventory.network is not None
    with fleet_subjects(inventory.select(), inventory.select(), lambda member: member.document()) as (subjects, wrong):
        assert not wrong
        results = run_checks(subjects, reaching_checks())
    hospital.declare(LINKS)
    found = {(result.check, result.server, result.target): result.status.value for result in results}
    assert found == {
        ("echo", "one", "modalities/two"): "ok",
        ("echo", "two", "modalities/one"): "skipped",
        ("echo", "two", "modalities/ct"): "ok",
        ("echo", "two", "modalities/three"): "skipped",
        ("echo", "three", "modalities/two"): "skipped",
        ("echo-back", "one", "modalities/two"): "skipped",
        ("echo-back", "two", "modalities/one"): "ok",
        ("echo-back", "two", "modalities/three"): "skipped",
        ("echo-back", "three", "modalities/two"): "skipped",
    }
    path = hospital.path.with_name("checks.json")
    path.write_text(json.dumps(check_data(results)))
    drawn, _ = read_results(path, inventory.network)
    assert drawn == {"one -> two": Result.OK, "two -> ct": Result.OK, "three -> two": Result.UNKNOWN}


def test_what_a_server_refuses_whom_it_does_not_know_by_default(orthanc_server: OrthancServer) -> None:
    study = ct("DEFAULT")
    with Orthanc(orthanc_server.url) as orthanc:
        orthanc.instances.upload(encoded(study))
        caller, to = Caller("STRANGER"), (orthanc_server.dicom_port, orthanc_server.aet)
        assert caller.echo(*to)
        assert caller.store(*to, study)
        assert not caller.find(*to)
        assert not caller.get(*to, study)
        assert not caller.move(*to, study, "STRANGER")
        # An entry without the right is refused no more than a stranger is.
        denied = {"AllowEcho": False, "AllowStore": False, "AllowFind": False}
        orthanc.modalities["x"].put({"AET": "STRANGER", "Host": "127.0.0.1", "Port": 104, **denied})
        assert caller.echo(*to)
        assert caller.store(*to, study)
        assert not caller.find(*to)
        assert caller.get(*to, study)
        # Capitals do not count.
        assert Caller("stranger").get(*to, study)
