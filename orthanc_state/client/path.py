"""Paths of the REST API, each segment quoted."""

from __future__ import annotations

from urllib.parse import quote


def join(*segments: str) -> str:
    """A path from segments that may hold any character: `join("modalities", "a b")` is `/modalities/a%20b`.

    Orthanc decodes `%2F` before it routes, so a name with a slash cannot be reached: it answers 404.
    """
    return "/" + "/".join(quote(segment, safe="") for segment in segments)
