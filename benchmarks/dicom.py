"""Made-up DICOM files, thousands in a second: one is written with pydicom, the others differ in their identifiers."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterable
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

DAYS = 28
"""The studies are of so many days, in turn."""

_STUDY, _SERIES, _INSTANCE = "1.2.3.4.1000000001", "1.2.3.4.2000000001", "1.2.3.4.3000000001"
_PATIENT, _DATE = "PAT0000001", "20200101"
_HEAD = 2000


class Factory:
    """Makes the files of one size.

    Args:
        side: Of the square picture, in pixels of two bytes; 0 for none. They are noise, which nothing compresses.
    """

    def __init__(self, side: int = 0) -> None:
        written = io.BytesIO()
        _dataset(side).save_as(written, enforce_file_format=True)
        content = written.getvalue()
        self._head, self._tail = content[:_HEAD], content[_HEAD:]

    def file(self, study: int, instance: int) -> bytes:
        """The file of an instance; each study has a patient and a series of its own."""
        head = self._head
        for placeholder, value in (
            (_STUDY, f"1.2.3.4.1{study:09}"),
            (_SERIES, f"1.2.3.4.2{study:09}"),
            (_INSTANCE, f"1.2.3.4.3{instance:09}"),
            (_PATIENT, f"PAT{study:07}"),
            (_DATE, day(study)),
        ):
            head = head.replace(placeholder.encode(), value.encode())
        return head + self._tail


def day(study: int) -> str:
    """The date of a study."""
    return f"202001{study % DAYS + 1:02}"


def archive(files: Iterable[bytes]) -> bytes:
    """A ZIP archive of files, which Orthanc takes in one request."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as target:
        for number, content in enumerate(files):
            target.writestr(f"{number:08}", content)
    return written.getvalue()


def write_files(folder: Path, count: int, *, per_study: int, side: int) -> None:
    """Files in a folder."""
    factory = Factory(side)
    for number in range(count):
        (folder / f"{number:05}.dcm").write_bytes(factory.file(number // per_study, number))


def _dataset(side: int) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = UID(_INSTANCE)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = _STUDY, _SERIES
    dataset.PatientID, dataset.PatientName = _PATIENT, f"TEST^{_PATIENT}"
    dataset.PatientBirthDate, dataset.PatientSex = "19700101", "O"
    dataset.StudyDate, dataset.StudyTime, dataset.StudyID = _DATE, "120000", "S1"
    dataset.AccessionNumber, dataset.ReferringPhysicianName = f"A{_PATIENT}", "NOBODY^REF"
    dataset.StudyDescription, dataset.SeriesDescription = "Synthetic thorax", "Axial"
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = "CT", 1, 1
    if side:
        dataset.Rows = dataset.Columns = side
        dataset.BitsAllocated = dataset.BitsStored = 16
        dataset.HighBit, dataset.PixelRepresentation, dataset.SamplesPerPixel = 15, 0, 1
        dataset.PhotometricInterpretation = "MONOCHROME2"
        dataset.PixelData = random.Random(0).randbytes(side * side * 2)
    return dataset
