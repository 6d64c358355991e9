# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: find
short_description: Find what an Orthanc server stores
version_added: 1.0.0
description:
  - Gives Orthanc's identifiers of the patients, studies, series or instances that match.
author:
  - The orthanc-state developers (@orthanc-state)
extends_documentation_fragment:
  - orthanc.state.server.plugin
  - orthanc.state.search
options:
  _terms:
    description: None are taken.
    type: list
    elements: str
seealso:
  - module: orthanc.state.find_info
"""

EXAMPLES = r"""
---
- name: Show the CT studies
  ansible.builtin.debug:
    msg: "{{ query('orthanc.state.find', orthanc_url='http://pacs.example:8042', level='study', query=criteria) }}"
  vars:
    criteria: {ModalitiesInStudy: CT}
  delegate_to: localhost
"""

RETURN = r"""
---
_raw:
  description: The identifiers.
  type: list
  elements: str
"""

import sys
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.orthanc.state.plugins.module_utils.module import LIBRARY, access
from ansible_collections.orthanc.state.plugins.module_utils.searching import find

if TYPE_CHECKING:
    from collections.abc import Sequence


class LookupModule(LookupBase):  # type: ignore[misc]
    """Finds what a server stores."""

    def run(self, terms: Sequence[Any], variables: Any = None, **kwargs: Any) -> list[str]:
        """The identifiers of what matches.

        Args:
            terms: Nothing.
            variables: Those of the host.
            kwargs: The options.
        """
        self.set_options(var_options=variables, direct=kwargs)
        if terms:
            raise AnsibleLookupError("orthanc.state.find takes options only, such as level='study'")
        try:
            from orthanc_state import Orthanc, OrthancStateError
        except ImportError as error:
            command = f"{sys.executable} -m pip install {LIBRARY}"
            raise AnsibleLookupError(f"the library {LIBRARY} is missing where Ansible runs: {command}") from error
        given = self.get_options()
        try:
            with Orthanc(**access(given)) as orthanc:
                return [str(resource["ID"]) for resource in find(orthanc, given)]
        except OrthancStateError as error:
            raise AnsibleLookupError(" ".join(filter(None, [str(error), error.hint]))) from None
