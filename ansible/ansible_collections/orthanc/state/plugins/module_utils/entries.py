# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of one entry have in common: one by its name, or many in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.orthanc.state.plugins.module_utils.arguments import SECRETS
from ansible_collections.orthanc.state.plugins.module_utils.reconcile import LIMITS, reconcile, section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule

ENTRIES: dict[str, Any] = {"prune": {"type": "bool", "default": False}, **LIMITS}
"""The doc fragment `write.limits`."""

ONE_OF = [("name", "entries")]

EXCLUSIVE = [("name", "entries")]

OWN = ("name", "state", "entries")
"""What of the options of an entry is no field of it."""


def reconcile_entries(module: StateModule, kind: str, options: Sequence[str]) -> dict[str, Any]:
    """Bring one entry about, or many; the result of the module.

    Args:
        module: The module.
        kind: The section of a document that they stand in.
        options: The names of the options of an entry.

    Raises:
        OrthancStateError: They cannot be used, or the server cannot be reached.
    """
    from orthanc_state import OrthancStateError

    given, entries = module.params, module.params["entries"]
    if entries is None:
        if given["prune"]:
            raise OrthancStateError("one entry is given, and `prune` would delete all others", hint="Give `entries`.")
        entries = [{name: given[name] for name in options}]
    found: dict[str, Any] = {}
    for entry in entries:
        if entry["name"] in found:
            raise OrthancStateError(f"the entries hold `{entry['name']}` twice", hint="Give each of them once.")
        found[entry["name"]] = entry_of(entry)
    return reconcile(module, section(module, (kind,), found, prune=given["prune"], limits=given["limits"]))


def entry_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as a document has it.

    Args:
        given: Its options; Ansible gives null for those that are left out.
    """
    entry = {name: value for name, value in given.items() if name not in OWN and value is not None}
    if given["state"] == "absent":
        return {"state": "absent", **entry}
    # Null is what was left out, so that there must be no secret is said with an empty text.
    return {name: None if name in SECRETS and value == "" else value for name, value in entry.items()}
