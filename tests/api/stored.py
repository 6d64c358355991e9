"""A small archive on a server, and what is in it at each level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tests.api.dicom_files import ct, encoded, ids_of, orthanc_id, with_sequences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydicom.dataset import Dataset

    from orthanc_state import Orthanc
    from orthanc_state.client._sync.level import Level, LevelResource, ParentResource

EXTENDED = ["trixie", "forky"]
"""The suites with labels, ranges, counting and `ResponseContent`: 1.10.1 of bookworm has none of them."""

LEVELS = ("patients", "studies", "series", "instances")
GROUPS = LEVELS[:3]
"""The levels that have instances."""

NOBODY = orthanc_id("nobody")
"""The identifier of nothing."""

FIRST = ct(instance=1)
"""The one that the tests look at. Of its series there is another slice, of its study another series, and so on."""

FILES = (FIRST, ct(instance=2), with_sequences(series=2), ct(study=2), ct("PAT2"))

COUNTS = {"patients": 2, "studies": 3, "series": 4, "instances": 5}
"""How many of `FILES` there are at each level."""

INSTANCES = {"patients": FILES[:4], "studies": FILES[:3], "series": FILES[:2], "instances": FILES[:1]}
"""The files that belong to the patient, the study and the series of `FIRST`."""

PLURALS = {"patients": "Patients", "studies": "Studies", "series": "Series", "instances": "Instances"}
SINGULARS = {"patients": "Patient", "studies": "Study", "series": "Series", "instances": "Instance"}


def store(orthanc: Orthanc, *datasets: Dataset) -> None:
    """Store files, one after the other."""
    for dataset in datasets:
        (uploaded,) = orthanc.instances.upload(encoded(dataset))
        assert uploaded["Status"] == "Success"


def ids(level: str, datasets: tuple[Dataset, ...] = FILES) -> set[str]:
    """Orthanc's identifiers of all that files belong to."""
    return {ids_of(dataset)[level] for dataset in datasets}


def level_of(orthanc: Orthanc, level: str) -> Level[Any]:
    """All resources of a level."""
    return cast("Level[Any]", getattr(orthanc, level))


def resource(orthanc: Orthanc, level: str, dataset: Dataset = FIRST) -> LevelResource:
    """What a file belongs to."""
    return cast("LevelResource", level_of(orthanc, level)[ids_of(dataset)[level]])


def group(orthanc: Orthanc, level: str, dataset: Dataset = FIRST) -> ParentResource:
    """The patient, study or series that a file belongs to."""
    return cast("ParentResource", resource(orthanc, level, dataset))


def holds(details: Mapping[str, Any], level: str, dataset: Dataset = FIRST) -> bool:
    """Whether details are those of what a file belongs to."""
    return bool(details["ID"] == ids_of(dataset)[level] and details["Type"] == SINGULARS[level])
