"""Metadata of each level, with and without revisions."""

from __future__ import annotations

import pytest

from orthanc_state import Orthanc
from orthanc_state.client import BadRequestError, ConflictError, ForbiddenError, NotFoundError
from tests.api.stored import EXTENDED, FIRST, LEVELS, resource, store

CONFIGURATION = {"UserMetadata": {"site": 1024}}
CHECKED = {**CONFIGURATION, "CheckRevisions": True}
OWN = {"patients": "LastUpdate", "studies": "LastUpdate", "series": "LastUpdate", "instances": "ReceptionDate"}
STALE = "7-00000000000000000000000000000000"


@pytest.mark.orthanc(configuration=CONFIGURATION)
@pytest.mark.parametrize("level", LEVELS)
def test_metadata_is_set_read_listed_and_deleted(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    metadata = resource(orthanc, level).metadata
    before = metadata.all()
    assert set(metadata.names()) == set(before)
    assert OWN[level] in before
    metadata["site"].set("Zürich\nOerlikon ✓")
    metadata["1030"].set("by number")
    assert metadata["site"].get() == metadata["1024"].get() == "Zürich\nOerlikon ✓"
    assert metadata.all() == {**before, "site": "Zürich\nOerlikon ✓", "1030": "by number"}
    assert set(metadata.names()) == {*before, "site", "1030"}
    metadata["site"].set("")
    assert metadata["site"].get() == ""
    metadata["site"].delete()
    metadata["1030"].delete()
    assert metadata.all() == before
    with pytest.raises(NotFoundError):
        metadata["site"].get()


@pytest.mark.orthanc(suites=EXTENDED, configuration=CONFIGURATION)  # since 1.12.0
@pytest.mark.parametrize("level", LEVELS)
def test_metadata_has_numbers(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    metadata = resource(orthanc, level).metadata
    metadata["site"].set("Bern")
    numbers = metadata.numbers()
    assert len(numbers) == len(metadata.names())
    assert 1024 in numbers


@pytest.mark.orthanc(configuration=CONFIGURATION)
def test_metadata_of_orthanc_s_own_and_unknown_ones_cannot_be_set(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    metadata = resource(orthanc, "studies").metadata
    with pytest.raises(ForbiddenError):
        metadata["LastUpdate"].set("now")
    with pytest.raises(ForbiddenError):
        metadata["LastUpdate"].delete()
    with pytest.raises(NotFoundError):
        metadata["unheard-of"].set("a")
    with pytest.raises(NotFoundError):
        metadata["unheard-of"].get()
    with pytest.raises(NotFoundError):
        metadata["site"].delete()


@pytest.mark.orthanc(configuration=CHECKED)
@pytest.mark.parametrize("level", LEVELS)
def test_a_write_that_does_not_know_of_another_is_refused(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    site = resource(orthanc, level).metadata["site"]
    site.set("first")
    first = site.read()
    assert first is not None
    assert first.value == "first"
    assert first.revision is not None
    with pytest.raises(ConflictError):
        site.set("second")
    with pytest.raises(ConflictError):
        site.set("second", revision=STALE)
    assert site.get() == "first"
    site.set("second", revision=first.revision)
    second = site.read()
    assert second is not None
    assert second.value == "second"
    with pytest.raises(ConflictError):
        site.set("third", revision=first.revision)
    for revision in (None, STALE, first.revision):
        with pytest.raises(ConflictError):
            site.delete(revision=revision)
    assert site.get() == "second"
    site.delete(revision=second.revision)
    with pytest.raises(NotFoundError):
        site.read()


@pytest.mark.orthanc(suites=["forky"], configuration=CHECKED)  # before 1.12.8 SQLite does not keep what it answers
@pytest.mark.parametrize("level", LEVELS)
def test_the_revision_that_a_write_gives_is_the_one_for_the_next(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    site = resource(orthanc, level).metadata["site"]
    revision = None
    for value in ("a", "b", "c"):
        revision = site.set(value, revision=revision)
        read = site.read()
        assert read is not None
        assert (read.value, read.revision) == (value, revision)


@pytest.mark.orthanc(configuration=CONFIGURATION)
@pytest.mark.parametrize("level", LEVELS)
def test_what_is_known_already_is_not_sent_again(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    site = resource(orthanc, level).metadata["site"]
    site.set("a")
    read = site.read()
    assert read is not None
    assert site.read(unless=read.revision) is None
    site.set("b")
    again = site.read(unless=read.revision)
    assert again is not None
    assert again.value == "b"
    with pytest.raises(BadRequestError, match="ETag"):
        site.read(unless="no revision")
