"""Every error that a user can meet has a code, which is shown, explained and documented."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import orthanc_state
from orthanc_state.codes import ENDS, codes
from orthanc_state.document.reference import reference
from orthanc_state.errors import OrthancStateError
from orthanc_state.execution.report import Outcome, Report, Result
from orthanc_state.execution.tally import Tally
from orthanc_state.kinds.live import Server
from orthanc_state.kinds.operation import Operation
from orthanc_state.planning.change import Action, Change
from tools.make_pages import errors_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Cli


CHANGE = Change(
    Action.UPDATE,
    "metrics",
    "",
    "metrics",
    {"value": False},
    {"value": True},
    Operation("PUT", "/tools/metrics", text="1"),
)


def every_error() -> Iterator[type[OrthancStateError]]:
    """Those of every module of the package, however they are found."""
    for module in pkgutil.walk_packages(orthanc_state.__path__, "orthanc_state."):
        # What needs an extra, or is no module to be imported, has no errors of its own.
        if not module.name.endswith("__main__") and not module.name.startswith("orthanc_state.testing.plugin"):
            importlib.import_module(module.name)
    waiting = [OrthancStateError]
    while waiting:
        error = waiting.pop()
        if error.__module__.startswith("orthanc_state."):
            yield error
        waiting += error.__subclasses__()


def test_every_error_has_a_code_of_its_own_and_says_what_can_be_done() -> None:
    errors = list(every_error())
    for error in errors:
        assert "code" in vars(error), f"{error.__qualname__} has no code: see orthanc_state/errors.py"
        assert "remedy" in vars(error), f"{error.__qualname__} does not say what can be done"
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", error.code)
        assert error.remedy.endswith(".")
    names = [error.code for error in errors] + [end.name for end in ENDS]
    assert len(names) == len(set(names))
    # Found without importing everything, too.
    missing = set(names) - codes().keys()
    assert not missing, f"their modules are not in orthanc_state/codes.py: {missing}"


def test_every_code_is_documented() -> None:
    page = errors_page()
    for code in codes().values():
        assert f"### `{code.name}`" in page
        assert code.meaning[0].isupper() or code.meaning[0].isdigit()


def test_no_code_is_a_section_of_a_document() -> None:
    assert not {part.path[0] for part in reference().parts} & codes().keys()


def test_the_root_of_errors_is_raised_nowhere() -> None:
    raised = [
        f"{path}:{node.lineno}"
        for path in sorted(Path(orthanc_state.__path__[0]).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        # In a notebook a message is shown to whoever made the mistake, and nothing looks it up.
        if "jupyter" not in path.parts
        and isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and getattr(node.exc.func, "id", "") in ("OrthancStateError", "ProblemsError")
    ]
    assert not raised, "raise a class of errors that has a code of its own"


def test_a_code_ends_the_first_line_and_stands_in_the_data(cli: Cli) -> None:
    failed = cli("plan", "missing.yaml", "--url", "http://127.0.0.1:1", "--json")
    assert failed.stderr.splitlines()[0].endswith(" [document-invalid]")
    assert json.loads(failed.stdout)["code"] == "document-invalid"
    assert cli("plan", "--nonsense").stderr.splitlines()[0].endswith(" [usage]")


def test_explain_tells_what_a_code_means(cli: Cli) -> None:
    for written in ("server-unreachable", "[server-unreachable]"):
        told = cli("explain", written)
        assert told.returncode == 0
        assert told.stdout.startswith("server-unreachable\n")
        assert "NO_PROXY" in told.stdout
    data = json.loads(cli("explain", "plan-moved", "--json").stdout)
    assert (data["code"], data["exit_code"], data["error"]) == ("plan-moved", 1, None)


@pytest.mark.parametrize(
    ("outcomes", "interrupted", "code"),
    [
        ([Outcome.APPLIED, Outcome.ALREADY], False, ""),
        ([Outcome.APPLIED, Outcome.MOVED, Outcome.NOT_TRIED], False, "plan-moved"),
        ([Outcome.MOVED, Outcome.FAILED], False, "apply-incomplete"),
        ([Outcome.NOT_TRIED], True, "interrupted"),
    ],
)
def test_a_report_has_the_code_of_how_it_ended(outcomes: list[Outcome], interrupted: bool, code: str) -> None:
    results = tuple(Result(CHANGE, outcome) for outcome in outcomes)
    report = Report(Server("http://localhost", "", "1.12.7"), results, interrupted)
    assert report.code == code
    assert not code or code in codes()
    assert report.written is (Outcome.APPLIED in outcomes)


@pytest.mark.parametrize("done", [0, 3])
def test_a_policy_of_which_nothing_was_done_has_written_nothing(done: int) -> None:
    results = (Result(CHANGE, Outcome.FAILED, tally=Tally(done=done)),)
    assert Report(Server("http://localhost", "", "1.12.7"), results).written is (done > 0)
