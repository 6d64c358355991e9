"""What policies make of an archive is what a plain reading of them gives, and then there is nothing left to do."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orthanc_state import Orthanc, apply, from_data, plan
from orthanc_state.document.load import DocumentError
from orthanc_state.planning.differ import PlanError
from tests.policies.archive import expected, fill, read, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthanc_state.testing import OrthancServer

LABELS = st.sampled_from(["a", "b", "c"])
SOME_LABELS = st.lists(LABELS, unique=True, max_size=2)
MATCHES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "patient": {"PatientID": st.sampled_from(["ANN", "*O*", ["ANN", "BOB"], "nobody"])},
    "study": {
        "PatientID": st.sampled_from(["ANN", "*O*"]),
        "StudyDate": st.sampled_from(
            [{"from": "20200101"}, {"to": "20200229"}, {"from": "20150101", "to": "20240401"}]
        ),
        "ModalitiesInStudy": st.sampled_from(["CT", ["CT", "MR"]]),
        "StudyDescription": st.sampled_from(["Knee*", "thorax", "?kull"]),
    },
    "series": {"Modality": st.sampled_from(["CT", ["CR", "MR"]]), "StudyDescription": st.just("*e*")},
    "instance": {"InstanceNumber": st.sampled_from(["1", "2", "3"]), "Modality": st.just("CT")},
}
VALUES = st.sampled_from(["x", "of {PatientID}", "Zürich \"'\\ {{}}"])


def optional(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Mappings with any of these keys."""
    nothing: dict[str, st.SearchStrategy[Any]] = {}
    return st.fixed_dictionaries(nothing, optional=values)


@st.composite
def policy(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """One policy, as a document has it; what makes no sense is left out."""
    level = draw(st.sampled_from(list(MATCHES)))
    made: dict[str, Any] = {"name": name, "level": level}
    made["match"] = draw(optional(**MATCHES[level]))
    labels = draw(
        st.fixed_dictionaries({}, optional={"add": SOME_LABELS, "remove": SOME_LABELS, "exclusive": SOME_LABELS})
    )
    metadata = draw(
        optional(
            set=st.dictionaries(st.sampled_from(["site", "note"]), VALUES, max_size=2),
            remove=st.lists(st.sampled_from(["site", "note"]), unique=True, max_size=1),
        )
    )
    where = draw(
        optional(
            labels=optional(all=SOME_LABELS, any=SOME_LABELS, none=SOME_LABELS),
            metadata=st.dictionaries(st.just("site"), st.sampled_from(["x", "y"]), max_size=1),
        )
    )
    if level != "patient" and draw(st.booleans()):
        where["parent"] = {"labels": {draw(st.sampled_from(["all", "any", "none"])): draw(SOME_LABELS)}}
    made |= {key: value for key, value in (("labels", labels), ("metadata", metadata), ("where", where)) if value}
    if level == "patient" and draw(st.booleans()):
        made["protected"] = draw(st.booleans())
    return made


POLICIES = st.integers(1, 3).flatmap(lambda count: st.tuples(*(policy(f"p{n}") for n in range(count)))).map(list)
STATE = st.lists(
    st.tuples(st.integers(0, 40), st.sets(LABELS), st.dictionaries(st.sampled_from(["site", "note"]), st.just("x"))),
    max_size=8,
)

METADATA = {"UserMetadata": {"site": 1024, "note": 1025}}
SERVERS = {
    "plain": METADATA,
    "scripts": {**METADATA, "ExecuteLuaEnabled": True},
    "limited": {**METADATA, "LimitFindResults": 10, "LimitFindInstances": 10},
    "revisions": {**METADATA, "CheckRevisions": True, "ExecuteLuaEnabled": True},
}


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("suite", ["trixie", "forky"])
def test_policies_do_what_a_plain_reading_of_them_says(
    suite: str, server: str, start_orthanc: Callable[..., OrthancServer]
) -> None:
    with Orthanc(start_orthanc(SERVERS[server], suite).url) as orthanc:
        archive = fill(orthanc)
        identifiers = sorted(archive)
        patients = [identifier for identifier in identifiers if archive[identifier].level == "patient"]

        @settings(max_examples=60)
        @given(POLICIES, STATE, st.sets(st.sampled_from(patients)))
        def law(policies: list[dict[str, Any]], state: list[Any], protected: set[str]) -> None:
            try:
                document = from_data({"version": 1, "policies": policies})
            except DocumentError:
                # Most that is drawn contradicts itself, which costs nothing.
                return
            before = deepcopy(archive)
            for position, labels, metadata in state:
                resource = before[identifiers[position % len(identifiers)]]
                resource.labels, resource.metadata = set(labels), dict(metadata)
            for identifier in protected:
                before[identifier].protected = True
            write(orthanc, before)
            wanted = expected(policies, before)
            if wanted is None:
                with pytest.raises(PlanError) as raised:
                    plan(orthanc, document)
                assert "want opposite things" in str(raised.value)
                assert read(orthanc, archive) == before
                return
            found = plan(orthanc, document)
            assert read(orthanc, archive) == before
            report = apply(orthanc, found, allow_deletes=True)
            assert report.ok, report
            assert read(orthanc, archive) == wanted
            assert plan(orthanc, document).empty
            tallies = [result.tally for result in report.results if result.tally]
            # What two policies want alike is done by the first one.
            assert sum(tally.done + tally.already for tally in tallies) == found.steps - len(found.by_policies)

        law()
