# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which modalities and peers answer a server."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule
    from orthanc_state.checks.links import Links

SECTIONS = ("modalities", "peers")


def asked(module: StateModule) -> tuple[int, list[dict[str, Any]], list[str]]:
    """Ask until all answer, or often enough.

    Args:
        module: The module, with the options of `echo`.

    Returns:
        How often it was asked, what was found, and why some did not answer.

    Raises:
        OrthancStateError: The server has no such modality or peer, or cannot be reached.
    """
    from orthanc_state.checks.registry import reaching_checks
    from orthanc_state.checks.run import run_checks
    from orthanc_state.checks.subject import Subject
    from orthanc_state.render.checks import check_data

    with module.connect() as orthanc:
        targets = _targets(module.params, orthanc)
        for attempt in range(1, module.params["retries"] + 2):
            if attempt > 1:
                time.sleep(module.params["delay"])

            def among(server: str, check: str, target: str) -> bool:
                return target in targets

            # Anew each time: a subject asks each thing once.
            results = run_checks([Subject(orthanc.url, orthanc)], reaching_checks(), among=among)
            found = [_shown(row) for row in check_data(results)["results"]]
            silent = [row for row in found if row["status"] != "ok"]
            if not silent:
                break
    return (
        attempt,
        found,
        [reason(row) for row in silent],
    )


def lost(links: Links) -> list[dict[str, Any]]:
    """Those that worked and no longer do.

    Args:
        links: Those that worked.
    """
    from orthanc_state.render.checks import check_data

    return [_shown(row) for row in check_data(links.lost())["results"]]


def reason(row: Mapping[str, Any]) -> str:
    """Which one does not answer, and why."""
    return f"{row['target']}: {'; '.join(filter(None, [row['message'], row['hint']]))}"


def _targets(given: Mapping[str, Any], orthanc: Any) -> set[str]:
    from orthanc_state import OrthancStateError

    reader = orthanc.read_only()
    known = {"modalities": reader.modalities.names(), "peers": reader.peers.names()}
    everything = all(given[section] is None for section in SECTIONS)
    targets = set()
    for section in SECTIONS:
        for name in known[section] if everything else given[section] or ():
            if name not in known[section]:
                names = ", ".join(sorted(known[section])) or "none"
                raise OrthancStateError(f"the server has no {section}/{name}", hint=f"Its {section} are {names}.")
            targets.add(f"{section}/{name}")
    return targets


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("check", "target", "status", "message", "hint", "seconds")}
