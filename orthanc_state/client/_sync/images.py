# Generated from ../_async by tools/make_sync.py: change it there.
"""Images of an instance or of one of its frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from orthanc_state.client._sync.array import array
from orthanc_state.client._sync.content import Content
from orthanc_state.client._sync.resource import Resource
from orthanc_state.client.answer import numbers, strings
from orthanc_state.client.options import RenderOptions, WindowOptions
from orthanc_state.client.parameters import checked

if TYPE_CHECKING:
    import numpy

PNG = "image/png"
JPEG = "image/jpeg"
PAM = "image/x-portable-arbitrarymap"

PLACEHOLDER = "/app/images/unsupported.png"
"""What Orthanc redirects to where a frame cannot be decoded and `return_unsupported_image` asks for it."""


class Images(Resource):
    """What an instance (its first frame) and a single frame can be decoded to.

    `accept` is the type of the image: `image/png`, `image/jpeg` (not for 16 bits) or `image/x-portable-arbitrarymap`.
    """

    def image_int16(self, *, accept: str = PNG, **options: Unpack[RenderOptions]) -> Content:
        """The pixels cut off at -32768 and 32767.

        Operation: `GET /instances/{id}/image-int16`, `GET /instances/{id}/frames/{frame}/image-int16`.

        Args:
            accept: The type of the image.
            options: See `RenderOptions`.
        """
        return self._image("image-int16", accept, checked(options, RenderOptions))

    def image_uint16(self, *, accept: str = PNG, **options: Unpack[RenderOptions]) -> Content:
        """The pixels cut off at 0 and 65535.

        Operation: `GET /instances/{id}/image-uint16`, `GET /instances/{id}/frames/{frame}/image-uint16`.

        Args:
            accept: The type of the image.
            options: See `RenderOptions`.
        """
        return self._image("image-uint16", accept, checked(options, RenderOptions))

    def image_uint8(self, *, accept: str = PNG, **options: Unpack[RenderOptions]) -> Content:
        """The pixels cut off at 0 and 255.

        Operation: `GET /instances/{id}/image-uint8`, `GET /instances/{id}/frames/{frame}/image-uint8`.

        Args:
            accept: The type of the image.
            options: See `RenderOptions`.
        """
        return self._image("image-uint8", accept, checked(options, RenderOptions))

    def preview(self, *, accept: str = PNG, **options: Unpack[RenderOptions]) -> Content:
        """The pixels stretched to 8 bits.

        Operation: `GET /instances/{id}/preview`, `GET /instances/{id}/frames/{frame}/preview`.

        Args:
            accept: The type of the image.
            options: See `RenderOptions`.
        """
        return self._image("preview", accept, checked(options, RenderOptions))

    def rendered(self, *, accept: str = PNG, **options: Unpack[WindowOptions]) -> Content:
        """The image as a viewer would show it, windowed and resized.

        Operation: `GET /instances/{id}/rendered`, `GET /instances/{id}/frames/{frame}/rendered`; since 1.2.0.

        Args:
            accept: The type of the image.
            options: See `WindowOptions`.
        """
        return self._image("rendered", accept, checked(options, WindowOptions))

    def matlab(self) -> Content:
        """The pixels as an expression of MATLAB or Octave.

        Operation: `GET /instances/{id}/matlab`, `GET /instances/{id}/frames/{frame}/matlab`.
        """
        return Content(self._connection, "GET", self._path("matlab"))

    def numpy(self, *, rescale: bool = False, compress: bool = False) -> numpy.ndarray:
        """The pixels as an array of (frames, rows, columns, channels), of a single frame without the first of them.

        Operation: `GET /instances/{id}/numpy`, `GET /instances/{id}/frames/{frame}/numpy`; since 1.9.6.

        Args:
            rescale: Apply slope and intercept, which gives floating-point numbers; colours stay as they are.
            compress: Compress on the way; the array is then copied once more.

        Raises:
            ModuleNotFoundError: NumPy is not installed.
        """
        return array(self._connection, self._path("numpy"), rescale=rescale, compress=compress)

    def _image(self, kind: str, accept: str, params: dict[str, str]) -> Content:
        placeholder = PLACEHOLDER if "returnUnsupportedImage" in params else None
        return Content(
            self._connection,
            "GET",
            self._path(kind),
            params=params,
            headers={"Accept": accept},
            placeholder=placeholder,
        )


class Frame(Images):
    """One frame of an instance, counted from 0."""

    def operations(self) -> list[str]:
        """What can be done with it. Operation: `GET /instances/{id}/frames/{frame}`."""
        return strings(self._path(), self._connection.json("GET", self._path()))

    def raw(self, *, compress: bool = False) -> Content:
        """Its bytes as they are in the file, not decoded.

        Operation: `GET /instances/{id}/frames/{frame}/raw`, `GET /instances/{id}/frames/{frame}/raw.gz`.

        Args:
            compress: As a gzip file.
        """
        return Content(self._connection, "GET", self._path("raw.gz" if compress else "raw"))


class Frames(Resource):
    """The frames of an instance, by number."""

    def __getitem__(self, index: int) -> Frame:
        return Frame(self._connection, *self._segments, str(index))

    def indexes(self) -> list[int]:
        """Their numbers, from 0. Operation: `GET /instances/{id}/frames`."""
        return numbers(self._path(), self._connection.json("GET", self._path()))
