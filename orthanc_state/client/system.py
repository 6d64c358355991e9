"""What a server says of itself."""

from __future__ import annotations

from typing import Any, TypedDict


class SystemInformation(TypedDict, total=False):
    """The answer of `GET /system`; which keys it has depends on the version.

    The keys below are those that the kit reads; the others are in the dictionary as the server gave them.
    """

    Name: str
    Version: str
    ApiVersion: int
    DicomAet: str
    DicomPort: int
    HttpPort: int
    CheckRevisions: bool
    HasLabels: bool
    Capabilities: dict[str, bool]
    UserMetadata: dict[str, Any]
    DatabaseServerIdentifier: str
