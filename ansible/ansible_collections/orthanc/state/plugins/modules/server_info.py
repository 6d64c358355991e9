#!/usr/bin/python
# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: server_info
short_description: Read what an Orthanc server says of itself
version_added: 1.0.0
description:
  - Gives the version, the name and the AE title of the server, what it stores, and its plugins.
author:
  - The orthanc-state developers (@orthanc-state)
extends_documentation_fragment:
  - orthanc.state.attributes
  - orthanc.state.attributes.reading
  - orthanc.state.server
seealso:
  - module: orthanc.state.dump
"""

EXAMPLES = r"""
---
- name: Which Orthanc is it
  orthanc.state.server_info:
    orthanc_url: http://pacs.example:8042
  delegate_to: localhost
  register: pacs

- name: One that knows labels
  ansible.builtin.assert:
    that: pacs.system.Version is version("1.12.0", ">=")
"""

RETURN = r"""
---
system:
  description: What the server answers to C(GET /system).
  returned: success
  type: dict
  sample: {Name: ward7, Version: 1.12.7, DicomAet: WARD7, ApiVersion: 27}
statistics:
  description: How much is stored, as the server answers to C(GET /statistics).
  returned: success
  type: dict
  sample: {CountPatients: 12, CountStudies: 30, CountSeries: 120, CountInstances: 9000}
plugins:
  description: The names of its plugins.
  returned: success
  type: list
  elements: str
  sample: [dicom-web, explorer.js]
error:
  description: What was wrong, and what to do about it.
  returned: when the server cannot be reached, or refuses
  type: dict
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule

if TYPE_CHECKING:
    from collections.abc import Mapping


def work(module: StateModule) -> Mapping[str, Any]:
    """Ask the server."""
    with module.connect() as orthanc:
        reader = orthanc.read_only()
        return {
            "changed": False,
            "system": dict(reader.system()),
            "statistics": dict(reader.statistics()),
            "plugins": sorted(reader.plugins.names()),
        }


def main() -> None:
    """Run the module."""
    module = StateModule({})
    module.run(work)


if __name__ == "__main__":
    main()
