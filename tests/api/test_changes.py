"""What has happened on a server, by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state.client._sync import changes
from tests.api.dicom_files import ids_of
from tests.api.stored import EXTENDED, FILES, FIRST, store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthanc_state import Orthanc

ARRIVED = {"NewInstance": 5, "NewSeries": 4, "NewStudy": 3, "NewPatient": 2}
"""How many changes of each type come with `FILES`."""

ALL = sum(ARRIVED.values())


def numbers(changes: Iterable[Any]) -> list[int]:
    return [change["Seq"] for change in changes]


def test_they_are_read_in_parts(orthanc: Orthanc) -> None:
    assert orthanc.changes.last() == 0
    assert list(orthanc.changes.since()) == []
    store(orthanc, *FILES)
    page = orthanc.changes.page()
    assert (page["Done"], page["Last"], orthanc.changes.last()) == (True, ALL, ALL)
    first = page["Changes"][0]
    assert (first["Seq"], first["ChangeType"], first["ResourceType"]) == (1, "NewInstance", "Instance")
    assert (first["ID"], first["Path"]) == (ids_of(FIRST)["instances"], f"/instances/{ids_of(FIRST)['instances']}")
    types = [change["ChangeType"] for change in page["Changes"]]
    assert {kind: types.count(kind) for kind in types} == ARRIVED
    page = orthanc.changes.page(since=3, limit=4)
    assert (numbers(page["Changes"]), page["Last"], page["Done"]) == ([4, 5, 6, 7], 7, False)
    page = orthanc.changes.page(since=ALL)
    assert (page["Changes"], page["Last"], page["Done"]) == ([], ALL, True)
    assert numbers(orthanc.changes.since()) == list(range(1, ALL + 1))
    assert numbers(orthanc.changes.since(ALL - 2)) == [ALL - 1, ALL]


def test_they_go_with_what_is_deleted_and_when_they_are_cleared(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    orthanc.patients[ids_of(FILES[4])["patients"]].delete()
    # The deletion itself is not among them.
    assert numbers(orthanc.changes.since()) == list(range(1, ALL - 3))
    assert orthanc.changes.last() == ALL - 4
    orthanc.changes.clear()
    assert list(orthanc.changes.since()) == list(orthanc.changes.since(3)) == []
    # Their numbers go on.
    assert orthanc.changes.last() == ALL
    store(orthanc, FILES[4])
    assert numbers(orthanc.changes.since(ALL)) == [ALL + 1, ALL + 2, ALL + 3, ALL + 4]


@pytest.mark.parametrize("page", [1, 4, 7, ALL, ALL + 1])
def test_all_of_many_pages(orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(changes, "PAGE", page)
    store(orthanc, *FILES)
    assert numbers(orthanc.changes.since()) == list(range(1, ALL + 1))
    assert numbers(orthanc.changes.since(ALL - 1)) == [ALL]


@pytest.mark.orthanc(suites=EXTENDED)  # since 1.12.5
def test_they_are_chosen_by_type_and_by_their_end(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    studies = [change["Seq"] for change in orthanc.changes.since() if change["ChangeType"] == "NewStudy"]
    assert numbers(orthanc.changes.page(types=["NewStudy"])["Changes"]) == studies
    assert numbers(orthanc.changes.since(types=["NewStudy"])) == studies
    assert len(list(orthanc.changes.since(types=["NewStudy", "NewPatient"]))) == 5
    assert numbers(orthanc.changes.page(to=5)["Changes"]) == [1, 2, 3, 4, 5]
    assert numbers(orthanc.changes.page(since=2, to=5)["Changes"]) == [3, 4, 5]
    # Without a beginning it is the last ones before the end.
    page = orthanc.changes.page(to=5, limit=2)
    assert (numbers(page["Changes"]), page["First"], page["Done"]) == ([4, 5], 4, False)
