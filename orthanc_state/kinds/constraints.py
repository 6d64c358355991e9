"""What a value of a field must look like; each with a message that says what was expected."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from orthanc_state.kinds.json_schema import text

NAME = r"[A-Za-z0-9_-]+"
HEADER = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
SEGMENT = r"[^/\\\x00-\x1f\x7f-\x9f\ud800-\udfff]+"
HOST = r"[^\s/@\\\x00-\x1f\x7f]+"
AE_TITLE = r"[!-\[\]-~]([ -\[\]-~]{0,14}[!-\[\]-~])?"
HTTP_URL = r"https?://[^\s/\\@?#]+(/[^\s\\?#]*)?"
"""What the values look like, as far as a pattern can say; in the syntax that Python and JSON Schema share."""

_NAME, _TOKEN, _SEGMENT, _HOST = (re.compile(rf"{pattern}\Z") for pattern in (NAME, HEADER, SEGMENT, HOST))


def _symbolic_name(value: str) -> str:
    if not _NAME.match(value):
        raise PydanticCustomError("name", "a name has only letters, digits, `-` and `_` (Orthanc refuses any other)")
    return value


def _segment(value: str) -> str:
    if value in ("", ".", "..") or not _SEGMENT.match(value):
        raise PydanticCustomError(
            "name", "a name has no slash, no backslash and no control character: no request could reach it"
        )
    return value


def _ae_title(value: str) -> str:
    if not 1 <= len(value) <= 16:
        raise PydanticCustomError(
            "ae_title",
            "an AE title has 1 to 16 characters, this one has {length} (DICOM PS3.5, VR AE)",
            {"length": len(value)},
        )
    if any(not " " <= character <= "~" or character == "\\" for character in value):
        raise PydanticCustomError(
            "ae_title", "an AE title has only printable ASCII characters, and no backslash (DICOM PS3.5, VR AE)"
        )
    if value != value.strip(" "):
        raise PydanticCustomError(
            "ae_title", "an AE title does not begin or end with a space: DICOM drops it, Orthanc compares it"
        )
    return value


def _ae_title_or_empty(value: str) -> str:
    return _ae_title(value) if value else value


def _host(value: str) -> str:
    if not _HOST.match(value):
        raise PydanticCustomError("host", "expected a host name or an IP address, without a scheme, a path or spaces")
    return value


def _http_url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise PydanticCustomError("http_url", "expected a URL that begins with http:// or https:// (in lower case)")
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        # The reason would quote a part of it, which may be a password.
        raise PydanticCustomError("http_url", "not a URL: check the host and the port") from None
    if not host or re.search(r"[\s\x00-\x1f\x7f\\]", value):
        raise PydanticCustomError("http_url", "expected a URL such as https://backup.example:8042/, without spaces")
    if "@" in parts.netloc:
        raise PydanticCustomError(
            "http_url", "user name and password in a URL would be shown to everybody: use `username` and `password`"
        )
    if "?" in value or "#" in value:
        raise PydanticCustomError("http_url", "a base URL has no query and no fragment")
    # Orthanc adds the slash, and answers with it.
    return value if value.endswith("/") else value + "/"


def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "expected a whole number")
    return value


def _header_name(value: str) -> str:
    if not _TOKEN.match(value):
        raise PydanticCustomError("header", "this is not the name of an HTTP header")
    return value


_AE_TITLE_MESSAGE = "1 to 16 printable ASCII characters, no backslash, no space at the ends (DICOM PS3.5, VR AE)."

HeaderName = Annotated[str, AfterValidator(_header_name), text(HEADER, "This is not the name of an HTTP header.")]
"""The name of an HTTP header (RFC 9110): what has a colon or a blank in it is a name and a value run together."""

SymbolicName = Annotated[
    str, AfterValidator(_symbolic_name), text(NAME, "A name has only letters, digits, `-` and `_`.")
]
"""The name of a modality or peer, as it stands in the URLs of the REST API."""

AnyName = Annotated[
    str, AfterValidator(_segment), text(SEGMENT, "A name that can stand in a URL: no slash, no backslash.")
]
"""The name of a DICOMweb server: anything that can stand in a URL as one segment of its path."""

AETitle = Annotated[str, AfterValidator(_ae_title), text(AE_TITLE, _AE_TITLE_MESSAGE)]
"""An application entity title (DICOM PS3.5, value representation AE)."""

OptionalAETitle = Annotated[str, AfterValidator(_ae_title_or_empty), text(f"({AE_TITLE})?", _AE_TITLE_MESSAGE)]
"""An AE title, or the empty text for none."""

Host = Annotated[
    str, AfterValidator(_host), text(HOST, "A host name or an IP address, without a scheme, a path or spaces.")
]
"""A host name or an IP address."""

HttpUrl = Annotated[
    str,
    AfterValidator(_http_url),
    text(HTTP_URL, "A URL such as https://backup.example:8042/, without a user, a query or a fragment."),
]
"""A base URL, normalised as Orthanc does: it ends with a slash."""

Port = Annotated[int, Field(ge=1, le=65534), BeforeValidator(_no_bool)]
"""A TCP port; Orthanc refuses 65535."""

Seconds = Annotated[int, Field(ge=0, le=2**31 - 1), BeforeValidator(_no_bool)]
"""A duration in seconds; above 2147483647 some versions fail and others wrap around."""
