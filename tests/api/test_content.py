"""Content of any kind: read, streamed, kept in a buffer, or saved, where a failure leaves nothing."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc
from orthanc_state.client import ApiError, NotFoundError
from tests.api.dicom_files import encoded, ids_of, pdf
from tests.api.stored import FIRST, NOBODY, store

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.client._sync.content import Content

NOTE = bytes(range(256)) * 4


def contents(orthanc: Orthanc) -> dict[str, tuple[Content, bytes]]:
    """Content of different kinds, with what it should be; of archives only that it is always the same."""
    ids = ids_of(FIRST)
    note = orthanc.studies[ids["studies"]].attachments["2000"]
    note.put(NOTE)
    instance = orthanc.instances[ids["instances"]]
    job = orthanc.series[ids["series"]].submit_archive()
    job.wait(timeout=20)
    return {
        "file": (instance.file(), encoded(FIRST)),
        "attachment": (note.data(), NOTE),
        "frame": (instance.frames[0].raw(), FIRST.PixelData),
        "tag": (instance.content("0010-0020"), b"PAT1"),
        "archive": (orthanc.studies[ids["studies"]].archive(), b"PK"),
        "job": (job.output(), b"PK"),
        "image": (instance.preview(), b"\x89PNG"),
        "anonymized": (
            instance.modify(replace={"InstitutionName": "Here"}, keep=["SOPInstanceUID"], force=True),
            b"\0",
        ),
    }


def test_content_of_any_kind_can_be_had_in_every_way(orthanc: Orthanc, tmp_path: Path) -> None:
    store(orthanc, FIRST)
    for name, (content, expected) in contents(orthanc).items():
        read = content.read()
        assert read.startswith(expected), name
        again = [content.buffer(), b"".join(content.stream())]
        steps: list[tuple[int, int | None]] = []
        size = content.save(tmp_path / name, progress=lambda *step, taken=steps: taken.append(step))
        again.append((tmp_path / name).read_bytes())
        with io.BytesIO() as opened:
            assert content.save(opened) == len(read)
            again.append(opened.getvalue())
        assert [len(each) for each in again] == [len(read)] * 4
        if name not in {"archive", "job"}:  # where the time is in it
            assert all(each == read for each in again), name
        assert size == len(read) == steps[-1][0]
        assert steps[-1][1] in {len(read), None}
        assert [done for done, _ in steps] == sorted({done for done, _ in steps})
    assert len(list(tmp_path.iterdir())) == 8


def test_it_is_saved_under_a_path_of_any_kind_and_into_an_open_file(orthanc: Orthanc, tmp_path: Path) -> None:
    store(orthanc, FIRST)
    file = orthanc.instances[ids_of(FIRST)["instances"]].file()
    targets: list[Any] = [tmp_path / "a", str(tmp_path / "ü b"), os.fspath(tmp_path / "c")]
    for target in targets:
        assert file.save(target) == len(encoded(FIRST))
    with (tmp_path / "open").open("wb") as opened:
        opened.write(b"before ")
        file.save(opened)
        opened.write(b" after")
    assert (tmp_path / "open").read_bytes() == b"before " + encoded(FIRST) + b" after"
    (tmp_path / "open").unlink()
    assert all(path.read_bytes() == encoded(FIRST) for path in tmp_path.iterdir())
    # What was there before is replaced.
    (tmp_path / "a").write_bytes(b"old, and longer than what comes " * 1000)
    file.save(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == encoded(FIRST)


def test_an_error_neither_makes_a_file_nor_touches_one(orthanc: Orthanc, tmp_path: Path) -> None:
    document = pdf()
    store(orthanc, document)
    there = tmp_path / "there"
    there.write_bytes(b"old")
    before = there.stat()
    instance = orthanc.instances[NOBODY]
    failing = [
        instance.file(),
        instance.anonymize(),
        instance.preview(),
        instance.frames[0].raw(),
        instance.attachments["2000"].data(),
        orthanc.studies[NOBODY].archive(),
        orthanc.studies[NOBODY].media(),
        orthanc.jobs[NOBODY].output(),
        orthanc.instances[ids_of(document)["instances"]].preview(),
    ]
    for content in failing:
        for target in (tmp_path / "new", there):
            with pytest.raises(ApiError):
                content.save(target)
        with io.BytesIO() as opened:
            with pytest.raises(ApiError):
                content.save(opened)
            assert opened.getvalue() == b""
    assert list(tmp_path.iterdir()) == [there]
    assert there.read_bytes() == b"old"
    assert (there.stat().st_ino, there.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_target_that_cannot_be_written_is_refused(orthanc: Orthanc, tmp_path: Path) -> None:
    store(orthanc, FIRST)
    file = orthanc.instances[ids_of(FIRST)["instances"]].file()
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder"):
        file.save(tmp_path / "folder")
    with pytest.raises(FileNotFoundError):
        file.save(tmp_path / "none" / "file")
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


def test_nothing_is_asked_for_before_it_is_used(orthanc: Orthanc) -> None:
    content = orthanc.studies[NOBODY].archive()
    stream = content.stream()
    assert repr(content) == f"<Content of GET /studies/{NOBODY}/archive>"
    with pytest.raises(NotFoundError):
        next(iter(stream))
