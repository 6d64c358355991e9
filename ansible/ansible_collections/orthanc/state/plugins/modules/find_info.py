#!/usr/bin/python
# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: find_info
short_description: Find what an Orthanc server stores
version_added: 1.0.0
description:
  - Searches patients, studies, series or instances, and gives Orthanc's identifiers of all that match. No result is
    lost to the limits of the server.
  - Tags, labels and metadata are given only where O(content) asks for them, since tags are data about patients.
author:
  - The orthanc-state developers (@orthanc-state)
extends_documentation_fragment:
  - orthanc.state.attributes
  - orthanc.state.attributes.reading
  - orthanc.state.server
  - orthanc.state.search
options:
  content:
    description:
      - Give what is known of each too, and not only its identifier. It may be data about patients.
    type: bool
    default: false
  requested_tags:
    description:
      - Further DICOM tags to give for each, with O(content).
    type: list
    elements: str
    default: []
seealso:
  - plugin: orthanc.state.find
    plugin_type: lookup
"""

EXAMPLES = r"""
---
- name: Find the CT studies that are not archived yet
  orthanc.state.find_info:
    orthanc_url: http://pacs.example:8042
    level: study
    query: {ModalitiesInStudy: CT}
    labels: [archive]
    labels_constraint: none
  delegate_to: localhost
  register: found
"""

RETURN = r"""
---
ids:
  description: Orthanc's identifiers of what matches.
  returned: success
  type: list
  elements: str
  sample: [9ad2b0da-a406c43c-6e0df76d-1204b86f-78d12c15]
count:
  description: How many match.
  returned: success
  type: int
  sample: 1
resources:
  description: What is known of each, as Orthanc answers it.
  returned: with O(content)
  type: list
  elements: dict
error:
  description: What was wrong, and what to do about it.
  returned: when the server cannot be reached, or refuses
  type: dict
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule
from ansible_collections.orthanc.state.plugins.module_utils.searching import SEARCH, find

if TYPE_CHECKING:
    from collections.abc import Mapping


def work(module: StateModule) -> Mapping[str, Any]:
    """Ask the server."""
    given = module.params
    with module.connect() as orthanc:
        found = find(orthanc, given, content=given["content"], requested_tags=given["requested_tags"])
    ids = [str(resource["ID"]) for resource in found]
    more = {"resources": found} if given["content"] else {}
    return {"changed": False, "ids": ids, "count": len(ids), **more}


def main() -> None:
    """Run the module."""
    module = StateModule(
        {
            **SEARCH,
            "content": {"type": "bool", "default": False},
            "requested_tags": {"type": "list", "elements": "str", "default": []},
        }
    )
    module.run(work)


if __name__ == "__main__":
    main()
