"""The other Orthancs that a server knows, reached over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from orthanc_state.kinds.secret import Secret
from orthanc_state.kinds.web_service import WebService, WebServices

if TYPE_CHECKING:
    from orthanc_state.client import Orthanc


class Peer(WebService):
    """One other Orthanc."""


class Peers(WebServices):
    """`peers:` in a document, `OrthancPeers` in `orthanc.json`."""

    name = "peers"
    rank = 20
    orthanc_name = "OrthancPeers"
    summary = "The other Orthancs that it sends to over HTTP."
    durability = "OrthancPeersInDatabase"
    example: ClassVar[Any] = {
        "backup": {
            "url": "https://backup.example/",
            "username": "sync",
            "password": Secret("", "!env BACKUP_PASSWORD"),
            "http_headers": {"X-Api-Key": Secret("", "!file secrets/key")},
            "timeout": 30,
        },
    }
    model = Peer
    parallel = True

    def configurations(self, orthanc: Orthanc) -> dict[str, dict[str, Any]]:
        return orthanc.peers.configurations()

    def configuration(self, orthanc: Orthanc, name: str) -> dict[str, Any]:
        return orthanc.peers[name].configuration()


KIND = Peers()
