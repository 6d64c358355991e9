"""The example of a network says what it is meant to, without a warning."""

from __future__ import annotations

from pathlib import Path

from orthanc_state.fleet.inventory import Inventory

EXAMPLE = Path(__file__).parents[2] / "examples" / "network" / "fleet.yaml"


def test_the_example() -> None:
    inventory = Inventory.load(EXAMPLE, {})
    assert not inventory.warnings
    documents = {name: member.document() for name, member in inventory.members.items()}
    assert {name: list(document.sections["modalities"]) for name, document in documents.items()} == {
        "pacs": ["archive", "ct1", "mr1", "ris", "viewer"],
        "archive": ["pacs", "research", "viewer"],
        "research": ["archive"],
    }
    assert not any(document.warnings for document in documents.values())
    ct1 = documents["pacs"].sections["modalities"]["ct1"]
    assert (ct1.timeout, ct1.allow_store, ct1.allow_n_action, ct1.allow_find) == (30, True, True, False)
