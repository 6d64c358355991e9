"""The base URL of a server."""

from __future__ import annotations

import httpx

from orthanc_state.client import errors


def base_url(text: str) -> httpx.URL:
    """A base URL, checked.

    Raises:
        ConfigurationError: It is none, or holds what it must not: credentials, a query, a fragment.
    """
    # What may hold a password is not repeated in a message.
    shown = "this" if set(text) & set("@?#") else repr(text)
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        url = None
    if url is not None and url.userinfo:
        raise errors.ConfigurationError(
            "the URL holds a user name or password, which would be shown in messages",
            hint="Give them as ORTHANC_USERNAME and ORTHANC_PASSWORD.",
        )
    if url is None or url.scheme not in {"http", "https"} or not url.host:
        raise errors.ConfigurationError(
            f"{shown} is not the URL of an Orthanc", hint="Write it as http://HOST:PORT or https://HOST/PATH."
        )
    if url.query or url.fragment:
        raise errors.ConfigurationError("the URL holds a query or a fragment; a base URL has neither")
    return url
