# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets within options that hold whole sections of a document, known by the fields that they stand in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.orthanc.state.plugins.module_utils.arguments import SECRET_IN_LIST, SECRETS

WHOLE = ("document", "beneath")
"""The options that hold whole sections."""

REFERENCE = "the value in the playbook"
"""What stands for a secret of a playbook in a journal."""

_TAGS = ("!env ", "!file ")

Replace = Callable[[str], Any]


def hidden(data: Any) -> Any:
    """Sections with their secrets as the kit holds them: never shown, and known to come from a playbook.

    Args:
        data: The sections.
    """
    return replaced(data, secret)


def secret(value: str) -> Any:
    """A secret as the kit holds it.

    Args:
        value: The secret.
    """
    from orthanc_state.kinds.secret import Secret

    # A tag in quotes is text, which the kit refuses with what to do.
    return value if value.startswith(_TAGS) else Secret(value, REFERENCE)


def replaced(data: Any, replace: Replace) -> Any:
    """Sections with something else in place of each secret.

    Args:
        data: The sections.
        replace: Is given each secret, and gives what stands in its place.
    """
    if not isinstance(data, Mapping):
        return data
    found = {}
    for key, value in data.items():
        if key in SECRET_IN_LIST:
            found[key] = _entries(value, SECRET_IN_LIST[key], replace)
        elif key == "DicomWeb":
            found[key] = replaced(value, replace)
        elif key == "fingerprints":
            found[key] = _fields(value, replace)
        else:
            found[key] = value
    return found


def _entries(value: Any, place: int, replace: Replace) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {name: _entry(entry, place, replace) for name, entry in value.items()}


def _entry(entry: Any, place: int, replace: Replace) -> Any:
    if isinstance(entry, list):
        return [_texts(item, replace) if index == place else item for index, item in enumerate(entry)]
    return _fields(entry, replace)


def _fields(entry: Any, replace: Replace) -> Any:
    if not isinstance(entry, Mapping):
        return entry
    return {name: _texts(value, replace) if name in SECRETS else value for name, value in entry.items()}


def _texts(value: Any, replace: Replace) -> Any:
    if isinstance(value, Mapping):
        return {key: _texts(item, replace) for key, item in value.items()}
    return replace(value) if isinstance(value, str) and value else value
