"""Which server of the inventory a modality is."""

from __future__ import annotations

import socket
from functools import cache
from typing import TYPE_CHECKING, Any

from orthanc_state.client import ClientError

if TYPE_CHECKING:
    from orthanc_state.checks.subject import Subject


def other_end(subject: Subject, entry: Any) -> Subject | None:
    """The server of the inventory that a declared modality stands for; None where it is none of them.

    It is at the same host, and has the AE title or the port of the entry, so that the other of the two can be compared.

    Args:
        subject: The server whose modality it is.
        entry: The modality, as the document declares it.
    """
    best: tuple[int, Subject | None] = (0, None)
    for other in subject.others:
        if not same_host(entry.host, other.host):
            continue
        try:
            system = other.system
        except ClientError:
            # It is a failure of its own that this one does not answer.
            continue
        agreed = 2 * (system.get("DicomPort") == entry.port) + (system.get("DicomAet") == entry.aet)
        if agreed > best[0]:
            best = (agreed, other)
    return best[1]


@cache
def same_host(one: str, other: str) -> bool:
    """Whether two names are of one host, as this machine resolves them."""
    if one.lower() == other.lower():
        return True
    return not _addresses(one).isdisjoint(_addresses(other))


@cache
def _addresses(host: str) -> frozenset[str]:
    try:
        return frozenset(str(info[4][0]) for info in socket.getaddrinfo(host, None))
    except (OSError, UnicodeError):
        return frozenset()
