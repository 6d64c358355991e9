# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of a server: submitted, waited for, cancelled, shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.orthanc.state.plugins.module_utils.searching import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state import Orthanc
    from orthanc_state.client._sync.jobs import Job

SUBMITTED = ("anonymize", "modify", "store", "move", "archive")
"""The operations that make a job."""

UNDONE = ("Pending", "Running", "Paused", "Retry")
"""The states of a job that is not done."""


def shown(details: Mapping[str, Any]) -> dict[str, Any]:
    """The details of a job, without what it was told of a peer: the values of HTTP headers are among it."""
    content = details.get("Content")
    if not isinstance(content, dict):
        return dict(details)
    return {**details, "Content": {key: value for key, value in content.items() if key != "Peer"}}


def submit(orthanc: Orthanc, given: Mapping[str, Any], level: str) -> Job | None:
    """Have a job begun; None where the server has done the work at once, as before 1.11.1 it does a C-MOVE.

    Args:
        orthanc: The server.
        given: The options of the module `job`.
        level: What `check` gave.

    Raises:
        OrthancStateError: The server refuses.
    """
    from orthanc_state.client import UnsupportedError

    resources, options = given["resources"], given["parameters"]
    match given["operation"]:
        case "anonymize":
            return orthanc.tools.submit_bulk_anonymize(resources, **options)
        case "modify":
            # By itself a server makes new instances in the same study, where no identifier is among what is replaced.
            return orthanc.tools.submit_bulk_modify(resources, **{"level": level, **options})
        case "archive":
            return orthanc.tools.submit_create_archive(resources, **options)
        case "move":
            moved: Any = given["level"].capitalize()
            modality = orthanc.modalities[given["modality"]]
            try:
                return modality.submit_move(moved, given["identifiers"], **options)
            except UnsupportedError:
                modality.move(moved, given["identifiers"], **options)
                return None
        case _:
            if given["peer"]:
                return orthanc.peers[given["peer"]].submit_store(resources, **options)
            return orthanc.modalities[given["modality"]].submit_store(resources, **options)


def check(orthanc: Orthanc, given: Mapping[str, Any]) -> str:
    """Refuse what the server would refuse, without beginning a job.

    Args:
        orthanc: The server.
        given: The options of the module `job`.

    Returns:
        The level of the resources; empty where they are of several, or there are none.

    Raises:
        OrthancStateError: An option is none of the operation, or something that it names is not on the server.
    """
    from orthanc_state import OrthancStateError

    _check(given)
    reader = orthanc.read_only()
    for section, known in (("modality", reader.modalities), ("peer", reader.peers)):
        if given[section] and given[section] not in known.names():
            names = ", ".join(known.names()) or "none"
            raise OrthancStateError(f"the server has no {section} {given[section]}", hint=f"It has {names}.")
    levels = {_level(reader, identifier) for identifier in given["resources"]}
    if len(levels) > 1 and given["operation"] == "modify" and "level" not in given["parameters"]:
        words = ", ".join(sorted(levels))
        raise OrthancStateError(f"resources of several levels ({words})", hint="Give `level` in `parameters`.")
    return levels.pop() if len(levels) == 1 else ""


def _level(reader: Orthanc, identifier: str) -> str:
    from orthanc_state import OrthancStateError
    from orthanc_state.client import NotFoundError

    for level, plural in LEVELS.items():
        try:
            getattr(reader, plural)[identifier].details()
        except NotFoundError:
            continue
        return level.capitalize()
    raise OrthancStateError(f"the server stores nothing of the identifier {identifier}")


def _check(given: Mapping[str, Any]) -> None:
    from orthanc_state import OrthancStateError
    from orthanc_state.client import options
    from orthanc_state.client.parameters import check as check_options

    kinds: dict[str, type] = {
        "anonymize": options.AnonymizeJobOptions,
        "modify": options.BulkModifyOptions,
        "archive": options.ArchiveJobOptions,
        "move": options.MoveOptions,
        "store": options.PeerStoreOptions if given["peer"] else options.StoreOptions,
    }
    try:
        check_options(given["parameters"], kinds[given["operation"]])
    except TypeError as error:
        raise OrthancStateError(f"parameters: {error}") from None
