# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search among what a server stores, for the module and the lookup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthanc_state import Orthanc

LEVELS = {"patient": "patients", "study": "studies", "series": "series", "instance": "instances"}
"""The levels, each with what the client calls all of it."""

SEARCH: dict[str, Any] = {
    "level": {"type": "str", "choices": list(LEVELS), "default": "study"},
    "query": {"type": "dict", "default": {}},
    "labels": {"type": "list", "elements": "str", "default": []},
    "labels_constraint": {"type": "str", "choices": ["all", "any", "none"], "default": "all"},
    "metadata": {"type": "dict", "default": {}},
}
"""What is looked for: the doc fragment `search`."""


def find(
    orthanc: Orthanc, given: Mapping[str, Any], *, content: bool = False, requested_tags: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """All that matches, each with its identifier.

    Args:
        orthanc: The server.
        given: The options of `SEARCH`.
        content: Whether what is known of each is wanted too.
        requested_tags: Further tags.

    Raises:
        ClientError: The server refuses, is too old for what is asked, or cannot be reached.
    """
    criteria: dict[str, Any] = {}
    if given["labels"]:
        criteria |= {"labels": given["labels"], "labels_constraint": given["labels_constraint"].capitalize()}
    if given["metadata"]:
        criteria["metadata"] = {name: str(value) for name, value in given["metadata"].items()}
    query = {tag: str(value) for tag, value in given["query"].items()}
    level = getattr(orthanc.read_only(), LEVELS[given["level"]])
    if not content:
        return [{"ID": identifier} for identifier in level.find_ids(query, **criteria)]
    return [dict(found) for found in level.find(query, requested_tags=requested_tags, **criteria)]
