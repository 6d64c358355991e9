# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: fleet
short_description: The servers and groups of a fleet file
version_added: 1.0.0
description:
  - Reads an inventory of C(orthanc-state), and gives its servers as hosts and its groups as groups.
  - Every host has the variables C(orthanc_url), C(orthanc_documents) and C(orthanc_variables), and those of
    C(orthanc_username), C(orthanc_password) and so on that the file gives. A secret becomes a lookup, which is made
    when it is needed.
  - Secret variables of its documents are in C(orthanc_secret_variables), and the modalities that follow from the
    network in C(orthanc_network_modalities).
  - The servers are reached over their REST API, so all hosts have C(ansible_connection=local) and the interpreter of
    Ansible itself.
author:
  - The orthanc-state developers (@orthanc-state)
requirements:
  - orthanc-state (the Python library, where Ansible runs; it needs Python 3.11 or later)
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices:
      - orthanc.state.fleet
  file:
    description:
      - The fleet file, relative to this one.
    type: str
    required: true
  servers:
    description:
      - The names of the servers that are wanted. Where neither these nor O(groups) are given, all are.
    type: list
    elements: str
    default: []
  groups:
    description:
      - The names of the groups of which the servers are wanted.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
---
# inventory/orthanc.yml
plugin: orthanc.state.fleet
file: ../fleet.yaml
"""

import sys
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin

try:
    from ansible.template import trust_as_template
except ImportError:
    # Before Ansible 2.19, every text of an inventory is a template.
    trust_as_template = None

LIBRARY = "orthanc-state"


class InventoryModule(BaseInventoryPlugin):  # type: ignore[misc]
    """Reads a fleet file."""

    NAME = "orthanc.state.fleet"

    def verify_file(self, path: str) -> bool:
        """Whether a file may be meant for this plugin.

        Args:
            path: The file.
        """
        return bool(super().verify_file(path)) and path.endswith((".yml", ".yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Add the hosts and the groups.

        Args:
            inventory: What they are added to.
            loader: Reads the file.
            path: The file that names this plugin.
            cache: It is not used.
        """
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        try:
            from orthanc_state import Inventory, OrthancStateError
            from orthanc_state.fleet.ansible import file_data
            from orthanc_state.kinds.secret import Secret
        except ImportError as error:
            command = f"{sys.executable} -m pip install {LIBRARY}"
            raise AnsibleParserError(f"the library {LIBRARY} is missing where Ansible runs: {command}") from error
        try:
            fleet = Inventory.load(Path(path).parent / self.get_option("file"))
            members = fleet.select(self.get_option("servers"), self.get_option("groups"))
        except OrthancStateError as error:
            raise AnsibleParserError("\n".join(filter(None, [str(error), error.hint]))) from None
        everything = file_data(fleet, members)["all"]
        for member in members:
            inventory.add_host(member.name, group="all")
            given = everything["hosts"][member.name]
            values = given.pop("orthanc_variables")
            secret = {name for name, variable in member.variables.items() if isinstance(variable.value, Secret)}
            given["orthanc_variables"] = {name: value for name, value in values.items() if name not in secret}
            given["orthanc_secret_variables"] = {name: value for name, value in values.items() if name in secret}
            for name, value in (everything["vars"] | given).items():
                inventory.set_variable(member.name, name, _trusted(value))
        for group, content in everything["children"].items():
            inventory.add_group(group)
            for host in content["hosts"]:
                inventory.add_host(host, group=group)


def _trusted(value: Any) -> Any:
    """A value whose templates Ansible works out: the kit has quoted what only looks like one."""
    if isinstance(value, dict):
        return {key: _trusted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_trusted(item) for item in value]
    return trust_as_template(value) if isinstance(value, str) and trust_as_template is not None else value
