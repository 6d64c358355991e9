"""Laws of what the inventory, the groups and the server itself say: the later one has the last word."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orthanc_state.fleet.inventory import Inventory

NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.one_of(st.none(), st.integers(), st.booleans(), st.text(st.characters(codec="ascii", min_codepoint=32)))
FILES = st.lists(st.sampled_from(["1.yaml", "2.yaml", "3.yaml"]))
LAYER = st.fixed_dictionaries(
    {"variables": st.dictionaries(NAMES, VALUES), "documents": FILES, "timeout": st.sampled_from([None, 1.0, 2.0])}
)
TOKEN, USER = {"token": "T"}, {"username": "u", "password": "P"}


def inventory(data: dict[str, Any]) -> Inventory:
    """An inventory in JSON, which is YAML too, with the documents that it may name."""
    with TemporaryDirectory() as folder:
        for name in ("1.yaml", "2.yaml", "3.yaml"):
            Path(folder, name).touch()
        path = Path(folder, "fleet.yaml")
        path.write_text(json.dumps({"version": 1, **data}).replace('"T"', "!env T").replace('"P"', "!env P"))
        return Inventory.load(path, {"T": "t", "P": "p"})


@given(whole=LAYER, groups=st.dictionaries(st.sampled_from(["x", "y", "z"]), LAYER), own=LAYER, data=st.data())
def test_law_the_later_one_has_the_last_word(
    whole: dict[str, Any], groups: dict[str, dict[str, Any]], own: dict[str, Any], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(sorted(groups)))
    fleet = inventory(
        {
            "variables": whole["variables"],
            "documents": whole["documents"],
            "defaults": {"timeout": whole["timeout"]},
            "groups": groups,
            "servers": {"s": {"url": "http://s", "groups": order, **own}},
        }
    )
    layers = [whole, *(groups[name] for name in order), own]
    expected: dict[str, Any] = {}
    for layer in layers:
        expected |= layer["variables"]
    member = fleet.members["s"]
    assert {name: variable.value for name, variable in member.variables.items()} == {
        name: value for name, value in expected.items() if value is not None
    }
    assert [path.name for path in member.documents] == [name for layer in layers for name in layer["documents"]]
    assert member.access.timeout == own["timeout"]
    # Each variable says where it stands: in the file, at its own value.
    for name, variable in member.variables.items():
        assert variable.place is not None, name
        assert variable.place.file == os.fspath(fleet.path)


@given(layers=st.lists(st.sampled_from([TOKEN, USER, {}]), min_size=3, max_size=3))
def test_law_who_asks_is_said_by_the_last_one_that_says_it(layers: list[dict[str, str]]) -> None:
    defaults, group, own = layers
    member = inventory(
        {
            "defaults": defaults,
            "groups": {"g": group},
            "servers": {"s": {"url": "http://s", "groups": ["g"], **own}},
        }
    ).members["s"]
    last = next((layer for layer in reversed(layers) if layer), {})
    secrets = {name: getattr(member.access, name) for name in ("password", "token")}
    found = {name: secret.reveal().upper() for name, secret in secrets.items() if secret is not None}
    assert {"username": member.access.username, **found} == {"username": None, **last}
