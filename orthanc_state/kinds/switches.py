"""What is known of the switches of a server's configuration: read from the server, or assumed in the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.client import ApiError
from orthanc_state.client.switches import READING_SCRIPT, switches_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.client import Orthanc

ASSUMABLE: Mapping[str, str] = {
    "modalities_in_database": "DicomModalitiesInDatabase",
    "peers_in_database": "OrthancPeersInDatabase",
    "dicomweb_servers_in_database": "DicomWeb.ServersInDatabase",
    "always_allow_echo": "DicomAlwaysAllowEcho",
    "always_allow_store": "DicomAlwaysAllowStore",
    "always_allow_find": "DicomAlwaysAllowFind",
    "always_allow_find_worklist": "DicomAlwaysAllowFindWorklist",
    "always_allow_get": "DicomAlwaysAllowGet",
    "always_allow_move": "DicomAlwaysAllowMove",
    "https_verify_peers": "HttpsVerifyPeers",
}
"""What `assume` in a document may say, each with the switch of `orthanc.json` that it is about."""


def word_for(switch: str) -> str:
    """What `assume` calls a switch; empty where it cannot be assumed."""
    return next((word for word, name in ASSUMABLE.items() if name == switch), "")


def read_switches(orthanc: Orthanc) -> dict[str, bool]:
    """The switches of a server that allows scripts (`ExecuteLuaEnabled`), by their names; empty for one that does not.

    Raises:
        ConnectionFailedError: The server cannot be reached.
    """
    try:
        return switches_in(orthanc.tools.execute_script(READING_SCRIPT, patient=False))
    except ApiError:
        return {}
