"""Both ends of a link, where both are servers of an inventory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from orthanc_state.checks.registry import chosen_checks
from orthanc_state.checks.result import Result, Status
from orthanc_state.checks.run import run_checks
from orthanc_state.checks.subjects import fleet_subjects
from orthanc_state.fleet.apply import apply_fleet
from orthanc_state.fleet.inventory import Inventory
from orthanc_state.fleet.plan import plan_fleet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state.testing import OrthancServer
    from tests.api.foreign import Foreign


def fleet(folder: Path, one: OrthancServer, two: OrthancServer, documents: dict[str, str]) -> Inventory:
    """An inventory of two servers."""
    for name, text in documents.items():
        (folder / f"{name}.yaml").write_text("version: 1\n" + text)
    path = folder / "fleet.yaml"
    path.write_text(
        "version: 1\nservers:\n"
        f"  one: {{url: '{one.url}', documents: [one.yaml]}}\n  two: {{url: '{two.url}', documents: [two.yaml]}}\n"
    )
    return Inventory.load(path)


def checked(inventory: Inventory, *names: str) -> dict[tuple[str, str, str], Result]:
    members = list(inventory.members.values())
    with fleet_subjects(members, members, lambda member: member.document()) as (subjects, wrong):
        results = [*wrong, *run_checks(subjects, chosen_checks(names))]
    return {(result.server, result.check, result.target): result for result in results}


def test_links_between_servers_work_in_both_directions(
    orthanc_server: OrthancServer,
    start_orthanc: Callable[..., OrthancServer],
    foreign: Foreign,
    tmp_path: Path,
) -> None:
    other = start_orthanc({"DicomAet": "OTHER"})
    inventory = fleet(
        tmp_path,
        orthanc_server,
        other,
        {
            "one": f"modalities:\n  two: [OTHER, localhost, {other.dicom_port}]\n"
            f"  ct: [CT, 127.0.0.1, {foreign.port}]\n",
            "two": f"modalities:\n  uno: [ORTHANC, 127.0.0.1, {orthanc_server.dicom_port}]\n",
        },
    )
    members = list(inventory.members.values())
    assert apply_fleet(plan_fleet(members), inventory.members).ok
    found = checked(inventory, "echo", "echo-back", "titles")
    assert {key: result.status for key, result in found.items()} == dict.fromkeys(
        [
            ("one", "echo", "modalities/two"),
            ("one", "echo", "modalities/ct"),
            ("one", "echo-back", "modalities/two"),
            ("one", "titles", "modalities/two"),
            ("two", "echo", "modalities/uno"),
            ("two", "echo-back", "modalities/uno"),
            ("two", "titles", "modalities/uno"),
        ],
        Status.OK,
    )
    assert "which it knows as uno" in found["one", "echo-back", "modalities/two"].message


@pytest.mark.orthanc(suites=["trixie"])
def test_ends_that_do_not_agree(
    orthanc_server: OrthancServer, start_orthanc: Callable[..., OrthancServer], tmp_path: Path
) -> None:
    other = start_orthanc({"DicomAet": "OTHER"})
    inventory = fleet(
        tmp_path,
        orthanc_server,
        other,
        {
            "one": f"modalities:\n  title: [WRONG, 127.0.0.1, {other.dicom_port}]\n  port: [OTHER, 127.0.0.1, 104]\n",
            "two": "metrics: true\n",
        },
    )
    members = list(inventory.members.values())
    assert apply_fleet(plan_fleet(members), inventory.members).ok
    found = checked(inventory, "titles", "echo-back")
    title = found["one", "titles", "modalities/title"]
    assert title.status is Status.FAILED
    assert title.message == "the AE title is declared as WRONG, and two says that it has OTHER"
    assert str(title.place).endswith("one.yaml:3:11")
    port = found["one", "titles", "modalities/port"]
    assert port.status is Status.FAILED
    assert port.message == f"the port is declared as 104, and two says that it has {other.dicom_port}"
    assert found["one", "echo-back", "modalities/title"].status is Status.SKIPPED


@pytest.mark.orthanc(suites=["trixie"])
def test_a_server_that_is_down_is_no_end_of_the_others(
    orthanc_server: OrthancServer, start_orthanc: Callable[..., OrthancServer], tmp_path: Path
) -> None:
    other = start_orthanc({"DicomAet": "OTHER"})
    inventory = fleet(
        tmp_path,
        orthanc_server,
        other,
        {"one": f"modalities:\n  two: [OTHER, 127.0.0.1, {other.dicom_port}]\n", "two": "modalities: {x: [X, h]}\n"},
    )
    with Orthanc(orthanc_server.url) as orthanc:
        orthanc.modalities["two"].put({"AET": "OTHER", "Host": "127.0.0.1", "Port": other.dicom_port})
    other.kill()
    found = checked(inventory)
    # The document of the one that is down is wrong too, which is said of it alone.
    wrong = found["two", "answers", "server"]
    assert wrong.status is Status.FAILED
    assert "`port` is missing" in wrong.message
    assert str(wrong.place).endswith("two.yaml:2:14")
    assert found["one", "answers", "server"].status is Status.OK
    assert found["one", "echo", "modalities/two"].status is Status.FAILED
    (tmp_path / "two.yaml").write_text("version: 1\n")
    found = checked(inventory)
    assert found["two", "answers", "server"].status is Status.FAILED
    assert found["two", "storage", "server"].status is Status.SKIPPED
