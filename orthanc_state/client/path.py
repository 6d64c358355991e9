"""Paths of the REST API, each segment quoted."""

from __future__ import annotations

import re
from urllib.parse import quote

from orthanc_state.client.errors import PathError

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def join(*segments: str) -> str:
    """A path from segments that may hold any character: `join("modalities", "a b")` is `/modalities/a%20b`.

    Raises:
        PathError: A segment would lead elsewhere: Orthanc decodes `%2F`, takes a backslash for a slash
            and resolves `..` before it routes.
    """
    return "/" + "/".join(map(_quoted, segments))


def _quoted(segment: str) -> str:
    if _PLAIN.fullmatch(segment):
        return segment
    if segment in {"", ".", ".."} or "/" in segment or "\\" in segment:
        raise PathError(f"{segment!r} cannot be part of a path: Orthanc would take it for another one")
    if not segment.isascii() and any("\ud800" <= character <= "\udfff" for character in segment):
        raise PathError(f"{segment!r} holds what is no character")
    return quote(segment, safe="")
