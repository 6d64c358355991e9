#!/usr/bin/python
# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: policy
short_description: Manage labels, metadata and protection of what an Orthanc server stores
version_added: 1.0.0
description:
  - Selects patients, studies, series or instances, and gives or takes labels and metadata, or protects patients from
    recycling. One policy, or several in one task.
  - A policy is not kept on the server. Each run brings about what it says of what is stored by then.
  - Two policies that contradict each other are found where they stand in one task.
author:
  - The orthanc-state developers (@orthanc-state)
extends_documentation_fragment:
  - orthanc.state.attributes
  - orthanc.state.attributes.writing
  - orthanc.state.server
  - orthanc.state.policy
  - orthanc.state.write
  - orthanc.state.write.scripts
options:
  limits:
    description:
      - How much the task may take away without O(allow_deletes).
    type: dict
    suboptions:
      deletes:
        description:
          - How many labels, metadata or protections.
          - Where it is left out, it is V(10).
        type: int
      share:
        description:
          - Which part of what a policy selects, as a percentage. It does not stop a single one.
          - Where it is left out, it is V(30%).
        type: str
seealso:
  - module: orthanc.state.document
  - module: orthanc.state.find_info
"""

EXAMPLES = r"""
---
- name: Old CT studies are for the archive
  orthanc.state.policy:
    orthanc_url: http://pacs.example:8042
    name: archive-old-ct
    level: study
    match: {ModalitiesInStudy: CT, StudyDate: {older_than: 5y}}
    labels: {add: [archive], remove: [inbox]}
  delegate_to: localhost

- name: Every study tells which hospital it comes from, and trial patients stay
  orthanc.state.policy:
    orthanc_url: http://pacs.example:8042
    policies:
      - {name: hospital, level: study, metadata: {set: {hospital: "{InstitutionName}"}}}
      - {name: keep-trial, level: patient, match: {PatientID: "TRIAL-*"}, protected: true}
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

from ansible_collections.orthanc.state.plugins.module_utils.arguments import POLICY
from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule
from ansible_collections.orthanc.state.plugins.module_utils.reconcile import (
    LIMITS,
    SCRIPTS,
    WRITE,
    given,
    reconcile,
    section,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def work(module: StateModule) -> Mapping[str, Any]:
    """Bring the policies about."""
    options = module.params
    policies = options["policies"]
    if policies is None:
        policies = [{name: options[name] for name in POLICY if name != "policies"}]
    return reconcile(module, section(module, ("policies",), given(policies), limits=options["limits"]))


def main() -> None:
    """Run the module."""
    module = StateModule(
        {**POLICY, **LIMITS, **WRITE, **SCRIPTS},
        required_one_of=[("name", "policies")],
        mutually_exclusive=[("name", "policies")],
    )
    module.run(work)


if __name__ == "__main__":
    main()
