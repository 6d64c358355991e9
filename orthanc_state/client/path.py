"""Paths of the REST API, each segment quoted."""

from __future__ import annotations

from urllib.parse import quote

from orthanc_state.client.errors import PathError


def join(*segments: str) -> str:
    """A path from segments that may hold any character: `join("modalities", "a b")` is `/modalities/a%20b`.

    Raises:
        PathError: A segment would lead elsewhere: Orthanc decodes `%2F`, takes a backslash for a slash
            and resolves `..` before it routes.
    """
    for segment in segments:
        if segment in {"", ".", ".."} or "/" in segment or "\\" in segment:
            raise PathError(f"{segment!r} cannot be part of a path: Orthanc would take it for another one")
        if not segment.isascii() and any("\ud800" <= character <= "\udfff" for character in segment):
            raise PathError(f"{segment!r} holds what is no character")
    return "/" + "/".join(quote(segment, safe="") for segment in segments)
