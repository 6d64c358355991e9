#!/usr/bin/python
# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dump
short_description: Write the state of a running Orthanc server as a document
version_added: 1.0.0
description:
  - Reads what the server is, and gives it as a document of which a plan against the same server is empty.
  - Orthanc never returns secrets. References to environment variables stand in their place, and the names of these are
    given too.
author:
  - The orthanc-state developers (@orthanc-state)
extends_documentation_fragment:
  - orthanc.state.attributes
  - orthanc.state.server
attributes:
  check_mode:
    description: Says what would change, without changing it.
    support: full
    details: Only O(dest) can change.
  diff_mode:
    description: Shows what changes, field by field, without secrets.
    support: full
    details: Of O(dest), line by line.
  idempotent:
    description: Changes nothing where everything is so already.
    support: full
options:
  dest:
    description:
      - The file that the document is written to, where the task runs. It appears when it is whole.
    type: path
seealso:
  - module: orthanc.state.document
"""

EXAMPLES = r"""
---
- name: Keep what the server is
  orthanc.state.dump:
    orthanc_url: http://pacs.example:8042
    dest: backup/pacs.yaml
  delegate_to: localhost
"""

RETURN = r"""
---
document:
  description: The document as data. A secret stands in it as C(!env NAME).
  returned: success
  type: dict
  sample: {version: 1, modalities: {pacs: {aet: PACS, host: 10.0.0.5, port: 11112}}}
text:
  description: The document as YAML.
  returned: success
  type: str
variables:
  description: The environment variables that have to be set before it can be used.
  returned: success
  type: list
  elements: str
  sample: [PEERS_BACKUP_PASSWORD]
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
    """Read the server, and write the file."""
    from orthanc_state import dump

    with module.connect() as orthanc:
        found = dump(orthanc)
    for warning in found.warnings:
        module.warn(str(warning))
    result = {"document": dict(found.data), "text": found.text, "variables": list(found.variables)}
    dest = module.params["dest"]
    return {"changed": False, **result} if dest is None else {**result, **_written(module, dest, found.text)}


def _written(module: StateModule, dest: str, text: str) -> dict[str, Any]:
    from pathlib import Path

    from orthanc_state import OrthancStateError
    from orthanc_state.client.partial_file import PartialFile

    path = Path(dest)
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if before != text and not module.check_mode:
            with PartialFile(path) as file:
                file.write(text.encode())
                file.sync()
    except (OSError, UnicodeDecodeError) as error:
        raise OrthancStateError(f"cannot write {dest}: {getattr(error, 'strerror', None) or error}") from None
    diff = {"before": before, "after": text, "before_header": dest, "after_header": dest}
    return {"changed": before != text, "diff": diff}


def main() -> None:
    """Run the module."""
    module = StateModule({"dest": {"type": "path"}})
    module.run(work)


if __name__ == "__main__":
    main()
