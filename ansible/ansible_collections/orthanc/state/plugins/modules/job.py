#!/usr/bin/python
# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: job
short_description: Have an Orthanc server do a job, wait for it, or cancel it
version_added: 1.0.0
description:
  - Anonymizes, modifies, stores, moves or archives what the server stores, as a job, and waits until it is done.
  - Waits for a job that was begun before, or cancels it.
author:
  - The orthanc-state developers (@orthanc-state)
extends_documentation_fragment:
  - orthanc.state.attributes
  - orthanc.state.server
attributes:
  check_mode:
    description: Says what would change, without changing it.
    support: full
    details: It sees whether the server has what the job is about, and begins none.
  diff_mode:
    description: Shows what changes, field by field, without secrets.
    support: none
    details: What a job changes is known when it is done.
  idempotent:
    description: Changes nothing where everything is so already.
    support: partial
    details: Each run begins a new job, unless O(dest) is there already. To wait for a job that is done, or to cancel
      one, changes nothing.
options:
  operation:
    description:
      - What is done. V(anonymize) and V(modify) make copies of the level of the O(resources); V(store) sends to a
        modality or a peer; V(move) has a modality send; V(archive) makes a ZIP file, which is saved as O(dest).
      - V(wait) and V(cancel) are about a job that was begun before.
      - Before Orthanc 1.11.1 V(move) makes no job; it is done when the task ends, whatever O(wait) says.
    type: str
    choices:
      - anonymize
      - modify
      - store
      - move
      - archive
      - wait
      - cancel
    required: true
  resources:
    description:
      - Orthanc's identifiers of what it is done to, as M(orthanc.state.find_info) gives them.
      - Not for V(move), which takes O(identifiers).
    type: list
    elements: str
    default: []
  identifiers:
    description:
      - "For V(move), the identifiers of each thing to be moved, such as C({StudyInstanceUID: 1.2.3})."
    type: list
    elements: dict
    default: []
  level:
    description:
      - For V(move), what is moved.
    type: str
    choices:
      - patient
      - study
      - series
      - instance
    default: study
  modality:
    description:
      - For V(store) and V(move), the name of the modality.
    type: str
  peer:
    description:
      - For V(store), the name of the peer.
    type: str
  parameters:
    description:
      - >-
        What else the job is told, in snake_case, such as C({keep: [StudyDescription]}) for V(anonymize),
        C({replace: {PatientName: Nobody}}) for V(modify), C({target_aet: PACS}) for V(move).
    type: dict
    default: {}
  dest:
    description:
      - For V(archive), the file that is written, where the task runs. It appears when it is whole.
      - Where it is there already, no job is begun, unless O(force=true).
    type: path
  force:
    description:
      - Write O(dest) anew.
    type: bool
    default: false
  id:
    description:
      - For V(wait) and V(cancel), the identifier of the job.
    type: str
  wait:
    description:
      - Wait until the job is done. Otherwise the task ends when it has begun.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait at most. A job that is not done by then goes on, and the task fails.
    type: float
    default: 300.0
seealso:
  - module: orthanc.state.find_info
  - module: orthanc.state.job_info
"""

EXAMPLES = r"""
---
- name: Anonymize a study
  orthanc.state.job:
    orthanc_url: http://pacs.example:8042
    operation: anonymize
    resources: [9ad2b0da-a406c43c-6e0df76d-1204b86f-78d12c15]
    parameters: {keep: [StudyDescription]}
  delegate_to: localhost
  register: anonymized

- name: Send what came out to the archive
  orthanc.state.job:
    orthanc_url: http://pacs.example:8042
    operation: store
    modality: archive
    resources: ["{{ anonymized.job.Content.Resources[0].ID }}"]
  delegate_to: localhost

- name: Keep a copy
  orthanc.state.job:
    orthanc_url: http://pacs.example:8042
    operation: archive
    resources: [9ad2b0da-a406c43c-6e0df76d-1204b86f-78d12c15]
    dest: /backup/study.zip
  delegate_to: localhost
"""

RETURN = r"""
---
id:
  description: The identifier of the job.
  returned: when there is a job
  type: str
  sample: 0a6cd5d8-a8a1-44a1-a3b2-2ba6f0a5b2f5
job:
  description: Its details, as Orthanc answers them, without what it was told of a peer.
  returned: when there is a job
  type: dict
  sample: {ID: 0a6cd5d8-a8a1-44a1-a3b2-2ba6f0a5b2f5, Type: ResourceModification, State: Success, Progress: 100}
size:
  description: The size of O(dest), in bytes.
  returned: when O(dest) was written
  type: int
error:
  description: What was wrong, and what to do about it.
  returned: when the server cannot be reached, or refuses
  type: dict
"""

import os
from typing import TYPE_CHECKING, Any

from ansible_collections.orthanc.state.plugins.module_utils.jobs import SUBMITTED, UNDONE, check, shown, submit
from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule
from ansible_collections.orthanc.state.plugins.module_utils.searching import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state import Orthanc
    from orthanc_state.client._sync.jobs import Job


def work(module: StateModule) -> Mapping[str, Any]:
    """Begin, wait, or cancel."""
    given = module.params
    with module.connect() as orthanc:
        if given["operation"] in SUBMITTED:
            return _submitted(module, orthanc)
        job = orthanc.jobs[given["id"]]
        if given["operation"] == "wait":
            return {"changed": False, **_done(module, job)}
        undone = job.details().get("State") in UNDONE
        if undone and not module.check_mode:
            job.cancel()
        return {"changed": undone, "id": job.id, "job": shown(job.details())}


def _submitted(module: StateModule, orthanc: Orthanc) -> dict[str, Any]:
    from orthanc_state import OrthancStateError

    given = module.params
    dest = given["dest"] if given["operation"] == "archive" else None
    if dest and os.path.exists(dest) and not given["force"]:
        return {"changed": False, "msg": f"{dest} is there already"}
    level = check(orthanc, given)
    if module.check_mode:
        return {"changed": True}
    job = submit(orthanc, given, level)
    if job is None:
        return {"changed": True, "msg": "the server has done it while it was asked for, and has no job for it"}
    if not given["wait"]:
        return {"changed": True, "id": job.id, "job": shown(job.details())}
    result = {"changed": True, **_done(module, job)}
    if dest:
        try:
            result["size"] = job.output().save(dest)
        except OSError as error:
            raise OrthancStateError(f"cannot write {dest}: {error.strerror or error}") from None
    return result


def _done(module: StateModule, job: Job) -> dict[str, Any]:
    return {"id": job.id, "job": shown(job.wait(timeout=module.params["wait_timeout"]))}


def main() -> None:
    """Run the module."""
    module = StateModule(
        {
            "operation": {"type": "str", "choices": [*SUBMITTED, "wait", "cancel"], "required": True},
            "resources": {"type": "list", "elements": "str", "default": []},
            "identifiers": {"type": "list", "elements": "dict", "default": []},
            "level": {"type": "str", "choices": list(LEVELS), "default": "study"},
            "modality": {"type": "str"},
            "peer": {"type": "str"},
            "parameters": {"type": "dict", "default": {}},
            "dest": {"type": "path"},
            "force": {"type": "bool", "default": False},
            "id": {"type": "str"},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "float", "default": 300.0},
        },
        required_if=[
            ("operation", "anonymize", ("resources",)),
            ("operation", "modify", ("resources",)),
            ("operation", "archive", ("resources", "dest")),
            ("operation", "store", ("resources",)),
            ("operation", "store", ("modality", "peer"), True),
            ("operation", "move", ("modality", "identifiers")),
            ("operation", "wait", ("id",)),
            ("operation", "cancel", ("id",)),
        ],
        mutually_exclusive=[("modality", "peer")],
    )
    module.run(work)


if __name__ == "__main__":
    main()
