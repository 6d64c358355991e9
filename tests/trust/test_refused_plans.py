"""A saved plan that is not what was approved, or not for this server, is refused with one clear reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import orthanc_state
from orthanc_state import Orthanc, OrthancStateError, apply, plan
from orthanc_state.execution.executor import ExecutionError
from orthanc_state.planning.plan_data import FORMAT
from orthanc_state.planning.plan_file import open_plan, save
from orthanc_state.planning.sealed import FileError, write_sealed
from tests.faults.fault_proxy import FaultProxy
from tests.trust.sites import ENVIRONMENT, SITE, furnish, site
from tests.trust.test_saved_plans import plain

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.testing import OrthancServer
    from tests.conftest import Cli

    Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def saved(orthanc: Orthanc, tmp_path: Path) -> Path:
    """The plan of the site, saved."""
    path = tmp_path / "plan.json"
    save(furnish(orthanc), path)
    return path


def refusal(path: Path) -> OrthancStateError:
    """Why a plan is refused; of one line, as every reason is."""
    with pytest.raises(OrthancStateError) as raised:
        open_plan(path, ENVIRONMENT)
    assert "\n" not in str(raised.value)
    return raised.value


def reseal(path: Path, edit: Edit) -> None:
    """Edit a plan and compute its digest anew, as somebody does who knows how."""
    data = json.loads(path.read_text())
    edit(data)
    for key in ("format", "format_version", "kit", "digest"):
        data.pop(key, None)
    write_sealed(path, FORMAT, data)


def change_of(data: dict[str, Any], address: str) -> dict[str, Any]:
    """One change in the data of a plan."""
    return next(change for change in data["changes"] if change["address"] == address)


def test_one_that_is_cut_short_anywhere_is_refused(saved: Path) -> None:
    content = saved.read_bytes()
    lengths = {0, 1, 10, 30, len(content) - 2, *range(0, len(content) - 1, len(content) // 60)}
    for length in sorted(lengths):
        saved.write_bytes(content[:length])
        assert "is not a whole plan" in str(refusal(saved))
    # Only the end of its last line is not needed.
    saved.write_bytes(content[:-1])
    assert open_plan(saved, ENVIRONMENT).changes


@pytest.mark.parametrize("length", [0, 40])
def test_one_that_is_cut_short_is_not_taken_for_a_document(
    orthanc: Orthanc, saved: Path, cli: Cli, length: int
) -> None:
    saved.write_bytes(saved.read_bytes()[:length])
    before = plan(orthanc, site())
    result = cli("apply", "--yes", "plan.json", env={**ENVIRONMENT, "ORTHANC_URL": orthanc.url})
    assert result.returncode == 1
    assert "plan.json" in result.stderr
    assert "Traceback" not in result.stderr
    assert len(plan(orthanc, site()).changes) == len(before.changes)


def test_any_byte_that_is_changed_is_refused_or_changes_nothing(saved: Path) -> None:
    content = saved.read_bytes()
    approved = plain(open_plan(saved, ENVIRONMENT))

    @settings(max_examples=150)
    @example(place=0, byte=0)
    @example(place=len(content) - 1, byte=32)
    @given(place=st.integers(0, len(content) - 1), byte=st.integers(0, 255))
    def law(place: int, byte: int) -> None:
        saved.write_bytes(content[:place] + bytes([byte]) + content[place + 1 :])
        refused = ""
        try:
            assert plain(open_plan(saved, ENVIRONMENT)) == approved
        except OrthancStateError as error:
            refused = str(error)
        assert "\n" not in refused

    law()


def _wrap(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


EDITS: dict[str, Edit] = {
    "method": lambda data: change_of(data, "metrics")["operation"].update(method="POST"),
    "method DELETE": lambda data: change_of(data, "modalities/pacs")["operation"].update(method="DELETE"),
    "another path": lambda data: change_of(data, "metrics")["operation"].update(path="/tools/shutdown"),
    "a path that climbs": lambda data: change_of(data, "modalities/ct")["operation"].update(
        path="/modalities/../tools/shutdown"
    ),
    "a path with a query": lambda data: change_of(data, "modalities/ct")["operation"].update(path="/modalities/ct?a=b"),
    "a path of another server": lambda data: change_of(data, "metrics")["operation"].update(path="http://h/"),
    "a path with a line break": lambda data: change_of(data, "metrics")["operation"].update(path="/tools/metrics\r\n"),
    "the path of another entry": lambda data: change_of(data, "modalities/ct")["operation"].update(
        path="/modalities/pacs"
    ),
    "the path of another kind": lambda data: change_of(data, "modalities/ct")["operation"].update(path="/peers/ct"),
    "another name": lambda data: change_of(data, "modalities/ct").update(name="pacs"),
    "another address": lambda data: change_of(data, "modalities/ct").update(address="modalities/pacs"),
    "another kind": lambda data: change_of(data, "modalities/ct").update(kind="peers"),
    "an unknown kind": lambda data: change_of(data, "modalities/ct").update(kind="tools"),
    "policies as a resource": lambda data: change_of(data, "modalities/ct").update(kind="policies"),
    "another body than is shown": lambda data: change_of(data, "modalities/ct")["operation"]["body"].update(
        Host="evil.example"
    ),
    "more in the body than is shown": lambda data: change_of(data, "modalities/ct")["operation"]["body"].update(
        Extra="x" * 10**6
    ),
    "no body": lambda data: change_of(data, "modalities/ct")["operation"].update(body=None),
    "a body where there is none": lambda data: change_of(data, "modalities/old")["operation"].update(body={}),
    "a text instead of the body": lambda data: change_of(data, "modalities/ct")["operation"].update(
        body=None, text="{}"
    ),
    "another text than is shown": lambda data: change_of(data, "metrics")["operation"].update(text="1"),
    "another level than is shown": lambda data: change_of(data, "logging/dicom")["operation"].update(text="trace"),
    "a transfer syntax that is not shown": lambda data: change_of(data, "dicom/accepted_transfer_syntaxes")[
        "operation"
    ].update(body=["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.50"]),
    "no transfer syntaxes": lambda data: change_of(data, "dicom/accepted_transfer_syntaxes")["operation"].update(
        body=[]
    ),
    "transfer syntaxes that are none": lambda data: change_of(data, "dicom/accepted_transfer_syntaxes")[
        "operation"
    ].update(body={"a": [1]}),
    "a deletion that is shown as an update": lambda data: change_of(data, "modalities/old").update(action="update"),
    "an update that is shown as a creation": lambda data: change_of(data, "modalities/pacs").update(action="create"),
    "a secret that goes elsewhere": lambda data: change_of(data, "peers/backup")["operation"]["body"].update(
        Username={"$secret": "password"}
    ),
    "a secret that is not there": lambda data: change_of(data, "peers/backup")["operation"]["body"].update(
        Password={"$secret": "other"}
    ),
    "a negative count": lambda data: data["existing"].update(modalities=-5),
    "a negative limit": lambda data: data["limits"].update(deletes=-1),
    "a share of more than all": lambda data: data["limits"].update(share=1000),
    "a number that is none": lambda data: data["limits"].update(deletes="10"),
    "a truth value for a number": lambda data: data["limits"].update(deletes=True),
    "a negative line": lambda data: data["warnings"].append(
        {"message": "", "file": None, "line": -1, "column": 0, "field": "", "hint": ""}
    ),
    "a body nested deep": lambda data: change_of(data, "modalities/ct")["operation"].update(body=_wrap(300)),
    "a state nested deep": lambda data: change_of(data, "modalities/ct")["after"].update(aet=_wrap(300)),
    "a state before nested deep": lambda data: change_of(data, "modalities/pacs")["before"].update(aet=_wrap(300)),
    "a state before that is none": lambda data: change_of(data, "peers/backup")["before"].update(
        password={"$hidden": {"digest": [1], "secret": "x"}}
    ),
    "a number with a point": lambda data: change_of(data, "modalities/ct")["after"].update(port=1.5),
    "a field more": lambda data: data.update(more=1),
    "a field less": lambda data: data.pop("limits"),
    "an effect without its policy": lambda data: data["by_policies"].append(
        {
            "kind": "policies",
            "name": "p",
            "address": "policies/p",
            "level": "study",
            "query": {},
            "selected": 0,
            "effects": [],
            "templates": {},
        }
    ),
    "no changes at all": lambda data: data.update(changes={}),
    "a server of another sort": lambda data: data.update(server=[]),
    "a URL that is none": lambda data: data["server"].update(url="\u001b[2Jhttp://h"),
    "the key of another mode": lambda data: data["fingerprints"].update(mode="scrypt"),
}


@pytest.mark.parametrize("name", EDITS)
def test_one_that_was_edited_by_somebody_who_knows_how_sends_nothing_but_what_it_shows(saved: Path, name: str) -> None:
    reseal(saved, lambda data: None)
    assert open_plan(saved, ENVIRONMENT).changes
    reseal(saved, EDITS[name])
    error = refusal(saved)
    assert isinstance(error, FileError)
    assert "is not one that this kit wrote" in str(error) or "is not a whole plan" in str(error)
    assert len(str(error)) < 1000


def test_deep_nesting_is_refused_before_it_is_looked_at(saved: Path) -> None:
    text = saved.read_text().replace('"by_policies": []', '"by_policies": ' + "[" * 5000 + "]" * 5000)
    saved.write_text(text)
    assert "plan" in str(refusal(saved))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (f'"kit": "{orthanc_state.__version__}"', '"kit": "9.9"', r"was made by orthanc-state '9\.9'"),
        ('"format_version": 1', '"format_version": 2', "has version 2 of its format"),
        ('"format": "orthanc-state/plan"', '"format": "orthanc-state/snapshot"', "is no plan"),
        ('"format_version": 1,', '"format_version": 1, "format_version": 1,', "is no JSON"),
        ('"port": 11112', '"port": 11113', "its digest does not fit"),
        ('"port": 11112', '"port": NaN', "is no JSON"),
    ],
)
def test_one_of_another_version_or_edited_by_hand_is_refused_with_the_reason(
    saved: Path, old: str, new: str, says: str
) -> None:
    text = saved.read_text()
    assert old in text
    saved.write_text(text.replace(old, new, 1))
    error = refusal(saved)
    assert error.hint or "version" in str(error)
    with pytest.raises(OrthancStateError, match=says):
        raise error


def test_what_is_no_plan_at_all_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with pytest.raises(FileError, match=r"cannot read the plan .*: No such file"):
        open_plan(path)
    for content in (b"", b"[]", b"\xff\xfe", b"null", b'"orthanc-state/plan"', SITE.encode(), b"\0" * 100):
        path.write_bytes(content)
        assert "plan" in str(refusal(path))
    with pytest.raises(FileError, match=r"cannot read the plan .*: Is a directory"):
        open_plan(tmp_path)


def test_it_is_applied_to_no_other_server(
    orthanc: Orthanc, saved: Path, start_orthanc: Callable[..., OrthancServer]
) -> None:
    opened = open_plan(saved, ENVIRONMENT)
    with Orthanc(start_orthanc().url) as other:
        with pytest.raises(ExecutionError, match="this plan was made for http"):
            apply(other, opened)
        assert other.modalities.names() == []


@pytest.mark.parametrize(
    ("configuration", "says"),
    [
        ({"Name": "ward 8"}, "its name was 'orthanc-state', and this one's is 'ward 8'"),
        ({"DicomAet": "OTHER"}, "its AE title was 'ORTHANC', and this one's is 'OTHER'"),
    ],
    ids=["name", "AE title"],
)
def test_it_is_not_applied_to_another_server_behind_the_same_address(
    tmp_path: Path,
    start_orthanc: Callable[..., OrthancServer],
    server: OrthancServer,
    configuration: dict[str, str],
    says: str,
) -> None:
    _moves(start_orthanc(configuration), server, tmp_path / "plan.json", says)


def test_it_is_not_applied_to_a_server_of_another_version(
    tmp_path: Path, start_orthanc: Callable[..., OrthancServer], server: OrthancServer
) -> None:
    _moves(
        start_orthanc(suite="forky"),
        server,
        tmp_path / "plan.json",
        r"its version was '1\.12\.7', and this one's is '1\.13\.0'",
    )


def _moves(other: OrthancServer, server: OrthancServer, path: Path, says: str) -> None:
    """Save a plan for one server, and apply it when another one is behind its address."""
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url) as orthanc:
        save(plan(orthanc, site()), path)
        proxy.upstream = (urlsplit(other.url).hostname or "", urlsplit(other.url).port or 0)
        proxy.seen.clear()
        with pytest.raises(ExecutionError, match=says):
            apply(orthanc, open_plan(path, ENVIRONMENT))
    assert set(proxy.methods) == {"GET"}


def test_a_secret_that_was_changed_since_is_named_by_its_reference(saved: Path, cli: Cli, orthanc: Orthanc) -> None:
    rotated = {**ENVIRONMENT, "PEER_PASSWORD": "canary-rotated-1", "PEER_HEADER": "canary-rotated-2"}
    with pytest.raises(OrthancStateError) as raised:
        open_plan(saved, {**ENVIRONMENT, "PEER_PASSWORD": rotated["PEER_PASSWORD"]})
    [problem] = raised.value.problems  # type: ignore[attr-defined]
    assert str(problem).endswith(
        "peers.backup.password: !env PEER_PASSWORD is another secret than the one that was planned with "
        "(make the plan anew)"
    )
    result = cli("apply", "--yes", str(saved), env=rotated)
    assert result.returncode == 1
    assert "!env PEER_PASSWORD" in result.stderr
    assert "!env PEER_HEADER" in result.stderr
    assert "canary" not in result.stdout + result.stderr
    assert len(plan(orthanc, site()).changes) == 12


@pytest.mark.parametrize("environment", [{}, {**ENVIRONMENT, "PEER_PASSWORD": ""}], ids=["missing", "empty"])
def test_a_secret_that_is_not_there_is_named(saved: Path, environment: dict[str, str]) -> None:
    with pytest.raises(OrthancStateError, match=r"the environment variable PEER_PASSWORD is (not set|empty)"):
        open_plan(saved, environment)
    assert open_plan(saved, environment, secrets=False).changes
