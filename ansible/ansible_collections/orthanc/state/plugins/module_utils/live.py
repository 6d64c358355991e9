# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries that a server has, as the modules that read them give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule


def entries(module: StateModule, section: str) -> dict[str, Any]:
    """Each entry of a section with all of its fields; a secret is never more than the word.

    Args:
        module: The module; its option `name` narrows to one.
        section: The section of a document.

    Raises:
        ClientError: The server cannot be reached, or refuses.
    """
    from orthanc_state.kinds.fingerprint import Fingerprints
    from orthanc_state.kinds.kind import Context
    from orthanc_state.kinds.live import read
    from orthanc_state.kinds.registry import resource_kind

    kind = resource_kind(section)
    with module.connect() as orthanc:
        live = read(orthanc, [kind])
    states = kind.live(live.raw[kind.name], None, Context(live.server.number, Fingerprints()))
    wanted = module.params["name"]
    return {name: plain(state) for name, state in sorted(states.items()) if wanted in (None, name)}


def plain(value: Any) -> Any:
    """A value as Ansible takes it."""
    from orthanc_state.render.value import value_data

    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value_data(value)
