"""What nobody meant to delete is not deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, OrthancStateError, apply, from_data, load, loads, plan
from orthanc_state.document.load import DocumentError
from orthanc_state.document.safety import Limits
from orthanc_state.execution.executor import ExecutionError
from orthanc_state.planning.change import Action
from orthanc_state.planning.differ import PlanError
from orthanc_state.planning.plan_file import open_plan, save
from tests.trust.sites import addresses

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Cli

RAW = {"AET": "A", "Host": "h", "Port": 104}
ENTRY = ["A", "h", 104]


def populate(orthanc: Orthanc, count: int) -> list[str]:
    """Some modalities, each with a name of its own."""
    names = [f"m{number:03}" for number in range(count)]
    for number, name in enumerate(names):
        orthanc.modalities[name].put({**RAW, "AET": f"A{number}"})
    return names


def pruning(**more: Any) -> dict[str, Any]:
    """A document that declares one modality and deletes every other one."""
    return {"version": 1, "modalities": {"kept": ENTRY}, "prune": {"modalities": True}, **more}


PROTECTED = {
    "by its address": "protected: [modalities/m000]\nmodalities: {kept: [A, h, 104]}\nprune: {modalities: true}\n",
    "by a wildcard": 'protected: ["modalities/m*"]\nmodalities: {kept: [A, h, 104]}\nprune: {modalities: true}\n',
    "by a range": 'protected: ["modalities/m[0-9]00"]\nmodalities: {kept: [A, h, 104]}\nprune: {modalities: true}\n',
    "the whole kind": 'protected: ["modalities/*"]\nmodalities: {kept: [A, h, 104]}\nprune: {modalities: true}\n',
    "and to be absent": "protected: [modalities/m000]\nmodalities: {m000: {state: absent}}\n",
}


@pytest.mark.parametrize("name", PROTECTED)
def test_what_is_protected_is_not_deleted(orthanc: Orthanc, name: str) -> None:
    populate(orthanc, 1)
    with pytest.raises(PlanError) as raised:
        plan(orthanc, loads(f"version: 1\n{PROTECTED[name]}", name="site.yaml"))
    [problem] = raised.value.problems
    assert str(problem).startswith("site.yaml:2:13 protected.0: modalities/m000 is protected, and would be deleted")
    assert problem.hint == "declare it, or take its protection away first"
    assert orthanc.modalities.names() == ["m000"]


def test_what_is_protected_may_be_changed(orthanc: Orthanc) -> None:
    populate(orthanc, 1)
    document = from_data(
        {"version": 1, "modalities": {"m000": {"aet": "B", "host": "h", "port": 104, "protected": True}}}
    )
    assert apply(orthanc, plan(orthanc, document)).ok
    assert plan(orthanc, document).empty


@pytest.mark.parametrize("overlay", ["modalities: {pacs: null}", "modalities: null", "DicomModalities: {pacs: null}"])
def test_an_entry_is_protected_where_an_overlay_takes_it_away(orthanc: Orthanc, tmp_path: Path, overlay: str) -> None:
    orthanc.modalities["pacs"].put(RAW)
    base = "version: 1\nmodalities:\n  kept: [K, h, 104]\n  pacs: {aet: A, host: h, port: 104, protected: true}\n"
    (tmp_path / "base.yaml").write_text(base)
    more = "" if overlay != "modalities: null" else "peers: {}\n"
    (tmp_path / "overlay.yaml").write_text(f"{overlay}\nprune: {{modalities: true}}\n{more}")
    files = tmp_path / "base.yaml", tmp_path / "overlay.yaml"
    if overlay == "modalities: null":
        # Nothing is pruned from what is not declared at all.
        with pytest.raises(DocumentError, match="the document does not declare it"):
            load(*files)
        return
    with pytest.raises(PlanError, match="modalities/pacs is protected, and would be deleted"):
        plan(orthanc, load(*files))


@pytest.mark.parametrize(
    "text",
    [
        "protected: modalities/pacs",
        "protected: [pacs]",
        "protected: [modalities]",
        "protected: [metrics]",
        "protected: [modality/pacs]",
        "protected: [1]",
        "protected: [modalities/]",
        "limits: 10",
        "limits: {deletes: -1}",
        "limits: {deletes: true}",
        "limits: {deletes: many}",
        "limits: {share: 0.3}",
        "limits: {share: 101%}",
        "limits: {share: -1%}",
        "limits: {shares: 10%}",
        "limits: [1]",
    ],
)
def test_what_is_meant_to_be_safe_and_is_not_understood_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(DocumentError, match=r"site\.yaml:2:") as raised:
        loads(f"version: 1\n{text}\n", name="site.yaml")
    assert len(raised.value.problems) == 1


@pytest.mark.parametrize(
    ("deleted", "existing", "stopped"),
    [
        (1, 1, False),
        (2, 2, True),
        (9, 9, True),
        (2, 7, False),
        (3, 7, True),
        (2, 6, True),
        (10, 100, False),
        (11, 100, True),
        (0, 0, False),
        (3, 10, False),
        (4, 10, True),
    ],
)
def test_the_limits_hold_for_small_numbers_and_for_large_ones(deleted: int, existing: int, stopped: bool) -> None:
    assert Limits().exceeded(deleted, existing) is stopped


@pytest.mark.parametrize(
    ("existing", "deleted", "stopped"), [(9, 9, True), (7, 2, False), (1, 1, False), (40, 11, True)]
)
def test_an_apply_that_deletes_too_much_is_refused_as_a_whole(
    orthanc: Orthanc, existing: int, deleted: int, stopped: bool
) -> None:
    names = populate(orthanc, existing)
    document = from_data(
        {"version": 1, "modalities": {name: {"state": "absent"} for name in names[:deleted]}, "metrics": False}
    )
    found = plan(orthanc, document)
    assert found.count(Action.DELETE) == deleted
    if stopped:
        assert found.over_limits == (f"{deleted} of {existing} modalities would be deleted",)
        with pytest.raises(ExecutionError, match=f"{deleted} of {existing} modalities would be deleted; nothing was"):
            apply(orthanc, found)
        assert orthanc.modalities.names() == names
        assert orthanc.tools.metrics.get() is True
    assert apply(orthanc, found, allow_deletes=stopped).ok
    assert plan(orthanc, document).empty


def test_a_document_may_set_other_limits(orthanc: Orthanc, tmp_path: Path) -> None:
    populate(orthanc, 4)
    assert plan(orthanc, from_data(pruning())).over_limits == ("4 of 4 modalities would be deleted",)
    strict = from_data(pruning(limits={"deletes": 0}))
    assert plan(orthanc, strict).over_limits
    lenient = plan(orthanc, from_data(pruning(limits={"deletes": 4, "share": "100%"})))
    assert lenient.over_limits == ()
    # They are part of what was approved.
    save(lenient, tmp_path / "lenient.json")
    save(plan(orthanc, strict), tmp_path / "strict.json")
    with pytest.raises(ExecutionError):
        apply(orthanc, open_plan(tmp_path / "strict.json"))
    assert apply(orthanc, open_plan(tmp_path / "lenient.json")).ok
    assert orthanc.modalities.names() == ["kept"]


def test_each_kind_has_its_own_count(orthanc: Orthanc) -> None:
    populate(orthanc, 6)
    for number in range(20):
        orthanc.peers[f"p{number}"].put({"Url": f"http://h{number}/"})
    document = from_data(
        {
            "version": 1,
            "modalities": {"m000": {"state": "absent"}},
            "peers": {f"p{number}": {"state": "absent"} for number in range(7)},
        }
    )
    assert plan(orthanc, document).over_limits == ("7 of 20 peers would be deleted",)


def test_the_command_line_refuses_until_it_is_told(orthanc: Orthanc, tmp_path: Path, cli: Cli) -> None:
    populate(orthanc, 9)
    (tmp_path / "site.yaml").write_text("version: 1\nmodalities: {kept: [A, h, 104]}\n")
    arguments = ("site.yaml", "--prune", "modalities", "--url", orthanc.url)
    shown = cli("plan", *arguments)
    assert shown.returncode == 0
    assert "- modalities/m008" in shown.stdout
    assert "Needs --allow-deletes: 9 of 9 modalities would be deleted" in shown.stdout
    refused = cli("apply", "--yes", *arguments)
    assert refused.returncode == 1
    assert "9 of 9 modalities would be deleted; nothing was written" in refused.stderr
    assert "give --allow-deletes" in refused.stderr
    assert len(orthanc.modalities.names()) == 9
    assert cli("apply", "--yes", "--allow-deletes", *arguments).returncode == 0
    assert orthanc.modalities.names() == ["kept"]


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["metrics"], "metrics cannot be pruned"),
        (["nonsense"], "nonsense cannot be pruned"),
        (["peers"], "peers is to be pruned, but the document declares none"),
    ],
)
def test_only_what_is_declared_is_pruned(names: list[str], says: str) -> None:
    document = from_data({"version": 1, "modalities": {"a": ENTRY}, "peers": {}})
    with pytest.raises(OrthancStateError, match=says):
        document.pruning(names)


def test_an_empty_section_prunes_nothing(orthanc: Orthanc) -> None:
    populate(orthanc, 2)
    document = from_data({"version": 1, "modalities": {}, "prune": {"modalities": True}})
    assert "more often a mistake than a wish" in document.warnings[0].message
    assert plan(orthanc, document).empty


def test_a_file_that_is_missing_deletes_nothing(orthanc: Orthanc, tmp_path: Path) -> None:
    populate(orthanc, 2)
    (tmp_path / "base.yaml").write_text("version: 1\nmodalities: {kept: [A, h, 104]}\nprune: {modalities: true}\n")
    with pytest.raises(DocumentError, match="cannot be read: No such file"):
        load(tmp_path / "base.yaml", tmp_path / "missing.yaml")


def test_addresses_of_a_plan_are_in_the_order_in_which_they_are_written(orthanc: Orthanc) -> None:
    populate(orthanc, 3)
    assert addresses(plan(orthanc, from_data(pruning()))) == [
        "modalities/kept",
        "modalities/m000",
        "modalities/m001",
        "modalities/m002",
    ]
