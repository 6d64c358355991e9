"""DICOM files for the tests, made by pydicom: their patients have never lived, their UIDs follow from their names."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

import numpy
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    EncapsulatedPDFStorage,
    ExplicitVRLittleEndian,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
    generate_uid,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS, COLUMNS = 16, 12
SLOPE, INTERCEPT = 2, -1000
PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def uid(*names: object) -> str:
    """A UID that is always the same for the same names."""
    return str(generate_uid(entropy_srcs=[repr(tuple(map(str, names)))]))


def orthanc_id(*identifiers: str) -> str:
    """Orthanc's identifier of what has these DICOM identifiers: those of patient, study, series and instance."""
    digest = hashlib.sha1("|".join(identifiers).encode(), usedforsecurity=False).hexdigest()
    return "-".join(digest[start : start + 8] for start in range(0, 40, 8))


def ids_of(dataset: Dataset) -> dict[str, str]:
    """Orthanc's identifiers of the patient, the study, the series and the instance of a file, by level."""
    identifiers = [dataset.PatientID, dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID]
    levels = ("patients", "studies", "series", "instances")
    return {level: orthanc_id(*identifiers[: depth + 1]) for depth, level in enumerate(levels)}


def ramp(frames: int = 1, *, dtype: str = "uint16", first: int = 0, step: int = 21) -> NDArray[Any]:
    """Pixels of which no two are the same: (frames, rows, columns)."""
    values = first + step * numpy.arange(frames * ROWS * COLUMNS)
    return values.astype(dtype).reshape(frames, ROWS, COLUMNS)


def basic(
    sop_class: str, patient: str = "PAT1", study: object = 1, series: object = 1, instance: int = 1, **tags: Any
) -> Dataset:
    """What every file has: patient, study, series and instance. Further tags are given by their keywords."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = uid(patient, study, series, instance)
    dataset.StudyDate = "20260102"
    dataset.StudyTime = "112233"
    dataset.AccessionNumber = f"ACC{study}"
    dataset.Modality = "OT"
    dataset.ReferringPhysicianName = "Referring^Doctor"
    dataset.InstitutionName = "Hospital of Nowhere"
    dataset.StudyDescription = f"Study {study}"
    dataset.SeriesDescription = f"Series {series}"
    dataset.PatientName = f"Test^{patient}"
    dataset.PatientID = patient
    dataset.PatientBirthDate = "19700101"
    dataset.PatientSex = "O"
    dataset.StudyInstanceUID = uid(patient, study)
    dataset.SeriesInstanceUID = uid(patient, study, series)
    dataset.StudyID = str(study)
    dataset.SeriesNumber = 1
    dataset.InstanceNumber = instance
    for keyword, value in tags.items():
        setattr(dataset, keyword, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return dataset


def ct(
    patient: str = "PAT1",
    study: object = 1,
    series: object = 1,
    instance: int = 1,
    *,
    pixels: NDArray[Any] | None = None,
    **tags: Any,
) -> Dataset:
    """A slice of a CT with 16 bits, slope and intercept; it lies `instance` mm above the table."""
    dataset = basic(CTImageStorage, patient, study, series, instance, **{"Modality": "CT", **tags})
    dataset.FrameOfReferenceUID = uid(patient, study, series, "frame of reference")
    dataset.ImagePositionPatient = [0, 0, instance]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [1, 1]
    dataset.RescaleSlope = SLOPE
    dataset.RescaleIntercept = INTERCEPT
    return with_pixels(dataset, ramp() if pixels is None else pixels)


def multi_frame(
    patient: str = "PAT1", study: object = 1, series: object = 1, instance: int = 1, *, frames: int = 3, **tags: Any
) -> Dataset:
    """An image of several frames of 16 bits."""
    dataset = basic(MultiFrameGrayscaleWordSecondaryCaptureImageStorage, patient, study, series, instance, **tags)
    return with_pixels(dataset, ramp(frames))


def rgb(patient: str = "PAT1", study: object = 1, series: object = 1, instance: int = 1, **tags: Any) -> Dataset:
    """A colour image of 8 bits."""
    dataset = basic(SecondaryCaptureImageStorage, patient, study, series, instance, **tags)
    return with_pixels(dataset, colours())


def colours() -> NDArray[Any]:
    """The pixels of `rgb`: (1, rows, columns, 3)."""
    return (numpy.arange(ROWS * COLUMNS * 3) % 251).astype("uint8").reshape(1, ROWS, COLUMNS, 3)


def pdf(patient: str = "PAT1", study: object = 1, series: object = 1, instance: int = 1, **tags: Any) -> Dataset:
    """A PDF within a DICOM file."""
    dataset = basic(EncapsulatedPDFStorage, patient, study, series, instance, **{"Modality": "DOC", **tags})
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocument = PDF + b"\0" * (len(PDF) % 2)
    return dataset


def with_sequences(
    patient: str = "PAT1", study: object = 1, series: object = 1, instance: int = 1, **tags: Any
) -> Dataset:
    """A CT with two items in a sequence, of which the second holds a sequence itself."""
    first, second, code = Dataset(), Dataset(), Dataset()
    first.RequestedProcedureID = "REQ1"
    second.RequestedProcedureID = "REQ2"
    code.CodeValue = "113724"
    code.CodingSchemeDesignator = "DCM"
    code.CodeMeaning = "For professional reasons"
    second.ReasonForRequestedProcedureCodeSequence = [code]
    return ct(patient, study, series, instance, RequestAttributesSequence=[first, second], **tags)


def with_pixels(dataset: Dataset, pixels: NDArray[Any]) -> Dataset:
    """Give a file its pixels: (frames, rows, columns), or (frames, rows, columns, 3) for colours."""
    bits = pixels.dtype.itemsize * 8
    dataset.Rows, dataset.Columns = pixels.shape[1:3]
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = 1 if pixels.dtype.kind == "i" else 0
    if len(pixels) > 1:
        dataset.NumberOfFrames = len(pixels)
    if pixels.ndim == 4:
        dataset.SamplesPerPixel = 3
        dataset.PhotometricInterpretation = "RGB"
        dataset.PlanarConfiguration = 0
    else:
        dataset.SamplesPerPixel = 1
        dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OW" if bits > 8 else "OB"
    return dataset


def encoded(dataset: Dataset) -> bytes:
    """A file as bytes."""
    target = io.BytesIO()
    pydicom.dcmwrite(target, dataset, enforce_file_format=True)
    return target.getvalue()


def decoded(content: bytes) -> Dataset:
    """A file from bytes."""
    return pydicom.dcmread(io.BytesIO(content))
