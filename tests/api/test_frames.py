"""The pixels of instances and of their frames: images in all forms, raw bytes, arrays."""

from __future__ import annotations

import gzip
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy
import pytest

from orthanc_state import Orthanc
from orthanc_state.client import ApiError, BadRequestError, NotFoundError, ServerError
from tests.api.dicom_files import (
    COLUMNS,
    INTERCEPT,
    ROWS,
    SLOPE,
    colours,
    ct,
    ids_of,
    multi_frame,
    pdf,
    ramp,
    rgb,
    with_pixels,
)
from tests.api.pictures import JPEG, PAM, PNG, TYPES, matlab, pam, size_of
from tests.api.stored import FIRST, store

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from orthanc_state.client._sync.images import Images
    from orthanc_state.client._sync.instances import Instance

FRAMES = 3
OPERATIONS = {
    "image-int16",
    "image-uint16",
    "image-uint8",
    "matlab",
    "numpy",
    "preview",
    "raw",
    "raw.gz",
    "rendered",
}


def stored(orthanc: Orthanc, dataset: Dataset) -> Instance:
    """An instance, stored now."""
    store(orthanc, dataset)
    return orthanc.instances[ids_of(dataset)["instances"]]


def both(instance: Instance) -> list[Images]:
    """An instance and its first frame, which have the same images."""
    return [instance, instance.frames[0]]


def buffer_of(array: NDArray[Any]) -> object:
    """Where the numbers of an array are kept in the end."""
    base: object = array
    while isinstance(base, numpy.ndarray) and base.base is not None:
        base = base.base
    return base.obj if isinstance(base, memoryview) else base


def test_frames_are_counted_and_told_apart(orthanc: Orthanc) -> None:
    instance = stored(orthanc, multi_frame(frames=FRAMES))
    assert instance.frames.indexes() == [0, 1, 2]
    assert set(instance.frames[1].operations()) == OPERATIONS
    assert stored(orthanc, rgb(study=2)).frames.indexes() == [0]
    with pytest.raises(ApiError):
        instance.frames[FRAMES].raw().read()
    with pytest.raises(BadRequestError):
        instance.frames[FRAMES].numpy()


def test_raw_bytes_are_those_of_the_file_and_compressed_ones_too(orthanc: Orthanc) -> None:
    dataset = multi_frame(frames=FRAMES)
    instance = stored(orthanc, dataset)
    size = ROWS * COLUMNS * 2
    for index in range(FRAMES):
        raw = instance.frames[index].raw().read()
        assert raw == dataset.PixelData[index * size : (index + 1) * size]
        assert gzip.decompress(instance.frames[index].raw(compress=True).read()) == raw


@pytest.mark.parametrize("compress", [False, True])
def test_an_array_has_the_pixels_that_were_stored(orthanc: Orthanc, compress: bool) -> None:
    for dataset, pixels in (
        (ct(study=1), ramp()),
        (ct(study=2, pixels=ramp(dtype="int16", first=-2000)), ramp(dtype="int16", first=-2000)),
        (multi_frame(study=3, frames=FRAMES), ramp(FRAMES)),
        (ct(study=4, pixels=ramp(dtype="uint8", step=1)), ramp(dtype="uint8", step=1)),
    ):
        instance = stored(orthanc, dataset)
        array = instance.numpy(compress=compress)
        assert array.dtype == pixels.dtype
        assert array.shape == (*pixels.shape, 1)
        assert numpy.array_equal(array[..., 0], pixels)
        series = orthanc.series[ids_of(dataset)["series"]].numpy(rescale=False, compress=compress)
        assert numpy.array_equal(series, array)
        for index, frame in enumerate(pixels):
            single = instance.frames[index].numpy(compress=compress)
            assert single.shape == (ROWS, COLUMNS, 1)
            assert numpy.array_equal(single[..., 0], frame)
    coloured = stored(orthanc, rgb(study=5))
    assert numpy.array_equal(coloured.numpy(compress=compress), colours())
    assert numpy.array_equal(coloured.frames[0].numpy(compress=compress), colours()[0])


@pytest.mark.parametrize("compress", [False, True])
def test_an_array_is_rescaled_when_wanted(orthanc: Orthanc, compress: bool) -> None:
    instance = stored(orthanc, FIRST)
    expected = (ramp() * float(SLOPE) + INTERCEPT)[..., None]
    array = instance.numpy(rescale=True, compress=compress)
    assert array.dtype == numpy.float32
    assert numpy.array_equal(array, expected)
    assert numpy.array_equal(instance.frames[0].numpy(rescale=True, compress=compress), expected[0])
    assert numpy.array_equal(orthanc.series[ids_of(FIRST)["series"]].numpy(compress=compress), expected)


def test_the_array_of_a_series_is_in_the_order_of_the_slices(orthanc: Orthanc) -> None:
    # Stored from the middle, numbered from above to below: their position decides.
    slices = [ct(instance=n, pixels=ramp(first=n)) for n in (3, 1, 4, 2)]
    for n, dataset in zip((3, 1, 4, 2), slices, strict=True):
        dataset.InstanceNumber = 10 - n
        store(orthanc, dataset)
    series = orthanc.series[ids_of(slices[0])["series"]]
    ordered = series.ordered_slices()
    assert ordered["Type"] == "Volume"
    by_position = [ids_of(ct(instance=n))["instances"] for n in (1, 2, 3, 4)]
    assert [identifier for identifier, _, _ in ordered["SlicesShort"]] == by_position
    assert ordered["Dicom"] == [f"/instances/{each}/file" for each in by_position]
    assert ordered["Slices"] == [f"/instances/{each}/frames/0" for each in by_position]
    assert series.numpy(rescale=False)[:, 0, 0, 0].tolist() == [1, 2, 3, 4]


def test_an_array_lies_in_the_buffer_that_was_received_and_can_be_written(orthanc: Orthanc) -> None:
    side = 1024
    large = with_pixels(ct(), numpy.arange(side * side, dtype="uint16").reshape(1, side, side))
    instance = stored(orthanc, large)
    size = side * side * 2
    tracemalloc.start()
    try:
        array = instance.numpy()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert array.nbytes == size
    assert peak < 1.5 * size
    buffer = buffer_of(array)
    assert isinstance(buffer, bytearray)
    array[0, 0, 0, 0] = 4711
    assert (4711).to_bytes(2, "little") in buffer[:200]
    compressed = instance.numpy(compress=True)
    compressed += 1
    assert compressed[0, 0, 1, 0] == 2


@pytest.mark.parametrize("accept", TYPES)
def test_images_have_the_type_and_the_size_that_they_should(orthanc: Orthanc, accept: str) -> None:
    instance = stored(orthanc, FIRST)
    for images in both(instance):
        kinds: list[Callable[..., Any]] = [images.preview, images.rendered, images.image_uint8]
        if accept != JPEG:
            kinds += [images.image_uint16, images.image_int16]
        for kind in kinds:
            assert size_of(kind(accept=accept).read()) == (accept, COLUMNS, ROWS)
        assert size_of(images.rendered(accept=accept, width=6).read()) == (accept, 6, 8)
        assert size_of(images.rendered(accept=accept, height=4, smooth=True).read()) == (accept, 3, 4)
        assert size_of(images.rendered(accept=accept, width=100, height=32).read()) == (accept, 24, 32)
        if accept == PNG:
            assert size_of(images.preview().read())[0] == size_of(images.rendered().read())[0] == PNG


def test_16_bits_are_no_jpeg(orthanc: Orthanc) -> None:
    for images in both(stored(orthanc, FIRST)):
        for content in (images.image_uint16(accept=JPEG), images.image_int16(accept=JPEG)):
            with pytest.raises(NotFoundError):
                content.read()


def test_pixels_are_cut_off_or_stretched_to_what_an_image_holds(orthanc: Orthanc) -> None:
    signed = ramp(dtype="int16", first=-2000)
    unsigned = ramp(step=300)
    for pixels, study in ((signed, 1), (unsigned, 2)):
        for images in both(stored(orthanc, ct(study=study, pixels=pixels))):
            frame = pixels[0][..., None].astype(int)
            uint8 = pam(images.image_uint8(accept=PAM).read())
            uint16 = pam(images.image_uint16(accept=PAM).read())
            int16 = pam(images.image_int16(accept=PAM).read()).astype("uint16").view("int16")
            assert numpy.array_equal(uint8, frame.clip(0, 255))
            assert numpy.array_equal(uint16, frame.clip(0, 65535))
            assert numpy.array_equal(int16, frame.clip(-32768, 32767))
            preview = pam(images.preview(accept=PAM).read())
            assert (preview.min(), preview.max()) == (0, 255)
            assert (numpy.diff(preview[..., 0].ravel().astype(int)) >= 0).all()


def test_an_image_is_windowed_as_a_viewer_would(orthanc: Orthanc) -> None:
    for images in both(stored(orthanc, FIRST)):
        window = pam(images.rendered(accept=PAM, window_center=1000.5, window_width=2001).read())
        values = (ramp()[0] * float(SLOPE) + INTERCEPT)[..., None]
        expected = ((values / 2001) * 255).clip(0, 255)
        assert window.shape == expected.shape
        assert abs(window - expected).max() <= 1
        # Another window, another image; and one that is smoothed when it shrinks is another one too.
        assert not numpy.array_equal(window, pam(images.rendered(accept=PAM).read()))
        options: dict[str, Any] = {"accept": PAM, "width": 6, "window_center": 1000.5, "window_width": 2001}
        assert not numpy.array_equal(
            pam(images.rendered(**options).read()), pam(images.rendered(smooth=True, **options).read())
        )


def test_colours_stay(orthanc: Orthanc) -> None:
    for images in both(stored(orthanc, rgb())):
        assert numpy.array_equal(pam(images.preview(accept=PAM).read()), colours()[0])
        assert numpy.array_equal(pam(images.rendered(accept=PAM).read()), colours()[0])


def test_a_better_jpeg_is_a_larger_one(orthanc: Orthanc) -> None:
    for images in both(stored(orthanc, FIRST)):
        for kind in (images.preview, images.rendered, images.image_uint8):
            low, high = (len(kind(accept=JPEG, quality=quality).read()) for quality in (1, 100))
            assert low < high


def test_the_pixels_as_an_expression_of_matlab(orthanc: Orthanc) -> None:
    instance = stored(orthanc, multi_frame(frames=FRAMES))
    assert numpy.array_equal(matlab(instance.matlab().read()), ramp(FRAMES)[0])
    for index, frame in enumerate(ramp(FRAMES)):
        assert numpy.array_equal(matlab(instance.frames[index].matlab().read()), frame)


def test_each_frame_has_its_own_images(orthanc: Orthanc) -> None:
    instance = stored(orthanc, multi_frame(frames=FRAMES))
    for index, frame in enumerate(ramp(FRAMES)):
        images = instance.frames[index]
        assert numpy.array_equal(pam(images.image_uint16(accept=PAM).read())[..., 0], frame)
        assert numpy.array_equal(pam(images.image_int16(accept=PAM).read())[..., 0], frame)
        assert pam(images.image_uint8(accept=PAM).read()).shape == (ROWS, COLUMNS, 1)


def test_what_is_no_image_cannot_be_shown(orthanc: Orthanc) -> None:
    document = stored(orthanc, pdf())
    for images in both(document):
        for content in (images.preview(), images.rendered(), images.image_uint8()):
            with pytest.raises(ApiError, match="415"):
                content.read()
        with pytest.raises(ServerError):
            images.numpy()


@pytest.mark.parametrize("frame", [False, True], ids=["instance", "frame"])
def test_what_is_no_image_has_a_placeholder_when_wanted(orthanc: Orthanc, frame: bool) -> None:
    document = stored(orthanc, pdf())
    images = document.frames[0] if frame else document
    for content in (
        images.preview(return_unsupported_image=True),
        images.rendered(return_unsupported_image=True),
        images.image_uint8(return_unsupported_image=True),
        images.image_uint16(return_unsupported_image=True),
        images.image_int16(return_unsupported_image=True),
    ):
        assert size_of(content.read())[0] == PNG


@pytest.mark.parametrize("accept", TYPES)
def test_what_can_be_shown_is_no_placeholder(orthanc: Orthanc, accept: str) -> None:
    instance = stored(orthanc, FIRST)
    for images in both(instance):
        assert images.preview(accept=accept, return_unsupported_image=True).read() == (
            images.preview(accept=accept).read()
        )
