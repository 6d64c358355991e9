"""Everything that a document can say has an option in the collection, and every plugin is documented and tested."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from orthanc_state.document.reference import reference
from orthanc_state.kinds.registry import all_kinds
from tests.ansible.playbooks import BIN, PLAYS, ROOT
from tools.make_ansible_options import ENTRIES, files

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.document.topic import Topic

COLLECTION = ROOT / "ansible" / "ansible_collections" / "orthanc" / "state"
MODULES = sorted(path.stem for path in (COLLECTION / "plugins" / "modules").glob("*.py"))
PLUGINS = [*(("module", name) for name in MODULES), ("lookup", "find"), ("inventory", "fleet")]
WRITING = ("document", *ENTRIES, "settings", "policy")


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `ansible-doc` tells of every module."""
    home = str(tmp_path_factory.mktemp("ansible"))
    names = [f"orthanc.state.{name}" for name in MODULES]
    done = subprocess.run(
        [str(BIN / "ansible-doc"), "--json", "-t", "module", *names],
        env={"ANSIBLE_COLLECTIONS_PATH": str(ROOT / "ansible"), "ANSIBLE_HOME": home, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr, done.stderr
    return {name.removeprefix("orthanc.state."): each for name, each in json.loads(done.stdout).items()}


def test_the_generated_files_are_not_stale() -> None:
    stale = [path.name for path, text in files().items() if path.read_text() != text]
    assert not stale, f"run tools/make_ansible_options.py: {stale}"


def test_every_kind_has_a_module(documented: dict[str, Any]) -> None:
    modules = {section: name for name, section in ENTRIES.items()} | {"policies": "policy"}
    for kind in all_kinds().values():
        if kind.name in modules:
            assert modules[kind.name] in documented
        else:
            assert kind.path[-1] in documented["settings"]["doc"]["options"], kind.name


def test_every_field_of_a_kind_has_an_option(documented: dict[str, Any]) -> None:
    topics = {topic.path: topic for topic in reference().walk()}
    for module, section in {**ENTRIES, "policy": "policies"}.items():
        options = documented[module]["doc"]["options"]
        several = options["policies" if module == "policy" else "entries"]["suboptions"]
        for field in topics[(section,)].parts:
            assert_has(options, field, 1)
            assert_has(several, field, 1)
    for kind in all_kinds().values():
        if kind.path[-1] in (options := documented["settings"]["doc"]["options"]):
            for field in topics[kind.path].parts:
                assert_has(options[kind.path[-1]]["suboptions"], field, len(kind.path))


@pytest.mark.parametrize("module", ["document", "plan_info"])
def test_every_section_of_a_document_is_told_of(documented: dict[str, Any], module: str) -> None:
    sections = documented[module]["doc"]["options"]["document"]["suboptions"]
    assert set(sections) == {topic.path[0] for topic in reference().parts}
    for topic in reference().parts:
        if not topic.entries:
            for field in topic.parts:
                assert_has(sections[topic.path[0]].get("suboptions", {topic.path[0]: {}}), field, 1, whole=False)


def assert_has(options: dict[str, Any], field: Topic, depth: int, *, whole: bool = True) -> None:
    """A field has an option, and what it is made of has suboptions; of the keywords of DICOM there are too many."""
    name = field.path[depth]
    if options == {field.path[0]: {}}:
        return
    assert name in options, field.name
    if whole and field.parts and field.name != "policies.match":
        for part in field.parts:
            assert_has(options[name]["suboptions"], part, depth + 1)


def test_every_module_is_in_the_action_group() -> None:
    runtime = yaml.safe_load((COLLECTION / "meta" / "runtime.yml").read_text())
    assert sorted(runtime["action_groups"]["all"]) == MODULES


def test_secrets_are_hidden_by_the_argument_specification() -> None:
    from ansible_collections.orthanc.state.plugins.module_utils import arguments

    for module, section in ENTRIES.items():
        spec = getattr(arguments, module.upper())
        for options in (spec, spec["entries"]["options"]):
            for topic in next(each for each in reference().parts if each.path == (section,)).parts:
                assert options[topic.path[-1]]["no_log"] is topic.secret, topic.name


@pytest.mark.parametrize("module", MODULES)
def test_the_documentation_is_whole(documented: dict[str, Any], module: str) -> None:
    doc = documented[module]["doc"]
    assert {"check_mode", "diff_mode", "idempotent", "action_group"} <= set(doc["attributes"])
    assert doc["attributes"]["check_mode"]["support"] == "full"
    assert doc["attributes"]["diff_mode"]["support"] == "full" or module not in WRITING
    tasks = yaml.safe_load(documented[module]["examples"])
    actions = [key for task in tasks for key in task if "." in key]
    assert f"orthanc.state.{module}" in actions
    assert all(task.get("delegate_to") == "localhost" for task in tasks if f"orthanc.state.{module}" in task)
    assert documented[module]["return"]


@pytest.mark.parametrize("play", ["wrong.yml", "down.yml"])
def test_every_module_fails_in_a_test(play: str) -> None:
    assert {f"orthanc.state.{name}" for name in MODULES} <= set(actions_of(PLAYS / play))


@pytest.mark.parametrize("play", ["present.yml", "absent.yml"])
def test_every_writing_module_is_tested(play: str) -> None:
    assert {f"orthanc.state.{name}" for name in WRITING} <= set(actions_of(PLAYS / play))


def actions_of(path: Path) -> list[str]:
    return [key for play in yaml.safe_load(path.read_text()) for task in play["tasks"] for key in task]


def test_python_is_new_enough() -> None:
    # The collection says that it takes 3.11.
    assert sys.version_info >= (3, 11)
