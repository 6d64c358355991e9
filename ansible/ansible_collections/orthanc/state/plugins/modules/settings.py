#!/usr/bin/python
# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: settings
short_description: Manage the settings of a running Orthanc server
version_added: 1.0.0
description:
  - Sets which transfer syntaxes and SOP classes the server accepts, the default encoding, the log levels and the
    metrics.
  - A setting that is left out is left alone.
author:
  - The orthanc-state developers (@orthanc-state)
extends_documentation_fragment:
  - orthanc.state.attributes
  - orthanc.state.attributes.writing
  - orthanc.state.server
  - orthanc.state.settings
  - orthanc.state.write
notes:
  - Orthanc forgets these settings at a restart, unless its configuration or its command line says the same.
seealso:
  - module: orthanc.state.document
"""

EXAMPLES = r"""
---
- name: Speak of DICOM in the log, and take what is known only
  orthanc.state.settings:
    orthanc_url: http://pacs.example:8042
    accepted_transfer_syntaxes: [ImplicitVRLittleEndian, ExplicitVRLittleEndian, "1.2.840.10008.1.2.4.*"]
    unknown_sop_class_accepted: false
    default_encoding: Utf8
    logging: {all: default, dicom: verbose}
    metrics: true
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

from ansible_collections.orthanc.state.plugins.module_utils.arguments import SETTINGS
from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule
from ansible_collections.orthanc.state.plugins.module_utils.reconcile import WRITE, given, reconcile

if TYPE_CHECKING:
    from collections.abc import Mapping


def work(module: StateModule) -> Mapping[str, Any]:
    """Bring the settings about."""
    from orthanc_state import from_data
    from orthanc_state.kinds.registry import all_kinds

    data: dict[str, Any] = {"version": 1}
    for kind in all_kinds().values():
        *outer, name = kind.path
        if name in SETTINGS and module.params[name] is not None:
            group = data
            for key in outer:
                group = group.setdefault(key, {})
            group[name] = given(module.params[name])
    return reconcile(module, from_data(data))


def main() -> None:
    """Run the module."""
    module = StateModule({**SETTINGS, **WRITE}, required_one_of=[tuple(SETTINGS)])
    module.run(work)


if __name__ == "__main__":
    main()
