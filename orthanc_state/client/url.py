"""The base URL of a server."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import httpx

from orthanc_state.client import errors

if TYPE_CHECKING:
    from collections.abc import Mapping


_PLAIN = re.compile(r"/(?:[A-Za-z0-9/_.~,;=&?+-]|%[0-9A-Fa-f]{2})*")


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


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, as far as the name tells."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def path_of(path: str, params: Mapping[str, Any] | None) -> str:
    """A path with its query.

    A comma and a semicolon stay as they are: before 1.13.0 Orthanc does not decode them in a list.
    """
    if not params:
        return path
    query = str(httpx.QueryParams(params)).replace("+", "%20").replace("%2C", ",").replace("%3B", ";")
    return f"{path}{'&' if '?' in path else '?'}{query}"


def is_plain(target: str, content: object) -> bool:
    """Whether a path and its query can be sent as they are, with a body that is there as a whole."""
    return _PLAIN.fullmatch(target) is not None and (content is None or isinstance(content, bytes | str))
