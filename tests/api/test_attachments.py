"""Files that are attached to a resource of any level."""

from __future__ import annotations

import hashlib
import io
import zlib
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from orthanc_state.client import (
    ApiError,
    BadRequestError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    UnexpectedAnswerError,
)
from tests.api.dicom_files import encoded, ids_of
from tests.api.stored import EXTENDED, FIRST, LEVELS, NOBODY, level_of, resource, store

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.testing import OrthancServer

CONFIGURATION = {"UserContentType": {"note": 2000}}
CHECKED = {**CONFIGURATION, "CheckRevisions": True}
NOTE = b"A note, \0 in bytes. " * 50
STALE = "7-00000000000000000000000000000000"
OPERATIONS = {
    "compress",
    "compressed-data",
    "compressed-md5",
    "compressed-size",
    "data",
    "info",
    "is-compressed",
    "md5",
    "size",
    "uncompress",
    "verify-md5",
}


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.mark.orthanc(configuration=CONFIGURATION)
@pytest.mark.parametrize("level", LEVELS)
def test_a_file_is_attached_read_and_deleted(orthanc: Orthanc, level: str, tmp_path: Path) -> None:
    store(orthanc, FIRST)
    attachments = resource(orthanc, level).attachments
    own = {"dicom": 1} if level == "instances" else {}
    assert attachments.numbers() == own
    note = attachments["note"]
    note.put(NOTE)
    attachments["2001"].put(b"")
    assert set(attachments.names()) == {*own, "note", "2001"}
    assert attachments.numbers() == {**own, "note": 2000, "2001": 2001}
    assert set(note.operations()) >= OPERATIONS
    assert note.data().read() == attachments["2000"].data().read() == NOTE
    assert attachments["2001"].data().read() == b""
    assert note.size() == len(NOTE)
    assert note.md5() == md5(NOTE)
    note.verify_md5()

    path = tmp_path / "note"
    path.write_bytes(b"from a path")
    note.put(path)
    assert note.data().read() == b"from a path"
    sent: list[int] = []
    note.put(io.BytesIO(b"from an open file"), progress=sent.append)
    assert note.data().read() == b"from an open file"
    assert sum(sent) == 17

    note.delete()
    attachments["2001"].delete()
    assert attachments.numbers() == own
    with pytest.raises(NotFoundError):
        note.data().read()
    with pytest.raises(NotFoundError):
        note.delete()


@pytest.mark.orthanc(configuration=CONFIGURATION)
@pytest.mark.parametrize("level", LEVELS)
def test_a_file_is_compressed_on_the_disk_and_as_before_again(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    note = resource(orthanc, level).attachments["note"]
    note.put(NOTE)
    assert not note.is_compressed()
    plain = note.information()
    assert (plain["ContentType"], plain["UncompressedSize"], plain["CompressedSize"]) == (2000, len(NOTE), len(NOTE))

    note.compress()
    assert note.is_compressed()
    stored = note.data(compressed=True).read()
    # Eight bytes with the size, then zlib.
    assert zlib.decompress(stored[8:]) == note.data().read() == NOTE
    assert note.size(compressed=True) == len(stored) < note.size() == len(NOTE)
    assert (note.md5(compressed=True), note.md5()) == (md5(stored), md5(NOTE))
    information = note.information()
    assert information == {
        "ContentType": 2000,
        "Uuid": information["Uuid"],
        "CompressedMD5": md5(stored),
        "CompressedSize": len(stored),
        "UncompressedMD5": md5(NOTE),
        "UncompressedSize": len(NOTE),
    }
    assert information["Uuid"] != plain["Uuid"]
    note.verify_md5()

    note.uncompress()
    assert not note.is_compressed()
    assert note.data(compressed=True).read() == note.data().read() == NOTE
    assert note.size(compressed=True) == len(NOTE)


@pytest.mark.orthanc(suites=EXTENDED, configuration=CONFIGURATION)
@pytest.mark.parametrize("level", LEVELS)
def test_a_part_of_a_file(orthanc: Orthanc, level: str, tmp_path: Path) -> None:
    store(orthanc, FIRST)
    note = resource(orthanc, level).attachments["note"]
    content = bytes(range(100))
    note.put(content)
    assert note.data(start=0, end=9).read() == content[:10]
    assert note.data(start=10, end=10).read() == content[10:11]
    assert note.data(start=90).read() == content[90:]
    assert note.data(end=4).read() == content[:5]
    assert note.data(compressed=True, start=3, end=6).read() == content[3:7]
    assert note.data(start=98, end=99).save(tmp_path / "end") == 2
    assert (tmp_path / "end").read_bytes() == content[98:]
    # Orthanc wants the end to be within the file, unlike RFC 9110.
    for start, end in ((0, 100), (100, None)):
        with pytest.raises(ApiError, match="416"):
            note.data(start=start, end=end).read()


@pytest.mark.orthanc(suites=["bookworm"], configuration=CONFIGURATION)
def test_a_server_that_knows_no_ranges_does_not_pass_for_one_that_does(orthanc: Orthanc, tmp_path: Path) -> None:
    store(orthanc, FIRST)
    note = resource(orthanc, "studies").attachments["note"]
    note.put(NOTE)
    content = note.data(start=1, end=2)
    for use in (content.read, content.buffer, lambda: list(content.stream()), lambda: content.save(tmp_path / "a")):
        with pytest.raises(UnexpectedAnswerError, match="everything"):
            use()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.orthanc(configuration=CHECKED)
@pytest.mark.parametrize("level", LEVELS)
def test_a_write_that_does_not_know_of_another_is_refused(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    note = resource(orthanc, level).attachments["note"]
    note.put(b"first")
    first = note.revision()
    assert first is not None
    read = note.read()
    assert read is not None
    assert (read.value, read.revision) == (b"first", first)
    for revision in (None, STALE):
        with pytest.raises(ConflictError):
            note.put(b"second", revision=revision)
    assert note.data().read() == b"first"
    note.put(b"second", revision=first)
    assert note.data().read() == b"second"
    second = note.revision()
    for revision in (None, STALE, first):
        with pytest.raises(ConflictError):
            note.delete(revision=revision)
    note.delete(revision=second)
    with pytest.raises(NotFoundError):
        note.read()


@pytest.mark.orthanc(suites=["forky"], configuration=CHECKED)  # before 1.12.8 SQLite does not keep what it answers
@pytest.mark.parametrize("level", LEVELS)
def test_the_revision_that_a_write_gives_is_the_one_for_the_next(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    note = resource(orthanc, level).attachments["note"]
    revision = None
    for content in (b"a", b"b", b"c"):
        revision = note.put(content, revision=revision)
        assert note.revision() == revision
        assert note.data().read() == content


@pytest.mark.orthanc(configuration=CONFIGURATION)
@pytest.mark.parametrize("level", LEVELS)
def test_what_is_known_already_is_not_sent_again(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    note = resource(orthanc, level).attachments["note"]
    note.put(b"a")
    known = note.revision()
    assert note.read(unless=known) is None
    note.put(b"b")
    again = note.read(unless=known)
    assert again is not None
    assert again.value == b"b"
    with pytest.raises(BadRequestError, match="ETag"):
        note.read(unless="no revision")


@pytest.mark.orthanc(configuration=CONFIGURATION)
def test_the_dicom_file_itself_is_an_attachment_that_stays(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    file = resource(orthanc, "instances").attachments["dicom"]
    content = encoded(FIRST)
    assert file.data().read() == content
    assert (file.size(), file.md5()) == (len(content), md5(content))
    file.compress()
    assert orthanc.instances[ids_of(FIRST)["instances"]].file().read() == content
    assert int(orthanc.studies[ids_of(FIRST)["studies"]].statistics()["DiskSize"]) == file.size(compressed=True)
    with pytest.raises(ForbiddenError):
        file.put(b"x")
    with pytest.raises(ForbiddenError):
        file.delete()
    with pytest.raises(NotFoundError):
        resource(orthanc, "instances").attachments["unheard-of"].put(b"x")


def test_a_damaged_file_is_noticed(orthanc: Orthanc, orthanc_server: OrthancServer) -> None:
    store(orthanc, FIRST)
    for level in LEVELS:
        note = resource(orthanc, level).attachments["2000"]
        note.put(NOTE)
        (path,) = (orthanc_server.directory / "storage").rglob(note.information()["Uuid"])
        path.write_bytes(NOTE[:-1] + b"?")
    # What it has in memory it does not read again.
    orthanc_server.kill()
    orthanc_server.start()
    for level in LEVELS:
        with pytest.raises(ApiError, match=r"verify-md5 answered (400|500)"):
            resource(orthanc, level).attachments["2000"].verify_md5()


@pytest.mark.orthanc(suites=EXTENDED)  # 1.10.1 takes a file for what does not exist, and loses it
@pytest.mark.parametrize("level", LEVELS)
def test_nothing_can_be_attached_to_what_does_not_exist(orthanc: Orthanc, level: str) -> None:
    with pytest.raises(NotFoundError):
        level_of(orthanc, level)[NOBODY].attachments["2000"].put(NOTE)
