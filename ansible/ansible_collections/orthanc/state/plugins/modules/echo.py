#!/usr/bin/python
# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: echo
short_description: See whether modalities answer C-ECHO and peers answer an Orthanc server
version_added: 1.0.0
description:
  - Has the server send a C-ECHO to modalities, and ask peers who they are. Nothing is changed anywhere.
  - The task fails when one of them does not answer, so that C(until) can wait for it. By itself it tries again, too.
author:
  - The orthanc-state developers (@orthanc-state)
extends_documentation_fragment:
  - orthanc.state.attributes
  - orthanc.state.attributes.reading
  - orthanc.state.server
options:
  modalities:
    description:
      - The names of the modalities that have to answer.
      - Where neither these nor O(peers) are given, all that the server knows have to.
    type: list
    elements: str
  peers:
    description:
      - The names of the peers that have to answer.
    type: list
    elements: str
  retries:
    description:
      - How often those that did not answer are asked again.
    type: int
    default: 0
  delay:
    description:
      - Seconds to wait before they are.
    type: float
    default: 2.0
seealso:
  - module: orthanc.state.modality
  - module: orthanc.state.peer
"""

EXAMPLES = r"""
---
- name: Wait for the archive
  orthanc.state.echo:
    orthanc_url: http://pacs.example:8042
    modalities: [archive]
    retries: 10
    delay: 3
  delegate_to: localhost

- name: The same, with what Ansible has for it
  orthanc.state.echo:
    orthanc_url: http://pacs.example:8042
    peers: [backup]
  delegate_to: localhost
  register: backup
  until: backup is succeeded
  retries: 10
  delay: 3
"""

RETURN = r"""
---
results:
  description: What was found of each, with its C(target), its C(status), V(ok), V(failed) or V(skipped), and why.
  returned: when the server could be asked
  type: list
  elements: dict
  sample: [{check: echo, target: modalities/archive, status: ok, message: answers C-ECHO}]
attempts:
  description: How often was asked.
  returned: when the server could be asked
  type: int
  sample: 1
error:
  description: What was wrong, and what to do about it.
  returned: when the server cannot be reached, or refuses
  type: dict
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.orthanc.state.plugins.module_utils.links import asked
from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule

if TYPE_CHECKING:
    from collections.abc import Mapping


def work(module: StateModule) -> Mapping[str, Any]:
    """Ask until all answer."""
    attempts, results, silent = asked(module)
    result = {"changed": False, "results": results, "attempts": attempts}
    if silent:
        module.fail_json(msg="\n".join(["no answer:", *silent]), **result)
    return result


def main() -> None:
    """Run the module."""
    module = StateModule(
        {
            "modalities": {"type": "list", "elements": "str"},
            "peers": {"type": "list", "elements": "str"},
            "retries": {"type": "int", "default": 0},
            "delay": {"type": "float", "default": 2.0},
        }
    )
    module.run(work)


if __name__ == "__main__":
    main()
