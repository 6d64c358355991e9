"""Labels of each level, which 1.10.1 has not."""

from __future__ import annotations

import pytest

from orthanc_state import Orthanc
from orthanc_state.client import BadRequestError, NotFoundError
from tests.api.stored import EXTENDED, FILES, FIRST, LEVELS, NOBODY, ids, level_of, resource, store

pytestmark = pytest.mark.orthanc(suites=EXTENDED)


@pytest.mark.parametrize("level", LEVELS)
def test_labels_are_given_and_taken_away(orthanc: Orthanc, level: str) -> None:
    store(orthanc, FIRST)
    labels = resource(orthanc, level).labels
    assert labels.all() == []
    assert not labels.has("a")
    labels.add("a", "b-2", "C_3")
    labels.add("a")
    assert sorted(labels.all()) == ["C_3", "a", "b-2"]
    assert labels.has("a")
    assert not labels.has("A")
    labels.remove("a", "C_3")
    labels.remove("a")
    assert labels.all() == ["b-2"]
    assert not labels.has("a")
    assert resource(orthanc, level).details()["Labels"] == ["b-2"]
    others = [each for each in LEVELS if each != level]
    assert all(resource(orthanc, each).labels.all() == [] for each in others)


@pytest.mark.parametrize("level", LEVELS)
def test_the_labels_of_many_are_changed(orthanc: Orthanc, level: str) -> None:
    store(orthanc, *FILES)
    everything = level_of(orthanc, level)
    done: list[str] = []
    everything.change_labels(everything.ids(), add=["a", "b"], progress=done.append)
    assert set(done) == ids(level)
    assert len(done) == len(ids(level))
    everything.change_labels(everything.ids(), add=["c"], remove=["a", "none"], workers=1)
    assert all(sorted(everything[each].labels.all()) == ["b", "c"] for each in ids(level))


@pytest.mark.parametrize("level", LEVELS)
def test_what_does_not_exist_has_no_labels(orthanc: Orthanc, level: str) -> None:
    everything = level_of(orthanc, level)
    labels = everything[NOBODY].labels
    assert not labels.has("a")
    for ask in (labels.all, lambda: labels.add("a"), lambda: labels.remove("a")):
        with pytest.raises(NotFoundError):
            ask()
    with pytest.raises(NotFoundError):
        everything.change_labels([NOBODY], add=["a"])


@pytest.mark.parametrize("label", ["a b", "ä", "a" * 65])
def test_a_label_that_cannot_be_is_refused(orthanc: Orthanc, label: str) -> None:
    store(orthanc, FIRST)
    labels = resource(orthanc, "studies").labels
    with pytest.raises(BadRequestError):
        labels.add(label)
    labels.add("a" * 64)
    assert labels.all() == ["a" * 64]
