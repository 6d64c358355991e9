#!/usr/bin/python
# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: modality_info
short_description: Read the modalities that an Orthanc server knows
version_added: 1.0.0
description:
  - Gives every field of each of them, also where it has Orthanc's default.
author:
  - The orthanc-state developers (@orthanc-state)
extends_documentation_fragment:
  - orthanc.state.attributes
  - orthanc.state.attributes.reading
  - orthanc.state.server
options:
  name:
    description:
      - The name of the only one to read. Where the server has none of this name, the answer is empty.
    type: str
seealso:
  - module: orthanc.state.modality
"""

EXAMPLES = r"""
---
- name: Read the modalities
  orthanc.state.modality_info:
    orthanc_url: http://pacs.example:8042
  delegate_to: localhost
  register: known

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ known.modalities | list }}"
"""

RETURN = r"""
---
modalities:
  description: Each with its fields, by name, in the spelling of the options of M(orthanc.state.modality).
  returned: success
  type: dict
  sample: {pacs: {aet: PACS, host: 10.0.0.5, port: 11112}}
error:
  description: What was wrong, and what to do about it.
  returned: when the server cannot be reached, or refuses
  type: dict
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.orthanc.state.plugins.module_utils.live import entries
from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule

if TYPE_CHECKING:
    from collections.abc import Mapping


def work(module: StateModule) -> Mapping[str, Any]:
    """Ask the server."""
    return {"changed": False, "modalities": entries(module, "modalities")}


def main() -> None:
    """Run the module."""
    module = StateModule({"name": {"type": "str"}})
    module.run(work)


if __name__ == "__main__":
    main()
