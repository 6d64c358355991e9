#!/usr/bin/python
# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: peer
short_description: Manage the other Orthanc servers that an Orthanc server sends to
version_added: 1.0.0
description:
  - Creates, changes and deletes one peer, or many in one task.
  - The peer is exactly what is given. An option that is left out means Orthanc's default, and
    not what the server has, unless O(ignore) names it.
  - Orthanc never returns secrets. A rotated one is told from an unchanged one by a salted slow hash that is kept beside
    the entry, so that a task with the same secret is unchanged.
  - An empty text for a secret says that there must be none. Where a secret is left out that the server may have, the
    task fails, since writing the entry would erase it.
author:
  - The orthanc-state developers (@orthanc-state)
extends_documentation_fragment:
  - orthanc.state.attributes
  - orthanc.state.attributes.writing
  - orthanc.state.server
  - orthanc.state.peer
  - orthanc.state.write
  - orthanc.state.write.limits
  - orthanc.state.write.assume
  - orthanc.state.write.fingerprints
notes:
  - Orthanc forgets peers at a restart, unless C(OrthancPeersInDatabase) is true in its configuration.
seealso:
  - module: orthanc.state.document
"""

EXAMPLES = r"""
---
- name: The backup is known
  orthanc.state.peer:
    orthanc_url: http://pacs.example:8042
    name: backup
    url: https://backup.example/
    username: sync
    password: "{{ backup_password }}"
    timeout: 30
  delegate_to: localhost

- name: An old one is not
  orthanc.state.peer:
    orthanc_url: http://pacs.example:8042
    name: old
    state: absent
  delegate_to: localhost

- name: These are, in one task
  orthanc.state.peer:
    orthanc_url: http://pacs.example:8042
    entries:
      - {name: backup, url: "https://backup.example/", username: sync, password: "{{ backup_password }}"}
      - {name: old, state: absent}
  delegate_to: localhost
"""

RETURN = r"""
---
plan:
  description: What had to change, as C(orthanc-state plan --json) prints it. A secret is never more than the word.
  returned: when the server could be read
  type: dict
  contains:
    in_sync:
      description: Whether everything was so already.
      type: bool
      returned: always
    summary:
      description: How much is to be created, updated and deleted, is unchanged, and is left alone.
      type: dict
      returned: always
    changes:
      description: What changes, each with its C(address), its C(action), and its C(fields) before and after; of what is
        created or deleted without the fields that are as Orthanc has them by itself.
      type: list
      elements: dict
      returned: always
    unchanged:
      description: The addresses of what is declared and is so already.
      type: list
      elements: str
      returned: always
    unmanaged:
      description: The addresses of what is on the server and not declared, and is left alone.
      type: list
      elements: str
      returned: always
    warnings:
      description: What is allowed but probably a mistake; they are warnings of the task too.
      type: list
      elements: dict
      returned: always
    over_limits:
      description: What goes beyond the limits of deletions.
      type: list
      elements: str
      returned: always
    restart:
      description: What becomes of the changes at the next restart of the server.
      type: dict
      returned: always
  sample: {in_sync: false, summary: {create: 1, update: 0, delete: 0, unchanged: 0, unmanaged: 2, by_policies: 0}}
report:
  description: What became of each change.
  returned: when something was written
  type: dict
  contains:
    ok:
      description: Whether every change is in force, and was seen to be.
      type: bool
      returned: always
    results:
      description: One for each change, with its C(outcome), V(applied), V(already), V(moved), V(failed) or
        V(not_tried).
      type: list
      elements: dict
      returned: always
journal:
  description: The file in which all that was sent is recorded; empty where none is kept.
  returned: when something was written
  type: str
  sample: /home/ops/.local/state/orthanc-state/ward7.jsonl
lost_links:
  description: The modalities and peers that answered before and no longer do, each as M(orthanc.state.echo) has it.
  returned: when O(verify=true) and something was written
  type: list
  elements: dict
  sample: [{check: echo, target: modalities/pacs, status: failed, message: no answer to C-ECHO}]
error:
  description: What was wrong, with its places and what to do about it.
  returned: when the document cannot be used, or the server cannot be reached
  type: dict
  sample: {error: DocumentError, message: 1 problem in the document, hint: "", problems: []}
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.orthanc.state.plugins.module_utils.arguments import PEER
from ansible_collections.orthanc.state.plugins.module_utils.entries import ENTRIES, EXCLUSIVE, ONE_OF, reconcile_entries
from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule
from ansible_collections.orthanc.state.plugins.module_utils.reconcile import ASSUME, FINGERPRINTS, WRITE

if TYPE_CHECKING:
    from collections.abc import Mapping


def work(module: StateModule) -> Mapping[str, Any]:
    """Bring the entries about."""
    return reconcile_entries(module, "peers", tuple(PEER))


def main() -> None:
    """Run the module."""
    module = StateModule(
        {**PEER, **ENTRIES, **WRITE, **ASSUME, **FINGERPRINTS},
        required_one_of=ONE_OF,
        mutually_exclusive=EXCLUSIVE,
        required_if=[("fingerprints", "key", ("fingerprint_key",))],
    )
    module.run(work)


if __name__ == "__main__":
    main()
