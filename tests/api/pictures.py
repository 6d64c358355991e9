"""What the tests must know of image files, for want of a library that reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from numpy.typing import NDArray

PNG = "image/png"
JPEG = "image/jpeg"
PAM = "image/x-portable-arbitrarymap"
TYPES = (PNG, JPEG, PAM)


def size_of(content: bytes) -> tuple[str, int, int]:
    """The type, the width and the height of an image."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG, int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    if content.startswith(b"\xff\xd8\xff") and content.endswith(b"\xff\xd9"):
        # The head of a baseline frame: its length, the bits of a sample, height and width.
        found = re.search(rb"\xff\xc0..\x08(..)(..)", content, re.DOTALL)
        assert found is not None
        return JPEG, int.from_bytes(found[2], "big"), int.from_bytes(found[1], "big")
    pixels = pam(content)
    return PAM, pixels.shape[1], pixels.shape[0]


def pam(content: bytes) -> NDArray[Any]:
    """The pixels of a portable arbitrary map: (rows, columns, channels)."""
    head, separator, pixels = content.partition(b"ENDHDR\n")
    assert head.startswith(b"P7\n")
    assert separator
    fields = dict(line.split(" ", 1) for line in head.decode().splitlines()[1:])
    kind = ">u2" if int(fields["MAXVAL"]) > 255 else "u1"
    return numpy.frombuffer(pixels, kind).reshape(int(fields["HEIGHT"]), int(fields["WIDTH"]), int(fields["DEPTH"]))


def matlab(content: bytes) -> NDArray[Any]:
    """The pixels of an expression of MATLAB that is a matrix of two dimensions."""
    found = re.fullmatch(r"double\(\[(.*)\]\)\s*", content.decode(), re.DOTALL)
    assert found is not None
    return numpy.array([[float(value) for value in row.split()] for row in found[1].split(";")])
