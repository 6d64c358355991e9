"""What Orthanc answers, as typed dictionaries in its own spelling; fields that are not named here are kept as well."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

OrthancId = str
"""Orthanc's identifier of a patient, study, series or instance: a SHA-1 in five groups of eight hexadecimal digits."""

Tag = str
"""A DICOM tag: a keyword (`PatientID`), or its number (`0010,0020`); a path into sequences where the API takes one."""

LevelName = Literal["Patient", "Study", "Series", "Instance"]
"""The levels of the DICOM model of the real world (PS3.3 A.1.2)."""

ContentItem = Literal[
    "MainDicomTags",
    "Metadata",
    "Children",
    "Parent",
    "Labels",
    "Status",
    "IsStable",
    "IsProtected",
    "Attachments",
    "RequestedTags",
]
"""What can be asked for of each resource (`ResponseContent`; since 1.12.5)."""


class ResourceDetails(TypedDict, total=False):
    ID: OrthancId
    Type: LevelName
    MainDicomTags: dict[Tag, Any]
    PatientMainDicomTags: dict[Tag, Any]
    RequestedTags: dict[Tag, Any]
    ParentPatient: OrthancId
    ParentStudy: OrthancId
    ParentSeries: OrthancId
    Studies: list[OrthancId]
    Series: list[OrthancId]
    Instances: list[OrthancId]
    Labels: list[str]
    Metadata: dict[str, str]
    Attachments: list[Any]
    IsStable: bool
    IsProtected: bool
    LastUpdate: str
    Status: str
    ExpectedNumberOfInstances: int | None
    FileSize: int
    FileUuid: str
    IndexInSeries: int | None
    AnonymizedFrom: OrthancId
    ModifiedFrom: OrthancId


"""One patient, study, series or instance; which fields are there depends on its level and on what was asked for."""


class UploadedInstance(TypedDict, total=False):
    """What became of one instance: `Status` is `Success`, `AlreadyStored`, `FilteredOut` or `Failure`."""

    ID: OrthancId
    ParentPatient: OrthancId
    ParentStudy: OrthancId
    ParentSeries: OrthancId
    Path: str
    Status: str


class ResourceStatistics(TypedDict, total=False):
    """How much a resource holds. Sizes in bytes are texts, those that end in `MB` are rounded numbers of 2^20 bytes."""

    CountStudies: int
    CountSeries: int
    CountInstances: int
    DicomDiskSize: str
    DicomDiskSizeMB: int
    DicomUncompressedSize: str
    DicomUncompressedSizeMB: int
    DiskSize: str
    DiskSizeMB: int
    UncompressedSize: str
    UncompressedSizeMB: int


class Statistics(TypedDict, total=False):
    """How much a server holds. Sizes in bytes are texts, those that end in `MB` are rounded numbers of 2^20 bytes."""

    CountPatients: int
    CountStudies: int
    CountSeries: int
    CountInstances: int
    TotalDiskSize: str
    TotalDiskSizeMB: int
    TotalUncompressedSize: str
    TotalUncompressedSizeMB: int


class AttachmentInformation(TypedDict, total=False):
    """What the index knows of one attachment; sizes in bytes."""

    ContentType: int
    Uuid: str
    CompressedMD5: str
    CompressedSize: int
    UncompressedMD5: str
    UncompressedSize: int


class OrderedSlices(TypedDict, total=False):
    """The slices of a series in the order of their position in space."""

    Type: str
    Dicom: list[str]
    Slices: list[str]
    SlicesShort: list[tuple[OrthancId, int, int]]


class JobDetails(TypedDict, total=False):
    """A job. `State` is `Pending`, `Running`, `Success`, `Failure`, `Paused` or `Retry`; `Progress` is in percent,
    `EffectiveRuntime` in seconds, and times are in UTC."""

    ID: str
    Type: str
    State: Literal["Pending", "Running", "Success", "Failure", "Paused", "Retry"]
    Progress: int
    Priority: int
    Content: dict[str, Any]
    ErrorCode: int
    ErrorDescription: str
    ErrorDetails: str
    CreationTime: str
    CompletionTime: str
    EffectiveRuntime: float
    EstimatedTimeOfArrival: str
    Timestamp: str
    UserData: Any


class Change(TypedDict, total=False):
    """One event: `NewInstance`, `StableStudy` and their like, with what it happened to."""

    Seq: int
    ChangeType: str
    Date: str
    ID: OrthancId
    Path: str
    ResourceType: LevelName


class Export(TypedDict, total=False):
    """One resource that was sent to a modality or peer."""

    Seq: int
    Date: str
    ID: OrthancId
    Path: str
    RemoteModality: str
    ResourceType: LevelName
    PatientID: str
    StudyInstanceUID: str
    SeriesInstanceUID: str
    SOPInstanceUID: str


class ChangesPage(TypedDict, total=False):
    """A part of the changes: `Last` is where the next part begins, `Done` says that there is none yet."""

    Changes: list[Change]
    Done: bool
    First: int
    Last: int


class ExportsPage(TypedDict, total=False):
    """A part of the exports: `Last` is where the next part begins, `Done` says that there is none yet."""

    Exports: list[Export]
    Done: bool
    Last: int


class LookedUp(TypedDict, total=False):
    """A resource that has the DICOM identifier that was looked for."""

    ID: OrthancId
    Path: str
    Type: LevelName


class StoredStraight(TypedDict, total=False):
    """The instance that was sent as it is."""

    SOPClassUID: str
    SOPInstanceUID: str


class PluginInformation(TypedDict, total=False):
    """A plugin of the server."""

    ID: str
    Version: str
    Description: str
    ExtendsOrthancExplorer: bool
    RootUri: str


class StorageCommitmentReport(TypedDict, total=False):
    """What the other side has committed itself to keep. `Status` is `Success`, `Failure` or `Pending`."""

    Status: str
    RemoteAET: str
    Success: list[dict[str, Any]]
    Failures: list[dict[str, Any]]


class CreatedInstance(TypedDict, total=False):
    """What `create_dicom` made: an instance, or a series where many contents were given."""

    ID: OrthancId
    Path: str
    ParentPatient: OrthancId
    ParentStudy: OrthancId
    ParentSeries: OrthancId
    Status: str
