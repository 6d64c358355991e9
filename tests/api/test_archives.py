"""ZIP archives and media of patients, studies and series: downloaded at once, and made by jobs."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pydicom
import pytest
from pydicom.uid import ImplicitVRLittleEndian, JPEGLosslessSV1

from orthanc_state import Orthanc
from orthanc_state.client import BadRequestError, NotFoundError
from tests.api.dicom_files import decoded, encoded
from tests.api.stored import EXTENDED, FILES, FIRST, GROUPS, INSTANCES, group, store

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset


def files_in(archive: bytes | Path) -> dict[str, bytes]:
    """The files in a ZIP archive, by name."""
    with zipfile.ZipFile(io.BytesIO(archive) if isinstance(archive, bytes) else archive) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def files_of(level: str) -> list[bytes]:
    """The files that should be in an archive."""
    return sorted(encoded(dataset) for dataset in INSTANCES[level])


def directory_of(media: dict[str, bytes]) -> Dataset:
    """The DICOMDIR of media."""
    directory = decoded(media["DICOMDIR"])
    assert directory.file_meta.MediaStorageSOPClassUID.name == "Media Storage Directory Storage"
    return directory


def references(directory: Dataset) -> dict[str, str]:
    """The files that a DICOMDIR names, with the instance that is said to be in each."""
    return {
        "/".join(record.ReferencedFileID): record.ReferencedSOPInstanceUIDInFile
        for record in directory.DirectoryRecordSequence
        if "ReferencedFileID" in record
    }


def descriptions(directory: Dataset) -> list[str]:
    """What the records of series tell beyond what they must."""
    return [record.SeriesDescription for record in directory.DirectoryRecordSequence if "SeriesDescription" in record]


@pytest.mark.parametrize("level", GROUPS)
def test_an_archive_holds_all_files_as_they_are(orthanc: Orthanc, level: str, tmp_path: Path) -> None:
    store(orthanc, *FILES)
    one = group(orthanc, level)
    files = files_in(one.archive().read())
    assert sorted(files.values()) == files_of(level)
    assert all(name.startswith("PAT1 ") and "/ACC" in name for name in files)
    size = one.archive(filename="study.zip").save(tmp_path / "a.zip")
    assert size == (tmp_path / "a.zip").stat().st_size
    assert sorted(files_in(tmp_path / "a.zip").values()) == files_of(level)


@pytest.mark.parametrize("level", GROUPS)
def test_a_job_makes_the_same_archive(orthanc: Orthanc, level: str, tmp_path: Path) -> None:
    store(orthanc, *FILES)
    job = group(orthanc, level).submit_archive(priority=7, filename="study.zip")
    details = job.wait(timeout=20)
    assert (details["Type"], details["State"], details["Priority"]) == ("Archive", "Success", 7)
    assert details["Content"]["InstancesCount"] == len(INSTANCES[level])
    assert job.output().save(tmp_path / "a.zip") == int(details["Content"]["ArchiveSize"])
    assert sorted(files_in(tmp_path / "a.zip").values()) == files_of(level)


@pytest.mark.parametrize("level", GROUPS)
def test_files_are_transcoded_on_the_way(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    one = group(orthanc, level)
    job = one.submit_archive(transcode=ImplicitVRLittleEndian)
    job.wait(timeout=20)
    for archive in (one.archive(transcode=JPEGLosslessSV1), one.media(transcode=JPEGLosslessSV1)):
        files = {name: content for name, content in files_in(archive.read()).items() if name != "DICOMDIR"}
        assert len(files) == len(INSTANCES[level])
        assert {decoded(content).file_meta.TransferSyntaxUID for content in files.values()} == {JPEGLosslessSV1}
    files = files_in(job.output().read())
    assert {decoded(content).file_meta.TransferSyntaxUID for content in files.values()} == {ImplicitVRLittleEndian}
    assert all((decoded(content).pixel_array == FIRST.pixel_array).all() for content in files.values())


@pytest.mark.parametrize("level", GROUPS)
def test_media_have_a_dicomdir_that_names_their_files(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    one = group(orthanc, level)
    media = {"downloaded": one.media().read(), "extended": one.media(extended=True, filename="media.zip").read()}
    for name, extended in {"job": False, "extended job": True}.items():
        job = one.submit_media(extended=extended, priority=2)
        assert job.wait(timeout=20)["Type"] == "Media"
        # It keeps no more than the last archive (`MediaArchiveSize`).
        media[name] = job.output().read()
    for name, content in media.items():
        files = files_in(content)
        directory = directory_of(files)
        named = references(directory)
        assert sorted(files.pop(path) for path in named) == files_of(level)
        assert list(files) == ["DICOMDIR"]
        assert sorted(named.values()) == sorted(dataset.SOPInstanceUID for dataset in INSTANCES[level])
        assert bool(descriptions(directory)) == name.startswith("extended")


@pytest.mark.orthanc(suites=["forky"])  # 1.12.7 knows neither of them
def test_a_job_carries_what_the_user_gave_it(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    job = group(orthanc, "studies").submit_archive(user_data="mine", utf8=True)
    details = job.wait(timeout=20)
    assert details["UserData"] == "mine"
    assert details["Content"]["Utf8"] is True


@pytest.mark.orthanc(suites=EXTENDED)  # since 1.12.2
def test_the_archive_of_a_job_can_be_deleted(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    job = group(orthanc, "studies").submit_archive()
    job.wait(timeout=20)
    job.delete_output()
    with pytest.raises(NotFoundError):
        job.output().read()


def test_an_unknown_transfer_syntax_is_refused(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    one = group(orthanc, "studies")
    with pytest.raises(BadRequestError, match="transfer syntax"):
        one.archive(transcode="1.2.3").read()
    with pytest.raises(BadRequestError, match="transfer syntax"):
        one.submit_archive(transcode="1.2.3")


def test_pydicom_reads_what_was_saved(orthanc: Orthanc, tmp_path: Path) -> None:
    store(orthanc, *FILES)
    group(orthanc, "series").media().save(tmp_path / "media.zip")
    with zipfile.ZipFile(tmp_path / "media.zip") as media:
        media.extractall(tmp_path / "media")
    directory = pydicom.dcmread(tmp_path / "media" / "DICOMDIR")
    images = [pydicom.dcmread(tmp_path / "media" / name) for name in references(directory)]
    assert sorted(image.InstanceNumber for image in images) == [1, 2]
    assert all((image.pixel_array == FIRST.pixel_array).all() for image in images)
