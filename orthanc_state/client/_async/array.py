"""Pixels as NumPy arrays."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

from orthanc_state.client._async.content import Content
from orthanc_state.client.answer import unexpected

if TYPE_CHECKING:
    import numpy

    from orthanc_state.client._async.connection import Connection


async def array(connection: Connection, path: str, *, rescale: bool, compress: bool) -> numpy.ndarray:
    """Ask for an array. Uncompressed, it lies in the very buffer into which it was received, and can be written to.

    Raises:
        ModuleNotFoundError: NumPy is not installed.
        UnexpectedAnswerError: The answer is no array.
    """
    import numpy

    params = {"rescale": "true" if rescale else "false", "compress": "true" if compress else "false"}
    received = await Content(connection, "GET", path, params=params).buffer()
    try:
        if compress:
            with numpy.load(io.BytesIO(received), allow_pickle=False) as archive:
                return cast("numpy.ndarray", archive["arr_0"])
        head = io.BytesIO(memoryview(received)[:_HEAD])
        version = numpy.lib.format.read_magic(head)
        if version != (1, 0):
            raise ValueError(version)
        shape, fortran, kind = numpy.lib.format.read_array_header_1_0(head)
        taken = numpy.frombuffer(received, dtype=kind, offset=head.tell())
        return taken.reshape(shape, order="F" if fortran else "C")
    except (ValueError, KeyError, EOFError, OSError):
        raise unexpected("GET", path, "a NumPy array", bytes(received[:200])) from None


_HEAD = 1 << 16
"""A header of the first version is shorter than this."""
