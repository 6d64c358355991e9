#!/usr/bin/python
# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: document
short_description: Make an Orthanc server what a document says
version_added: 1.0.0
description:
  - Plans a whole desired state against a server, and applies the difference, in one task.
  - A section that is left out is not managed. An entry that is not declared is left alone unless its section is pruned.
    In an entry, a field that is left out has Orthanc's default.
  - It is much faster than a loop over M(orthanc.state.modality), and reads the server once.
author:
  - The orthanc-state developers (@orthanc-state)
extends_documentation_fragment:
  - orthanc.state.attributes
  - orthanc.state.attributes.writing
  - orthanc.state.server
  - orthanc.state.documents
  - orthanc.state.sections
  - orthanc.state.write
  - orthanc.state.write.scripts
seealso:
  - module: orthanc.state.plan_info
  - module: orthanc.state.dump
"""

EXAMPLES = r"""
---
- name: Make the server what a file says
  orthanc.state.document:
    orthanc_url: http://pacs.example:8042
    files: [site.yaml]
  delegate_to: localhost

- name: The same, written in the playbook
  orthanc.state.document:
    orthanc_url: http://pacs.example:8042
    orthanc_username: admin
    orthanc_password: "{{ orthanc_password }}"
    document:
      modalities:
        pacs: {aet: PACS, host: 10.0.0.5, port: 11112, allow_transcoding: false}
        ct1: [CT1, 10.0.0.9, 104]
      peers:
        backup: {url: "https://backup.example/", username: sync, password: "{{ backup_password }}"}
      logging: {all: default, dicom: verbose}
      prune: {modalities: true}
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

from ansible_collections.orthanc.state.plugins.module_utils.documents import DOCUMENTS, document_of
from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule
from ansible_collections.orthanc.state.plugins.module_utils.reconcile import SCRIPTS, WRITE, reconcile

if TYPE_CHECKING:
    from collections.abc import Mapping


def work(module: StateModule) -> Mapping[str, Any]:
    """Plan and apply the document."""
    given = module.params
    return reconcile(module, document_of(given), target=given["target"], exclude=given["exclude"])


def main() -> None:
    """Run the module."""
    module = StateModule({**DOCUMENTS, **WRITE, **SCRIPTS}, required_one_of=[("document", "files", "beneath")])
    module.run(work)


if __name__ == "__main__":
    main()
