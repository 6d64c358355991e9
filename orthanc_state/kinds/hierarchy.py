"""The levels of the DICOM model, and to which of them a tag belongs."""

from __future__ import annotations

from functools import cache
from typing import Literal, cast

from orthanc_state.client.answers import LevelName

LevelWord = Literal["patient", "study", "series", "instance"]

LEVELS: tuple[LevelWord, ...] = ("patient", "study", "series", "instance")

_MAIN_TAGS: dict[LevelWord, str] = {
    "patient": "PatientName PatientID PatientBirthDate PatientSex OtherPatientIDs",
    "study": "StudyDate StudyTime AccessionNumber InstitutionName ReferringPhysicianName StudyDescription "
    "StudyInstanceUID StudyID RequestingPhysician RequestedProcedureDescription TimezoneOffsetFromUTC",
    "series": "SeriesDate SeriesTime Modality Manufacturer StationName SeriesDescription OperatorsName "
    "ContrastBolusAgent BodyPartExamined SequenceName ProtocolName CardiacNumberOfImages "
    "AcquisitionDeviceProcessingDescription SeriesInstanceUID SeriesNumber ImageOrientationPatient "
    "NumberOfTemporalPositions ImagesInAcquisition PerformedProcedureStepStartDate "
    "PerformedProcedureStepStartTime PerformedProcedureStepDescription RequestAttributesSequence "
    "NumberOfSlices NumberOfTimeSlices SeriesType",
    "instance": "InstanceCreationDate InstanceCreationTime SOPInstanceUID AcquisitionNumber InstanceNumber "
    "ImagePositionPatient TemporalPositionIdentifier ImageComments NumberOfFrames ImageIndex",
}
"""The main DICOM tags of each level, as Orthanc 1.12.7 and 1.13.0 index them by default (`/system`)."""

_COMPUTED: dict[LevelWord, str] = {
    "patient": "NumberOfPatientRelatedStudies NumberOfPatientRelatedSeries NumberOfPatientRelatedInstances",
    "study": "ModalitiesInStudy SOPClassesInStudy NumberOfStudyRelatedSeries NumberOfStudyRelatedInstances",
    "series": "NumberOfSeriesRelatedInstances",
    "instance": "",
}
"""What Orthanc computes for one level, and matches at that level only."""

INSTEAD = {
    ("Modality", "study"): "ModalitiesInStudy",
    ("Modality", "patient"): "",
    ("ModalitiesInStudy", "series"): "Modality",
    ("ModalitiesInStudy", "instance"): "Modality",
    ("SOPClassUID", "study"): "SOPClassesInStudy",
    ("SOPClassesInStudy", "series"): "SOPClassUID",
    ("SOPClassesInStudy", "instance"): "SOPClassUID",
}
"""What asks the same at a level where a keyword never matches."""


@cache
def _homes() -> dict[str, tuple[LevelWord, bool]]:
    main = {tag: (level, False) for level in reversed(LEVELS) for tag in _MAIN_TAGS[level].split()}
    return main | {tag: (level, True) for level in LEVELS for tag in _COMPUTED[level].split()}


def main_tags(level: LevelWord) -> tuple[str, ...]:
    """The keywords that belong to a level: those that the index has by default, and those that Orthanc computes."""
    return tuple(keyword for keyword, (home, _) in _homes().items() if home == level)


def is_main_tag(keyword: str) -> bool:
    """Whether the index has a tag by default; for any other the server reads files."""
    return keyword in _homes()


def is_stored(keyword: str) -> bool:
    """Whether the index stores a tag by default, so that it stays the same whatever is deleted beneath the resource."""
    return keyword in _homes() and not _homes()[keyword][1]


def can_match(keyword: str, level: LevelWord) -> bool:
    """Whether a keyword can match anything at a level: that of its own, or one below; a computed one at its own only.

    A tag that is in no index is read from a file, at every level.
    """
    if keyword not in _homes():
        return True
    home, computed = _homes()[keyword]
    return home == level if computed else LEVELS.index(home) <= LEVELS.index(level)


def home(keyword: str) -> LevelWord | None:
    """The level to which a keyword belongs; None for one that is in no index."""
    return _homes()[keyword][0] if keyword in _homes() else None


def level_name(level: LevelWord) -> LevelName:
    """A level as the REST API spells it."""
    return cast(LevelName, level.capitalize())


def segment(level: LevelWord) -> str:
    """A level as a segment of a path: `studies`."""
    return {"patient": "patients", "study": "studies", "series": "series", "instance": "instances"}[level]


def parent_of(level: LevelWord) -> LevelWord | None:
    """The level above."""
    position = LEVELS.index(level)
    return LEVELS[position - 1] if position else None
