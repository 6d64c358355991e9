"""Streaming uploads and downloads: constant memory, the status first, no half-written file."""

from __future__ import annotations

import asyncio
import io
import os
import stat
import tracemalloc
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import AsyncOrthanc, Orthanc
from orthanc_state.client import (
    ConnectionFailedError,
    NotFoundError,
    TimedOutError,
    UnauthorizedError,
    UploadError,
)
from tests.api.dicom_files import ct, encoded
from tests.faults.fault_proxy import FaultProxy, cut, first, on, reset

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state.client.uploading import UploadProgress
    from orthanc_state.testing import OrthancServer

MEGABYTE = 1 << 20
LARGE = 48 * MEGABYTE


def file(number: int) -> bytes:
    """A DICOM file; those of other numbers are of the same series."""
    return encoded(ct(instance=number))


def study(orthanc: Orthanc) -> str:
    """A study with one instance; its identifier."""
    return orthanc.instances.upload(file(0))[0]["ParentStudy"]


def peak(work: Callable[[], object]) -> int:
    """The most memory that Python held at once, in bytes."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.orthanc(suites=["trixie", "forky"], configuration={"UserContentType": {"blob": 2000}})
def test_what_is_large_passes_through_little_memory(orthanc: Orthanc, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as opened:
        opened.truncate(LARGE)
    blob = orthanc.studies[study(orthanc)].attachments["blob"]
    sent: list[int] = []
    assert peak(lambda: blob.put(large, progress=sent.append)) < 4 * MEGABYTE
    assert sum(sent) == LARGE == blob.size()
    steps: list[tuple[int, int | None]] = []
    saved = tmp_path / "saved"
    assert peak(lambda: blob.data().save(saved, progress=lambda *step: steps.append(step))) < 4 * MEGABYTE
    assert saved.stat().st_size == LARGE
    assert steps[-1] == (LARGE, LARGE)
    assert [done for done, _ in steps] == sorted({done for done, _ in steps})
    # A whole buffer is one copy, and no more.
    assert peak(lambda: blob.data().buffer()) < LARGE + 4 * MEGABYTE
    assert sum(map(len, blob.data().stream())) == LARGE

    async def stream() -> int:
        async with AsyncOrthanc(orthanc.url) as client:
            again = client.studies[orthanc.studies.ids()[0]].attachments["blob"]
            await again.put(large)
            return await again.data().save(tmp_path / "again")

    assert peak(lambda: asyncio.run(stream())) < 8 * MEGABYTE
    assert (tmp_path / "again").stat().st_size == LARGE


def test_a_file_is_written_with_the_rights_that_the_user_wants(orthanc: Orthanc, tmp_path: Path) -> None:
    target = tmp_path / "study.zip"
    target.write_bytes(b"old")
    before = os.umask(0o027)
    try:
        size = orthanc.studies[study(orthanc)].archive().save(target)
    finally:
        os.umask(before)
    assert target.stat().st_size == size
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [target]
    assert zipfile.is_zipfile(target)


@pytest.mark.parametrize("fault", [reset, cut(), cut(announced=True, stalled=True)], ids=["reset", "cut", "stalled"])
def test_a_download_that_breaks_leaves_what_was_there(own: OrthancServer, tmp_path: Path, fault: Any) -> None:
    target = tmp_path / "file.dcm"
    target.write_bytes(b"old")
    with Orthanc(own.url) as orthanc:
        instance = orthanc.instances.upload(file(0))[0]["ID"]
    with (
        FaultProxy(own.url, on("GET", f"/instances/{instance}/file", fault)) as proxy,
        Orthanc(proxy.url, retries=0, timeout=0.5) as orthanc,
    ):
        content = orthanc.instances[instance].file()
        for use in (lambda: content.save(target), content.read, content.buffer, lambda: list(content.stream())):
            with pytest.raises(ConnectionFailedError):
                use()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_stall_within_a_download_is_noticed_soon(own: OrthancServer) -> None:
    with Orthanc(own.url) as orthanc:
        instance = orthanc.instances.upload(file(0))[0]["ID"]
    fault = on("GET", f"/instances/{instance}/file", cut(stalled=True))
    with (
        FaultProxy(own.url, fault) as proxy,
        Orthanc(proxy.url, timeout=0.3) as orthanc,
        pytest.raises(TimedOutError, match=r"0\.3 s"),
    ):
        orthanc.instances[instance].file().read()


def test_an_error_writes_nothing(own: OrthancServer, tmp_path: Path) -> None:
    target = tmp_path / "none.zip"
    with Orthanc(own.url) as orthanc:
        with pytest.raises(NotFoundError):
            orthanc.studies["x"].archive().save(target)
        with io.BytesIO() as taken:
            with pytest.raises(NotFoundError):
                orthanc.studies["x"].archive().save(taken)
            assert taken.getvalue() == b""
        with pytest.raises(IsADirectoryError, match="is a folder"):
            orthanc.studies[study(orthanc)].archive().save(tmp_path)
        with pytest.raises(FileNotFoundError):
            orthanc.studies[study(orthanc)].archive().save(tmp_path / "no" / "folder.zip")
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_leaves_nothing(own: OrthancServer, tmp_path: Path) -> None:
    def interrupt(done: int, whole: int | None) -> None:
        raise KeyboardInterrupt

    with Orthanc(own.url) as orthanc:
        with pytest.raises(KeyboardInterrupt):
            orthanc.studies[study(orthanc)].archive().save(tmp_path / "a.zip", progress=interrupt)
        assert orthanc.system()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_and_leaves_nothing(own: OrthancServer) -> None:
    with (
        Orthanc(own.url) as orthanc,
        open("/dev/full", "wb", buffering=0) as full,
        pytest.raises(OSError, match="No space"),
    ):
        orthanc.studies[study(orthanc)].archive().save(full)


def test_files_folders_archives_and_open_files_are_uploaded(orthanc: Orthanc, tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for number in range(3):
        (tmp_path / "in" / "deep" / f"{number}.dcm").write_bytes(file(number))
    (tmp_path / "in" / ".hidden").write_bytes(b"no")
    (tmp_path / "in" / "DICOMDIR").write_bytes(b"no")
    (tmp_path / "in" / "README").write_bytes(b"no DICOM")
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3, 6):
            archive.writestr(f"{number}.dcm", file(number))
        archive.writestr("README", b"no DICOM")
    steps: list[UploadProgress] = []
    with (tmp_path / "in" / "deep" / "0.dcm").open("rb") as opened:
        report = orthanc.instances.upload_many(
            [tmp_path / "in", str(packed), opened, io.BytesIO(file(6)), file(7)],
            progress=steps.append,
        )
    assert len(report.instances) == 8 == orthanc.statistics()["CountInstances"]
    assert report.statuses["Success"] == 8
    assert report.statuses["AlreadyStored"] == 1
    assert [failed.source for failed in report.failures] == [str(tmp_path / "in" / "README")]
    assert steps[-1].files == len(steps) == 8
    assert steps[-1].size == report.size
    with pytest.raises(UploadError, match=r"1 files were not stored: .*README: .*400"):
        report.check()
    (again,) = orthanc.instances.upload(file(7))
    assert again["Status"] == "AlreadyStored"
    assert len(orthanc.instances.upload(packed)) == 3
    assert len(orthanc.instances.upload_many(tmp_path / "in" / "deep").instances) == 3


def test_a_source_that_cannot_be_sent_is_said(own: OrthancServer, tmp_path: Path) -> None:
    with Orthanc(own.url) as orthanc:
        with pytest.raises(FileNotFoundError, match="there is no"):
            orthanc.instances.upload_many([tmp_path / "none"])
        with pytest.raises(FileNotFoundError):
            orthanc.instances.upload(tmp_path / "none")
        with pytest.raises(TypeError, match="not int"):
            orthanc.instances.upload(1)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="mode 'rb'"):
            orthanc.instances.upload(io.StringIO("x"))  # type: ignore[arg-type]


def test_a_server_that_is_gone_ends_an_upload(own: OrthancServer, guarded: OrthancServer) -> None:
    files = [file(number) for number in range(50)]
    with FaultProxy(own.url, first(10, lambda exchange: exchange.reply(exchange.forward()), reset)) as proxy:
        with Orthanc(proxy.url, retries=0) as orthanc, pytest.raises(ConnectionFailedError):
            orthanc.instances.upload_many(files)
        assert len(proxy.seen) < 20
    with Orthanc(guarded.url) as orthanc, pytest.raises(UnauthorizedError):
        orthanc.instances.upload_many(files)


def test_what_was_sent_from_a_file_can_be_sent_again(own: OrthancServer, tmp_path: Path) -> None:
    """A PUT is repeated when its connection breaks, with the whole file each time."""
    big = tmp_path / "big"
    big.write_bytes(os.urandom(3 * MEGABYTE))
    with Orthanc(own.url) as orthanc:
        identifier = study(orthanc)
    with (
        FaultProxy(own.url, first(2, reset)) as proxy,
        Orthanc(proxy.url) as orthanc,
        big.open("rb") as opened,
    ):
        blob = orthanc.studies[identifier].attachments["1500"]
        blob.put(opened)
        assert blob.data().read() == big.read_bytes()
