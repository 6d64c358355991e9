"""An inventory as Ansible reads one, from a script or from a file.

No secret is in it: what refers to one becomes a lookup, which Ansible makes when it needs the value.
"""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orthanc_state.fleet.derived import values_of
from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthanc_state.fleet.inventory import Inventory
    from orthanc_state.fleet.member import Member

_PLAIN = re.compile(r"[^'\\{}%#\x00-\x1f]*")
_FILES = ("ca_file", "client_certificate", "client_key")
_VARS = {
    # What is managed is reached over its REST API, from where Ansible runs.
    "ansible_connection": "local",
    "ansible_python_interpreter": "{{ ansible_playbook_python }}",
}


def script_data(inventory: Inventory, members: Sequence[Member]) -> dict[str, Any]:
    """Servers as what Ansible takes from an inventory script that it calls with `--list`.

    Every host has the variables `orthanc_url`, `orthanc_documents`, `orthanc_variables` and, where the inventory gives
    them, `orthanc_username`, `orthanc_password` and so on for each field of its access. One that is a node of the
    network has `orthanc_network_modalities` too, over which its documents are laid. Paths are absolute.

    Args:
        inventory: The inventory.
        members: The servers of it that are wanted.
    """
    groups = _groups(inventory, members)
    return {
        "_meta": {"hostvars": {member.name: host_data(member) for member in members}},
        "all": {"hosts": [member.name for member in members], "children": list(groups), "vars": dict(_VARS)},
        **{group: {"hosts": names} for group, names in groups.items()},
    }


def file_data(inventory: Inventory, members: Sequence[Member]) -> dict[str, Any]:
    """The same servers as a static inventory file has them.

    Args:
        inventory: The inventory.
        members: The servers of it that are wanted.
    """
    groups = _groups(inventory, members)
    return {
        "all": {
            "hosts": {member.name: host_data(member) for member in members},
            "vars": dict(_VARS),
            "children": {group: {"hosts": {name: {} for name in names}} for group, names in groups.items()},
        }
    }


def host_data(member: Member) -> dict[str, Any]:
    """The variables of one host."""
    station = member.station
    follows = {} if station is None else values_of(station.entries)
    access = {name: getattr(member.access, name) for name in type(member.access).model_fields}
    return {
        "orthanc_url": _text(member.url),
        "orthanc_documents": [_text(os.path.abspath(path)) for path in member.documents],
        "orthanc_variables": {name: _value(variable.value) for name, variable in member.variables.items()},
        **({"orthanc_network_modalities": _tree(follows)} if follows else {}),
        **{
            f"orthanc_{name}": _text(os.path.abspath(member.folder / value)) if name in _FILES else _value(value)
            for name, value in access.items()
            if value is not None
        },
    }


def _groups(inventory: Inventory, members: Sequence[Member]) -> dict[str, list[str]]:
    names = {group: [member.name for member in members if group in member.groups] for group in inventory.groups}
    return {group: hosts for group, hosts in names.items() if hosts}


def _value(value: Any) -> Any:
    if isinstance(value, Secret):
        tag, _, where = value.reference.partition(" ")
        if tag == "!env":
            return f"{{{{ lookup('ansible.builtin.env', {_quoted(where)}) }}}}"
        path = os.path.abspath(value.file if value.file is not None else where)
        return f"{{{{ lookup('ansible.builtin.file', {_quoted(path)}) }}}}"
    return _text(value) if isinstance(value, str) else value


def _tree(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _tree(value) if isinstance(value, Mapping) else _value(value) for key, value in data.items()}


def _text(text: str) -> str:
    """A text that is itself when Ansible has evaluated it, also where it looks like one of its templates."""
    return f"{{{{ {_quoted(text)} }}}}" if any(sign in text for sign in ("{{", "{%", "{#")) else text


def _quoted(text: str) -> str:
    """A text within a template of Ansible, which doubles backslashes in literals: what is not plain is encoded."""
    if _PLAIN.fullmatch(text):
        return f"'{text}'"
    return f"'{b64encode(text.encode()).decode()}' | ansible.builtin.b64decode"
