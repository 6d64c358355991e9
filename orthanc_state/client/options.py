"""What the longer operations can be told, as typed keyword arguments: each says what it means and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from orthanc_state.client.answers import LevelName, OrthancId, Tag


class Criteria(TypedDict, total=False):
    """What resources must be like, besides their tags."""

    labels: Sequence[str]
    """Labels to look for (since 1.12.0)."""
    labels_constraint: Literal["All", "Any", "None"]
    """How many of the labels it must have; all where this is left out."""
    metadata: Mapping[str, str]
    """Metadata with the values that they must have, with wildcards (since 1.12.5)."""
    parent: tuple[Literal["Patient", "Study", "Series"], OrthancId]
    """The level and the identifier of a resource above (since 1.12.5)."""
    case_sensitive: bool
    """Whether names of persons are; the server's setting where this is left out."""


class TranscodeOptions(TypedDict, total=False):
    """How DICOM files are written into an archive."""

    transcode: str
    """UID of the transfer syntax in which the files are to be (since 1.7.0)."""
    lossy_quality: int
    """1 to 100, for a lossy transfer syntax (since 1.12.7); the server's own setting where it is left out."""


class ArchiveOptions(TranscodeOptions, total=False):
    """A ZIP archive or DICOMDIR media that is downloaded."""

    filename: str
    """The name that the server gives in `Content-Disposition` (since 1.11.0)."""


class ArchiveJobOptions(ArchiveOptions, total=False):
    """A ZIP archive or DICOMDIR media that a job makes."""

    utf8: bool
    """Whether names within the archive are UTF-8 (since 1.12.11); the server's own setting where it is left out."""
    priority: int
    """A job with a higher one is run first; 0 where it is left out."""
    user_data: Any
    """Anything in JSON, which travels with the job (since 1.12.9)."""


class MediaJobOptions(ArchiveJobOptions, total=False):
    """DICOMDIR media that a job makes."""

    extended: bool
    """Whether the DICOMDIR names tags of type 3, such as the series' description, too."""


class ChangeOptions(TranscodeOptions, total=False):
    """What both an anonymization and a modification can be told."""

    replace: dict[Tag, Any]
    """New values of tags; paths into sequences since 1.9.4."""
    remove: list[Tag]
    """Tags to take out; paths into sequences, with wildcards, since 1.9.4."""
    keep: list[Tag]
    """Anonymization: tags to leave as they are. Modification: of the identifiers `StudyInstanceUID`,
    `SeriesInstanceUID` and `SOPInstanceUID`, those to leave (since 1.9.4); needs `force`."""
    keep_source: bool
    """False deletes the original; it stays where this is left out."""
    force: bool
    """Allow to change identifiers, which can break the DICOM model of the real world."""
    private_creator: str
    """The creator of the private tags in `replace`."""
    keep_labels: bool
    """Give the labels of patients, studies and series to the new ones as well (since 1.12.3)."""


class AnonymizeOptions(ChangeOptions, total=False):
    """How an instance is anonymized (DICOM PS3.15 E)."""

    dicom_version: str
    """The profile's edition: `2008`, `2017c`, `2021b`, `2023b`; the newest that the server knows if left out."""
    keep_private_tags: bool
    """Leave private tags; they go where this is left out."""


class ModifyOptions(ChangeOptions, total=False):
    """How an instance is modified."""

    remove_private_tags: bool
    """Take all private tags out."""


class JobOptions(TypedDict, total=False):
    """What every job can be told."""

    permissive: bool
    """Go on after an instance that failed; the job is then a success."""
    priority: int
    """A job with a higher one is run first; 0 where it is left out."""
    user_data: Any
    """Anything in JSON, which travels with the job; its details show it since 1.12.9."""


class AnonymizeJobOptions(AnonymizeOptions, JobOptions, total=False):
    """How a patient, study or series is anonymized."""


class ModifyJobOptions(ModifyOptions, JobOptions, total=False):
    """How a patient, study or series is modified."""


class BulkModifyOptions(ModifyJobOptions, total=False):
    """How many resources are modified by one job."""

    level: LevelName
    """The level of the modification (since 1.9.7); by default it follows from the identifiers in `replace`."""


class MergeOptions(JobOptions, total=False):
    """How studies, series and instances are merged into a study."""

    keep_source: bool
    """True leaves the originals; they are deleted where this is left out."""


class SplitOptions(MergeOptions, total=False):
    """How series or instances are split off from a study."""

    series: list[OrthancId]
    """Series of the study that go into the new one."""
    instances: list[OrthancId]
    """Instances of the study that go into the new one (since 1.9.4)."""
    replace: dict[Tag, Any]
    """New values of tags of the patient and study modules."""
    remove: list[Tag]
    """Tags of the patient and study modules to take out."""
    keep_labels: bool
    """Give the labels to the new study as well; 1.12.7 and 1.13.0 take this, and do nothing."""


class ReconstructOptions(TypedDict, total=False):
    """How the index is rebuilt from the files."""

    reconstruct_files: bool
    """Write the files anew too, as `IngestTranscoding` and `StorageCompression` say now (since 1.11.0). Orthanc 1.12.7
    may never answer, where it has read one of the files before."""
    limit_to_this_level_main_dicom_tags: bool
    """Only the main tags of this level, from one instance: much faster (since 1.12.4)."""


class RetrieveJobOptions(JobOptions, total=False):
    """What moving and getting have in common."""

    local_aet: str
    """The AE title under which this Orthanc calls, instead of `DicomAet`."""
    timeout: int
    """Seconds without any DICOM message after which the association is given up."""


class MoveOptions(RetrieveJobOptions, total=False):
    """A C-MOVE to a modality."""

    target_aet: str
    """Where the modality sends to; this Orthanc where it is left out."""


class StoreOptions(JobOptions, total=False):
    """A C-STORE to a modality."""

    local_aet: str
    """The AE title under which this Orthanc calls."""
    called_aet: str
    """The AE title to call, instead of the modality's (since 1.11.2)."""
    host: str
    """The host to call, instead of the modality's (since 1.11.2)."""
    port: int
    """The port to call, instead of the modality's (since 1.11.2)."""
    move_originator_aet: str
    """The AE title to give as the originator of a C-MOVE."""
    move_originator_id: int
    """The message identifier to give as that of a C-MOVE."""
    storage_commitment: bool
    """Ask for storage commitment afterwards (since 1.6.0); the job is done when the request was accepted, and the
    report tells what became of it."""
    timeout: int
    """Seconds without any DICOM message after which the association is given up."""


class PeerStoreOptions(JobOptions, total=False):
    """Sending to a peer."""

    compress: bool
    """Compress with gzip on the way (since 1.7.3)."""
    transcode: str
    """UID of the transfer syntax in which the files are sent (since 1.7.0)."""


class QueryOptions(TypedDict, total=False):
    """A C-FIND at a modality."""

    normalize: bool
    """Take tags out of the query that do not belong to its level; True where it is left out (since 1.5.7)."""
    local_aet: str
    """The AE title under which this Orthanc calls (since 1.9.0)."""
    timeout: int
    """Seconds without any DICOM message after which the association is given up (since 1.9.1)."""


class RetrieveOptions(JobOptions, total=False):
    """Retrieving what a query found."""

    target_aet: str
    """Where the modality sends to; this Orthanc where it is left out."""
    timeout: int
    """Seconds without any DICOM message after which the association is given up."""
    retrieve_method: str
    """`C-MOVE` or `C-GET` (since 1.12.6); the modality's or the server's setting where it is left out."""
    full: bool
    """Report the query of each answer with the numbers, names and values of its tags."""
    simplify: bool
    """Report the query of each answer with the names of its tags."""


class RenderOptions(TypedDict, total=False):
    """An image made of a frame."""

    quality: int
    """1 to 100, for JPEG; 90 where it is left out."""
    return_unsupported_image: bool
    """A placeholder, which is a PNG, instead of an error where the frame cannot be decoded."""


class WindowOptions(RenderOptions, total=False):
    """An image of a frame as a viewer would show it."""

    width: int
    """Greatest width in pixels; the proportions are kept."""
    height: int
    """Greatest height in pixels; the proportions are kept."""
    smooth: bool
    """Interpolate when the size changes."""
    window_center: float
    """Centre of the window, instead of that of the file."""
    window_width: float
    """Width of the window, instead of that of the file."""


class CreateDicomOptions(TypedDict, total=False):
    """How an instance is made of tags and a content."""

    content: str | list[Any]
    """A PNG, JPEG, PDF or 3D model as a data URI (RFC 2397), or a list of them for a series."""
    parent: OrthancId
    """The patient, study or series to which it is added, whose tags it takes over."""
    force: bool
    """Take the identifiers in `tags` without checking that they fit the DICOM model (since 1.9.0)."""
    private_creator: str
    """The creator of the private tags in `tags`, by which Orthanc knows their type; `gggg,0010` must be given too."""
    interpret_binary_tags: bool
    """Whether values in `tags` of the form `data:application/octet-stream;base64,...` are decoded; True where it is
    left out."""
    encapsulate: bool
    """Keep a JPEG as it is, in a compressed transfer syntax (since 1.12.7)."""


class DicomEchoOptions(TypedDict, total=False):
    """A C-ECHO to a modality that is not registered."""

    local_aet: str
    """The AE title under which this Orthanc calls."""
    manufacturer: str
    """The manufacturer, as for a registered modality."""
    use_dicom_tls: bool
    """Whether the association is encrypted (since 1.9.0)."""
    check_find: bool
    """Try a C-FIND too (since 1.8.1)."""
    timeout: int
    """Seconds to wait for an answer."""
