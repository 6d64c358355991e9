"""Just before a change is written, the server is compared with what it was planned from."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc, apply, loads, plan
from orthanc_state.execution.report import Outcome
from orthanc_state.planning.plan_file import open_plan, save
from tests.trust.sites import ADDRESSES, ENVIRONMENT, addresses, finish, furnish, outcomes, site

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Cli

Move = Callable[[Orthanc], object]

MODALITY = {"AET": "ELSE", "Host": "10.9.9.9", "Port": 4242}

ELSE: dict[str, Move] = {
    "modalities/ct": lambda orthanc: orthanc.modalities["ct"].put(MODALITY),
    "modalities/pacs": lambda orthanc: orthanc.modalities["pacs"].put(MODALITY),
    "modalities/old": lambda orthanc: orthanc.modalities["old"].put(MODALITY),
    "peers/backup": lambda orthanc: orthanc.peers["backup"].put({"Url": "http://else.example/"}),
    "peers/mirror": lambda orthanc: orthanc.peers["mirror"].put({"Url": "http://else.example/"}),
    "peers/away": lambda orthanc: orthanc.peers["away"].put({"Url": "http://else.example/"}),
    "dicomweb_servers/cloud": lambda orthanc: orthanc.put("/dicom-web/servers/cloud", {"Url": "http://else.example/"}),
    "dicom/accepted_transfer_syntaxes": lambda orthanc: orthanc.tools.accepted_transfer_syntaxes.set(
        ["1.2.840.10008.1.2"]
    ),
    "dicom/default_encoding": lambda orthanc: orthanc.tools.default_encoding.set("Greek"),
    "logging/dicom": lambda orthanc: orthanc.tools.log_level.set("trace", category="dicom"),
}
"""Each change with how the server is made something that is neither what was planned from nor what was wanted.

A switch has no third value.
"""

GONE: dict[str, Move] = {
    "modalities/pacs": lambda orthanc: orthanc.modalities["pacs"].delete(),
    "peers/backup": lambda orthanc: orthanc.peers["backup"].delete(),
    "dicomweb_servers/cloud": lambda orthanc: orthanc.delete("/dicom-web/servers/cloud"),
}


def _only(one: str, outcome: Outcome) -> dict[str, Outcome]:
    return {address: outcome if address == one else Outcome.APPLIED for address in ADDRESSES}


@pytest.mark.parametrize("saved", [False, True], ids=["at once", "saved"])
@pytest.mark.parametrize(
    ("address", "move"),
    [*ELSE.items(), *GONE.items()],
    ids=[*(f"{address}: changed" for address in ELSE), *(f"{address}: deleted" for address in GONE)],
)
def test_what_has_moved_is_left_as_it_is_and_the_others_are_written(
    orthanc: Orthanc, tmp_path: Path, address: str, move: Move, saved: bool
) -> None:
    found = furnish(orthanc)
    if saved:
        save(found, tmp_path / "plan.json")
        found = open_plan(tmp_path / "plan.json", ENVIRONMENT)
    move(orthanc)
    moved_to = plan(orthanc, site(), targets=[address]).changes[0].before
    report = apply(orthanc, found)
    assert outcomes(report) == _only(address, Outcome.MOVED)
    assert not report.ok
    [moved] = report.of(Outcome.MOVED)
    assert "has changed since the plan; nothing was sent" in moved.reason
    assert moved.found == moved_to
    # The next plan starts from what is there now.
    [again] = plan(orthanc, site()).changes
    assert (again.address, again.before) == (address, moved_to)
    finish(orthanc)


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_somebody_else_has_made_so_is_not_written_again(orthanc: Orthanc, address: str) -> None:
    found = furnish(orthanc)
    assert apply(orthanc, plan(orthanc, site(), targets=[address])).ok
    report = apply(orthanc, found)
    assert outcomes(report) == _only(address, Outcome.ALREADY)
    assert report.ok
    assert plan(orthanc, site()).empty


def test_a_first_secret_that_two_have_written_has_two_salts_and_the_later_one_leaves_it(orthanc: Orthanc) -> None:
    """Nobody can tell that it is the same secret, but the next plan."""
    text = 'version: 1\npeers: {first: {url: "http://h/", username: u, password: !env PEER_PASSWORD}}\n'
    mine, theirs = (plan(orthanc, loads(text, environment=ENVIRONMENT)) for _ in range(2))
    assert apply(orthanc, theirs).ok
    assert outcomes(apply(orthanc, mine)) == {"peers/first": Outcome.MOVED}
    assert plan(orthanc, loads(text, environment=ENVIRONMENT)).empty


def test_a_modality_is_not_deleted_while_what_replaces_it_has_moved(orthanc: Orthanc) -> None:
    orthanc.modalities["old"].put({"AET": "PACS", "Host": "10.0.0.5", "Port": 104})
    document = loads(
        "version: 1\nmodalities: {new: {aet: PACS, host: 10.0.0.5, port: 104}}\nmetrics: false\n"
        "prune: {modalities: true}\n"
    )
    found = plan(orthanc, document)
    assert addresses(found) == ["modalities/new", "metrics", "modalities/old"]
    orthanc.modalities["new"].put(MODALITY)
    report = apply(orthanc, found)
    assert outcomes(report) == {
        "modalities/new": Outcome.MOVED,
        "metrics": Outcome.APPLIED,
        "modalities/old": Outcome.NOT_TRIED,
    }
    assert report.results[-1].reason == "it needs modalities/new, which was not written"
    assert sorted(orthanc.modalities.names()) == ["new", "old"]
    # What somebody else has written as it was to be is as good.
    orthanc.modalities["new"].delete()
    found = plan(orthanc, document)
    orthanc.modalities["new"].put({"AET": "PACS", "Host": "10.0.0.5", "Port": 104})
    assert apply(orthanc, found).ok
    assert orthanc.modalities.names() == ["new"]


def test_the_command_line_says_so_and_its_exit_code_too(orthanc: Orthanc, cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    save(furnish(orthanc), path)
    ELSE["modalities/pacs"](orthanc)
    orthanc.tools.metrics.set(False)
    result = cli("apply", "--yes", "plan.json", env=ENVIRONMENT)
    assert result.returncode == 1
    assert "! modalities/pacs  not written: the server has changed since the plan" in result.stdout
    assert "= metrics  already so" in result.stdout
    assert "Applied 10 of 12; 1 already so; 1 changed since the plan and left alone." in result.stdout
    assert orthanc.modalities["pacs"].configuration()["Host"] == "10.9.9.9"

    save(furnish(orthanc), path)
    orthanc.tools.metrics.set(False)
    result = cli("apply", "--yes", "--json", "plan.json", env=ENVIRONMENT)
    assert result.returncode == 0
    data = json.loads(result.stdout)
    assert data["ok"] is True
    assert {each["outcome"] for each in data["results"]} == {"applied", "already"}
