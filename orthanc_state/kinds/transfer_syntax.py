"""Transfer syntaxes: the ones that Orthanc knows, and the names and UIDs of all others that DICOM has."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthanc_state.kinds.version import Version

KNOWN_TO_ORTHANC = {
    "1.2.840.10008.1.2": "ImplicitVRLittleEndian",
    "1.2.840.10008.1.2.1": "ExplicitVRLittleEndian",
    "1.2.840.10008.1.2.1.99": "DeflatedExplicitVRLittleEndian",
    "1.2.840.10008.1.2.2": "ExplicitVRBigEndian",
    "1.2.840.10008.1.2.4.50": "JPEGBaseline8Bit",
    "1.2.840.10008.1.2.4.51": "JPEGExtended12Bit",
    "1.2.840.10008.1.2.4.52": "JPEGExtended35",
    "1.2.840.10008.1.2.4.53": "JPEGSpectralSelectionNonHierarchical68",
    "1.2.840.10008.1.2.4.54": "JPEGSpectralSelectionNonHierarchical79",
    "1.2.840.10008.1.2.4.55": "JPEGFullProgressionNonHierarchical1012",
    "1.2.840.10008.1.2.4.56": "JPEGFullProgressionNonHierarchical1113",
    "1.2.840.10008.1.2.4.57": "JPEGLossless",
    "1.2.840.10008.1.2.4.58": "JPEGLosslessNonHierarchical15",
    "1.2.840.10008.1.2.4.59": "JPEGExtendedHierarchical1618",
    "1.2.840.10008.1.2.4.60": "JPEGExtendedHierarchical1719",
    "1.2.840.10008.1.2.4.61": "JPEGSpectralSelectionHierarchical2022",
    "1.2.840.10008.1.2.4.62": "JPEGSpectralSelectionHierarchical2123",
    "1.2.840.10008.1.2.4.63": "JPEGFullProgressionHierarchical2426",
    "1.2.840.10008.1.2.4.64": "JPEGFullProgressionHierarchical2527",
    "1.2.840.10008.1.2.4.65": "JPEGLosslessHierarchical28",
    "1.2.840.10008.1.2.4.66": "JPEGLosslessHierarchical29",
    "1.2.840.10008.1.2.4.70": "JPEGLosslessSV1",
    "1.2.840.10008.1.2.4.80": "JPEGLSLossless",
    "1.2.840.10008.1.2.4.81": "JPEGLSNearLossless",
    "1.2.840.10008.1.2.4.90": "JPEG2000Lossless",
    "1.2.840.10008.1.2.4.91": "JPEG2000",
    "1.2.840.10008.1.2.4.92": "JPEG2000MCLossless",
    "1.2.840.10008.1.2.4.93": "JPEG2000MC",
    "1.2.840.10008.1.2.4.94": "JPIPReferenced",
    "1.2.840.10008.1.2.4.95": "JPIPReferencedDeflate",
    "1.2.840.10008.1.2.4.100": "MPEG2MPML",
    "1.2.840.10008.1.2.4.101": "MPEG2MPHL",
    "1.2.840.10008.1.2.4.102": "MPEG4HP41",
    "1.2.840.10008.1.2.4.103": "MPEG4HP41BD",
    "1.2.840.10008.1.2.4.104": "MPEG4HP422D",
    "1.2.840.10008.1.2.4.105": "MPEG4HP423D",
    "1.2.840.10008.1.2.4.106": "MPEG4HP42STEREO",
    "1.2.840.10008.1.2.4.107": "HEVCMP51",
    "1.2.840.10008.1.2.4.108": "HEVCM10P51",
    "1.2.840.10008.1.2.5": "RLELossless",
    "1.2.840.10008.1.2.6.1": "RFC2557MIMEEncapsulation",
    "1.2.840.10008.1.2.6.2": "XMLEncoding",
    "1.2.840.10008.1.2.4.110": "JPEGXLLossless",
    "1.2.840.10008.1.2.4.111": "JPEGXLJPEGRecompression",
    "1.2.840.10008.1.2.4.112": "JPEGXL",
    "1.2.840.10008.1.2.4.201": "HTJ2KLossless",
    "1.2.840.10008.1.2.4.202": "HTJ2KLosslessRPCL",
    "1.2.840.10008.1.2.4.203": "HTJ2K",
}
"""UID and keyword (DICOM PS3.6, table A-1) of every transfer syntax that an Orthanc knows, up to 1.13.0.

This is not a copy of the standard's table but of what servers accept: `["*"]` was sent to them. Names and UIDs that are
not here are looked up in pydicom, which takes longer to import than all else.
"""

_SINCE = {
    **dict.fromkeys(("1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203"), (1, 12, 11)),
    **dict.fromkeys(("1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.4.112"), (1, 13, 0)),
}

ALL = "all"
"""The word for every transfer syntax that the server knows."""

_UID_BY_KEYWORD = {keyword: uid for uid, keyword in KNOWN_TO_ORTHANC.items()}


def known_to(version: Version) -> set[str]:
    """The UIDs that a server of this version certainly knows."""
    return {uid for uid in KNOWN_TO_ORTHANC if version >= _SINCE.get(uid, ())}


def is_pattern(text: str) -> bool:
    """Whether a text has Orthanc's wildcards, `*` and `?`."""
    return "*" in text or "?" in text


def matching(patterns: Iterable[str], uids: Iterable[str]) -> set[str]:
    """The UIDs that one of the patterns matches; a pattern may be a UID."""
    wildcards = {"*": ".*", "?": "."}
    # Many stars in a row match what one does, and take for ever to find that out.
    simple = (re.sub(r"\*+", "*", pattern) for pattern in patterns)
    texts = ["".join(wildcards.get(character) or re.escape(character) for character in pattern) for pattern in simple]
    expression = re.compile("|".join(texts) if texts else r"(?!)", re.DOTALL)
    return {uid for uid in uids if expression.fullmatch(uid)}


def uid_of(text: str) -> str | None:
    """The UID for a UID, a keyword (`JPEG2000Lossless`) or a name (`JPEG 2000 ...`); None if DICOM has none such."""
    if text in KNOWN_TO_ORTHANC:
        return text
    return _UID_BY_KEYWORD.get(text) or _dicom().get(text)


def keyword_of(uid: str) -> str:
    """The keyword of a UID, or the UID itself where there is none."""
    return KNOWN_TO_ORTHANC.get(uid) or _keywords().get(uid, uid)


def all_uids() -> set[str]:
    """The UIDs of all transfer syntaxes, of Orthanc's and of DICOM's."""
    return {*KNOWN_TO_ORTHANC, *_keywords()}


def names() -> list[str]:
    """Every word by which a transfer syntax can be given."""
    return [ALL, *_UID_BY_KEYWORD, *_dicom()]


_NEWER = {
    "1.2.840.10008.1.2.4.110": ("JPEG XL Lossless", "JPEGXLLossless"),
    "1.2.840.10008.1.2.4.111": ("JPEG XL JPEG Recompression", "JPEGXLJPEGRecompression"),
    "1.2.840.10008.1.2.4.112": ("JPEG XL", "JPEGXL"),
    "1.2.840.10008.1.2.8.1": ("Deflated Image Frame Compression", "DeflatedImageFrameCompression"),
}
"""Transfer syntaxes of DICOM (PS3.6) that pydicom's dictionary lacks, unless another library has added them to it."""


@cache
def _keywords() -> dict[str, str]:
    return {uid: keyword for uid, (_, keyword) in _dictionary().items()}


@cache
def _dicom() -> dict[str, str]:
    """Each UID, name and keyword with its UID."""
    return {word: uid for uid, words in _dictionary().items() for word in (uid, *words)}


@cache
def _dictionary() -> dict[str, tuple[str, str]]:
    """Name and keyword of every transfer syntax of DICOM, by UID."""
    # Takes 0.15 s to import: only for what Orthanc does not know.
    from pydicom.uid import UID_dictionary  # type: ignore[attr-defined]  # documented, but not exported in its types

    known = {uid: (entry[0], entry[4]) for uid, entry in UID_dictionary.items() if entry[1] == "Transfer Syntax"}
    return {**known, **_NEWER}
