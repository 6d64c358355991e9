"""A rollback brings back what was there before, says what it cannot, and leaves alone what has changed since."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from orthanc_state import Orthanc, apply, from_data, loads, plan
from orthanc_state.execution.history import History, JournalError
from orthanc_state.execution.journal import Journal
from orthanc_state.execution.rollback import rollback
from orthanc_state.kinds.kind import Context
from orthanc_state.kinds.live import read
from orthanc_state.kinds.registry import resource_kinds
from orthanc_state.kinds.state import hidden_values
from orthanc_state.kinds.version import parse_version
from orthanc_state.planning.plan_file import open_plan, save
from tests.trust.sites import ADDRESSES, ENVIRONMENT, PEER_PASSWORD, addresses, furnish, referring, site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state import Document, Plan, Report
    from orthanc_state.kinds.state import State
    from orthanc_state.testing import OrthancServer
    from tests.conftest import Cli


def states(orthanc: Orthanc, document: Document) -> dict[str, State]:
    """Everything that is on a server, by address; what is hidden as its digest."""
    kinds = resource_kinds()
    live = read(orthanc, kinds)
    context = Context(live.server.number, document.fingerprints)
    return {
        kind.address(name): state
        for kind in kinds
        for name, state in kind.live(live.raw[kind.name], None, context).items()
    }


def done(orthanc: Orthanc, found: Plan, path: Path, **options: Any) -> Report:
    """Apply a plan with a journal."""
    with Journal(path) as journal:
        return apply(orthanc, found, journal=journal, allow_deletes=True, **options)


def undone(orthanc: Orthanc, path: Path, environment: dict[str, str] = ENVIRONMENT) -> Plan:
    """The plan that undoes the last apply."""
    return rollback(orthanc, History.read(path).runs[-1], environment)


def test_every_kind_is_as_it_was_and_the_rollback_can_be_rolled_back(orthanc: Orthanc, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    found = furnish(orthanc)
    before = states(orthanc, site())
    assert done(orthanc, found, path).ok
    after = states(orthanc, site())
    assert plan(orthanc, site()).empty
    undo = undone(orthanc, path)
    assert undo.notes == ()
    assert sorted(addresses(undo)) == sorted(ADDRESSES)
    # What replaced something goes after it is back.
    assert addresses(undo) == list(reversed(ADDRESSES))
    assert done(orthanc, undo, path).ok
    assert states(orthanc, site()) == before
    redo = undone(orthanc, path)
    assert redo.notes[0].field == "peers/backup"
    assert "http_headers.X-Api-Key" in redo.notes[0].message
    assert done(orthanc, redo, path).ok
    left = {address: state for address, state in states(orthanc, site()).items() if address != "peers/backup"}
    assert left == {address: state for address, state in after.items() if address != "peers/backup"}
    assert len(History.read(path).runs) == 3
    assert set(addresses(undone(orthanc, path))) == {each for each in ADDRESSES if each != "peers/backup"}


@pytest.mark.orthanc(plugins=["dicomweb"])
def test_the_state_after_an_apply_and_its_rollback_is_that_before(
    orthanc_server: OrthancServer, tmp_path: Path
) -> None:
    documents = referring(parse_version(orthanc_server.version), str(orthanc_server.log_path))
    path = tmp_path / "journal.jsonl"

    @settings(max_examples=10)
    @given(first=documents, last=documents)
    def law(first: tuple[str, dict[str, str]], last: tuple[str, dict[str, str]]) -> None:
        path.unlink(missing_ok=True)
        environment = {**last[1], "KEY": "k"}
        start, end = (
            loads(f'{text[:-1]}, "fingerprints": {{"key": !env KEY}}}}', environment={**secrets, "KEY": "k"})
            for text, secrets in (first, last)
        )
        with Orthanc(orthanc_server.url) as orthanc:
            assert apply(orthanc, plan(orthanc, start), allow_deletes=True).ok
            before = states(orthanc, start)
            found = plan(orthanc, end)
            assert done(orthanc, found, path).ok
            undo = undone(orthanc, path, environment)
            report = done(orthanc, undo, path)
            assert report.ok, report
            after = states(orthanc, start)
        noted = {note.field for note in undo.notes}
        # Only a secret of before can be in the way, and only of what was written.
        assert noted <= {change.address for change in found.changes if hidden_values(change.before or {})}
        assert {each: after.get(each) for each in before if each not in noted} == {
            each: before[each] for each in before if each not in noted
        }
        assert after.keys() - noted <= before.keys()

    law()


def test_what_has_changed_since_is_left_alone_and_said(orthanc: Orthanc, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    assert done(orthanc, furnish(orthanc), path).ok
    orthanc.modalities["pacs"].put({"AET": "ELSE", "Host": "h", "Port": 1})
    orthanc.modalities["ct"].delete()
    orthanc.tools.metrics.set(True)
    orthanc.tools.default_encoding.set("Greek")
    orthanc.modalities["old"].put({"AET": "ELSE", "Host": "h", "Port": 1})
    undo = undone(orthanc, path)
    assert sorted(note.field for note in undo.notes) == ["dicom/default_encoding", "modalities/old", "modalities/pacs"]
    assert {note.message for note in undo.notes} == {
        "it is neither as it was before nor as it was to be, and is left as it is"
    }
    assert sorted(undo.unchanged) == ["metrics", "modalities/ct"]
    assert done(orthanc, undo, path).ok
    assert orthanc.tools.default_encoding.get() == "Greek"
    assert orthanc.modalities["pacs"].configuration()["AET"] == "ELSE"


def test_a_rollback_compares_before_it_writes_too(orthanc: Orthanc, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    assert done(orthanc, furnish(orthanc), path).ok
    undo = undone(orthanc, path)
    orthanc.modalities["pacs"].put({"AET": "ELSE", "Host": "h", "Port": 1})
    report = done(orthanc, undo, path)
    assert [result.change.address for result in report.results if not result.outcome.ok] == ["modalities/pacs"]
    assert orthanc.modalities["pacs"].configuration()["AET"] == "ELSE"


def test_an_apply_that_was_cut_short_is_undone_as_far_as_it_came(orthanc: Orthanc, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    found = furnish(orthanc)
    before = states(orthanc, site())
    stop = Event()
    report = done(orthanc, found, path, stop=stop, on_result=lambda result: stop.set())
    assert report.interrupted
    # And what was in hand when it was killed: noted, and perhaps sent.
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    undo = undone(orthanc, path)
    assert addresses(undo) == [ADDRESSES[0]]
    assert done(orthanc, undo, path).ok
    assert states(orthanc, site()) == before
    path.write_bytes(b"".join(lines[:2]))
    assert undone(orthanc, path).empty


SECRETS = {
    "one that was deleted": ("{state: absent}", ENVIRONMENT, "its password of before is a secret that was never known"),
    "one that was rotated": (
        '{url: "http://h/", username: u, password: !env PEER_HEADER}',
        ENVIRONMENT,
        "its password of before is a secret that was never known",
    ),
    "one that is not there any more": (
        '{url: "http://other/", username: u, password: !env PEER_PASSWORD}',
        {},
        r"\(!env PEER_PASSWORD is not there\)",
    ),
    "one that is another one now": (
        '{url: "http://other/", username: u, password: !env PEER_PASSWORD}',
        {"PEER_PASSWORD": "canary-other"},
        "its password of before is a secret that was never known",
    ),
    "one that is still there": ('{url: "http://other/", username: u, password: !env PEER_PASSWORD}', ENVIRONMENT, ""),
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_of_before_comes_back_where_it_is_known_and_is_named_where_not(
    orthanc: Orthanc, tmp_path: Path, name: str
) -> None:
    after, environment, says = SECRETS[name]
    path = tmp_path / "journal.jsonl"
    document = "version: 1\npeers: {{p: {}}}\n"
    start = loads(
        document.format('{url: "http://h/", username: u, password: !env PEER_PASSWORD}'), environment=ENVIRONMENT
    )
    assert apply(orthanc, plan(orthanc, start)).ok
    assert done(orthanc, plan(orthanc, loads(document.format(after), environment=ENVIRONMENT)), path).ok
    undo = undone(orthanc, path, environment)
    if says:
        [note] = undo.notes
        with pytest.raises(AssertionError, match=says):
            raise AssertionError(note.message)
        assert undo.empty
        assert "canary" not in note.message
    else:
        assert undo.notes == ()
        assert done(orthanc, undo, path).ok
        assert plan(orthanc, start).empty


def test_a_secret_that_stood_in_the_document_in_clear_is_in_no_journal(orthanc: Orthanc, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    peer = {"url": "http://h/", "username": "u", "password": PEER_PASSWORD}
    first, last = (from_data({"version": 1, "peers": {"p": {**peer, "timeout": seconds}}}) for seconds in (1, 2))
    assert apply(orthanc, plan(orthanc, first)).ok
    assert done(orthanc, plan(orthanc, last), path).ok
    assert PEER_PASSWORD not in path.read_text()
    [note] = undone(orthanc, path).notes
    assert "a secret that stood in the document in clear is not there" in note.message


def test_it_is_for_the_server_of_the_journal_only(
    orthanc: Orthanc, tmp_path: Path, start_orthanc: Callable[..., OrthancServer]
) -> None:
    path = tmp_path / "journal.jsonl"
    assert done(orthanc, furnish(orthanc), path).ok
    with Orthanc(start_orthanc().url) as other, pytest.raises(JournalError, match="this journal is of http"):
        undone(other, path)


def test_deleting_what_was_created_falls_under_the_limits_too(orthanc: Orthanc, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    document = from_data({"version": 1, "modalities": {name: ["A", "h", 104] for name in "abcd"}})
    assert done(orthanc, plan(orthanc, document), path).ok
    undo = undone(orthanc, path)
    assert undo.over_limits == ("4 of 4 modalities would be deleted",)


def test_the_command_line_shows_asks_and_tells_what_it_cannot_undo(orthanc: Orthanc, tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "journal.jsonl"
    found = furnish(orthanc)
    before = states(orthanc, site())
    assert done(orthanc, found, path).ok
    nobody = cli("rollback", "journal.jsonl", env=ENVIRONMENT)
    assert nobody.returncode == 1
    assert "nobody can be asked" in nobody.stderr
    wrong = cli("rollback", "journal.jsonl", "--yes", "--run", "nonsense", env=ENVIRONMENT)
    assert wrong.returncode == 1
    assert "has no apply nonsense" in wrong.stderr
    assert plan(orthanc, site()).empty
    result = cli("rollback", "journal.jsonl", "--yes", "--allow-deletes", env=ENVIRONMENT)
    assert result.returncode == 0, result.stderr
    assert "Applied 12 of 12." in result.stdout
    assert states(orthanc, site()) == before


def test_the_command_line_saves_what_undoes_an_apply(orthanc: Orthanc, tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "journal.jsonl"
    assert done(orthanc, furnish(orthanc), path).ok
    orthanc.tools.default_encoding.set("Greek")
    result = cli("rollback", "journal.jsonl", "--out", "undo.json", env=ENVIRONMENT)
    assert result.returncode == 1, "what cannot be undone is told by the exit code"
    assert "Cannot be undone:" in result.stdout
    undo = open_plan(tmp_path / "undo.json", ENVIRONMENT)
    assert [note.field for note in undo.notes] == ["dicom/default_encoding"]
    assert plan(orthanc, site(), excludes=["dicom"]).empty
    assert apply(orthanc, undo, allow_deletes=True).ok
    assert set(addresses(plan(orthanc, site()))) == set(ADDRESSES)


def test_an_empty_journal_has_nothing_to_undo(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "journal.jsonl").touch()
    result = cli("rollback", "journal.jsonl", "--yes")
    assert result.returncode == 1
    assert "is empty: there is nothing to undo" in result.stderr


def test_a_rollback_is_saved_as_any_other_plan(orthanc: Orthanc, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    assert done(orthanc, furnish(orthanc), path).ok
    undo = undone(orthanc, path)
    save(undo, tmp_path / "undo.json")
    assert open_plan(tmp_path / "undo.json", ENVIRONMENT).changes == undo.changes
