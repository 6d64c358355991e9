#!/usr/bin/python
# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: job_info
short_description: Read the jobs of an Orthanc server
version_added: 1.0.0
description:
  - Gives the details of one job, or of all that the server still knows. It forgets those that are done after a while.
  - What a job was told of a peer is left out, since the values of its HTTP headers are among it.
author:
  - The orthanc-state developers (@orthanc-state)
extends_documentation_fragment:
  - orthanc.state.attributes
  - orthanc.state.attributes.reading
  - orthanc.state.server
options:
  id:
    description:
      - The identifier of the only one to read. Where there is none, the task fails.
    type: str
seealso:
  - module: orthanc.state.job
"""

EXAMPLES = r"""
---
- name: Wait until nothing runs any more
  orthanc.state.job_info:
    orthanc_url: http://pacs.example:8042
  delegate_to: localhost
  register: known
  until: known.jobs | selectattr("State", "in", ["Pending", "Running"]) | list | length == 0
  retries: 30
  delay: 2
"""

RETURN = r"""
---
jobs:
  description: The details of each, as Orthanc answers them.
  returned: success
  type: list
  elements: dict
  sample: [{ID: 0a6cd5d8-a8a1-44a1-a3b2-2ba6f0a5b2f5, Type: Archive, State: Success, Progress: 100}]
error:
  description: What was wrong, and what to do about it.
  returned: when the server cannot be reached, or refuses
  type: dict
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.orthanc.state.plugins.module_utils.jobs import shown
from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule

if TYPE_CHECKING:
    from collections.abc import Mapping


def work(module: StateModule) -> Mapping[str, Any]:
    """Ask the server."""
    identifier = module.params["id"]
    with module.connect() as orthanc:
        jobs = orthanc.read_only().jobs
        found = jobs.all() if identifier is None else [jobs[identifier].details()]
    return {"changed": False, "jobs": [shown(details) for details in found]}


def main() -> None:
    """Run the module."""
    module = StateModule({"id": {"type": "str"}})
    module.run(work)


if __name__ == "__main__":
    main()
