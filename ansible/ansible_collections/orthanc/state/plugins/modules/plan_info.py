#!/usr/bin/python
# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: plan_info
short_description: Say what an apply of a document would change on an Orthanc server
version_added: 1.0.0
description:
  - Plans a whole desired state against a server, and gives the plan as data, as text and as Markdown. Nothing is
    written.
author:
  - The orthanc-state developers (@orthanc-state)
extends_documentation_fragment:
  - orthanc.state.attributes
  - orthanc.state.attributes.reading
  - orthanc.state.server
  - orthanc.state.documents
  - orthanc.state.sections
seealso:
  - module: orthanc.state.document
"""

EXAMPLES = r"""
---
- name: See what would change
  orthanc.state.plan_info:
    orthanc_url: http://pacs.example:8042
    files: [site.yaml]
  delegate_to: localhost
  register: planned

- name: Refuse to go on while the server has drifted
  ansible.builtin.assert:
    that: planned.plan.in_sync
    fail_msg: "{{ planned.text }}"
"""

RETURN = r"""
---
plan:
  description: The plan as data, as C(orthanc-state plan --json) prints it, but for the fields of what is created or
    deleted that are as Orthanc has them by itself. A secret is never more than the word.
  returned: success
  type: dict
  sample: {in_sync: false, summary: {create: 1, update: 0, delete: 0, unchanged: 0, unmanaged: 2, by_policies: 0}}
text:
  description: The plan as text for people.
  returned: success
  type: str
  sample: "Plan: 1 to create, 0 unchanged."
markdown:
  description: The plan as Markdown, for a comment on a pull or merge request.
  returned: success
  type: str
error:
  description: What was wrong, with its places and what to do about it.
  returned: when the document cannot be used, or the server cannot be reached
  type: dict
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.orthanc.state.plugins.module_utils.documents import DOCUMENTS, document_of
from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule, in_words

if TYPE_CHECKING:
    from collections.abc import Mapping


def work(module: StateModule) -> Mapping[str, Any]:
    """Plan the document."""
    from orthanc_state import plan
    from orthanc_state.render.data import plan_data
    from orthanc_state.render.line import plain
    from orthanc_state.render.markdown import plan_markdown
    from orthanc_state.render.planned import plan_view
    from orthanc_state.render.text import plan_lines

    given = module.params
    with module.connect() as orthanc:
        found = plan(orthanc, document_of(given), targets=given["target"], excludes=given["exclude"])
    for warning in found.warnings:
        module.warn(str(warning))
    view = plan_view(found)
    return {
        "changed": False,
        "plan": plan_data(found, with_defaults=False),
        "text": in_words("\n".join(map(plain, plan_lines(view)))),
        "markdown": in_words(plan_markdown(view)),
    }


def main() -> None:
    """Run the module."""
    module = StateModule(DOCUMENTS, required_one_of=[("document", "files", "beneath")])
    module.run(work)


if __name__ == "__main__":
    main()
