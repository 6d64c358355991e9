# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document that a task gives: of files, of the playbook, or of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.orthanc.state.plugins.module_utils.secrets import hidden, secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state import Document

DOCUMENTS: dict[str, Any] = {
    "document": {"type": "dict"},
    "files": {"type": "list", "elements": "path"},
    "beneath": {"type": "dict"},
    "variables": {"type": "dict"},
    "secret_variables": {"type": "dict", "no_log": True},
    "target": {"type": "list", "elements": "str", "default": []},
    "exclude": {"type": "list", "elements": "str", "default": []},
    "prune": {"type": "list", "elements": "str", "default": []},
}
"""Where a document comes from, and what of it is planned: the doc fragments `documents` and `sections`.

`document` has no suboptions here: what is wrong with it the kit says better, and it reads Orthanc's own spelling too.
"""


def document_of(given: Mapping[str, Any]) -> Document:
    """The document of a task.

    Args:
        given: The options of `DOCUMENTS`.

    Raises:
        DocumentError: It cannot be used.
        OrthancStateError: What is to be pruned cannot be.
    """
    from orthanc_state.document.load import VERSION, built, read
    from orthanc_state.document.source import Source

    variables = dict(given["variables"] or {})
    variables |= {name: secret(str(value)) for name, value in (given["secret_variables"] or {}).items()}
    files = given["files"] or ()
    sources = [Source("", {"version": VERSION, **hidden(data)}) for data in [given["beneath"]] if data]
    sources += read(*files, variables=variables)
    if given["document"] is not None or not sources:
        sources.append(Source("", {"version": VERSION, **hidden(given["document"] or {})}))
    document = built(sources)
    return document.pruning(given["prune"]) if given["prune"] else document
