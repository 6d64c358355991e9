"""`inventory`: the servers of an inventory, for people and for Ansible."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from orthanc_state.cli.failure import EXIT_OK
from orthanc_state.cli.output import print_json, print_lines
from orthanc_state.errors import UsageError
from orthanc_state.fleet.inventory import Inventory

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.cli.fleet_options import InventoryOptions


def run_inventory(file: Path, chosen: InventoryOptions, *, json: bool) -> int:
    """List the servers, or print them as Ansible reads an inventory: from a script, or from a file."""
    if chosen.static and not chosen.ansible:
        raise UsageError("--static is a form of --ansible", hint="Give --ansible --static.")
    inventory = Inventory.load(file)
    members = inventory.select(chosen.servers or (), chosen.groups or ())
    if chosen.ansible:
        from orthanc_state.fleet.ansible import file_data, host_data, script_data

        if chosen.static:
            _print_yaml(file_data(inventory, members))
        elif chosen.host is not None:
            print_json(host_data(inventory.select([chosen.host])[0]))
        else:
            print_json(script_data(inventory, members))
        return EXIT_OK
    if json:
        from orthanc_state.render.fleet_data import inventory_data

        print_json(inventory_data(inventory, members))
    else:
        from orthanc_state.render.fleet import inventory_view
        from orthanc_state.render.fleet_text import table_lines

        print_lines(table_lines(inventory_view(inventory, members)))
    return EXIT_OK


def _print_yaml(data: object) -> None:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 110
    yaml.dump(data, sys.stdout)
