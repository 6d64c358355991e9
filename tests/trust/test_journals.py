"""A journal is written before anything is sent, shows every change that is made to it, and tells nothing."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orthanc_state import Orthanc, apply, from_data, plan
from orthanc_state.execution.batches import MANY, TOGETHER
from orthanc_state.execution.history import History, JournalError, digest_of, text_of
from orthanc_state.execution.journal import Journal
from tests.trust.sites import ADDRESSES, ENVIRONMENT, PEER_HEADER, PEER_PASSWORD, SITE, furnish

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Cli

METRICS = [from_data({"version": 1, "metrics": value}) for value in (False, True)]


@pytest.fixture
def path(orthanc: Orthanc, tmp_path: Path) -> Path:
    """A journal of two applies."""
    path = tmp_path / "journal.jsonl"
    for document in METRICS:
        with Journal(path) as journal:
            assert apply(orthanc, plan(orthanc, document), journal=journal).ok
    return path


def test_it_tells_what_was_sent_and_what_came_back_and_no_secret(orthanc: Orthanc, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "journal.jsonl"
    found = furnish(orthanc)
    with Journal(path) as journal:
        report = apply(orthanc, found, journal=journal)
    assert report.journal == str(path)
    lines = [json.loads(line) for line in path.read_text("ascii").splitlines()]
    assert [line["type"] for line in lines] == ["begin", *["sending", "settled"] * 12, "end"]
    assert [line["address"] for line in lines if line["type"] == "sending"] == list(ADDRESSES)
    assert {line["outcome"] for line in lines if line["type"] == "settled"} == {"applied"}
    assert lines[0]["server"]["url"] == orthanc.url
    assert lines[0]["changes"] == 12
    assert all(later["previous"] == earlier["digest"] for earlier, later in pairwise(lines))
    peer = next(line for line in lines if line.get("address") == "peers/backup")
    assert peer["secrets"]["password"] == {"reference": "!env PEER_PASSWORD"}
    assert PEER_PASSWORD not in path.read_text()
    assert PEER_HEADER not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_nothing_is_sent_before_it_is_noted(orthanc: Orthanc, tmp_path: Path) -> None:
    noted: list[list[str]] = []
    path = tmp_path / "journal.jsonl"

    def look(result: Any) -> None:
        noted.append([line["address"] for line in History.read(path).runs[0].sent])

    with Journal(path) as journal:
        apply(orthanc, furnish(orthanc), journal=journal, on_result=look)
    assert noted == [list(ADDRESSES[: count + 1]) for count in range(12)]


def test_several_applies_append_to_one(path: Path, cli: Cli) -> None:
    history = History.read(path)
    assert len(history.runs) == 2
    assert len({run.head["run"] for run in history.runs}) == 2
    shown = cli("journal", "verify", str(path))
    assert shown.returncode == 0, shown.stderr
    assert "8 lines, each as it was written" in shown.stdout
    assert shown.stdout.count("1 applied") == 2
    data = json.loads(cli("journal", "verify", str(path), "--json").stdout)
    assert data["valid"] is True
    assert [run["outcomes"] for run in data["runs"]] == [{"applied": 1}, {"applied": 1}]


def test_any_byte_that_is_changed_shows_with_its_line(path: Path) -> None:
    content = path.read_bytes()

    @settings(max_examples=200)
    @given(place=st.integers(0, len(content) - 1), byte=st.integers(0, 255))
    def law(place: int, byte: int) -> None:
        changed = content[:place] + bytes([byte]) + content[place + 1 :]
        path.write_bytes(changed)
        number = content[:place].count(b"\n") + 1
        if changed == content:
            assert History.read(path).lines == 8
        elif place == len(content) - 1:
            assert History.read(path).torn
        else:
            with pytest.raises(JournalError, match=f":{number}: this line"):
                History.read(path)

    law()


def test_a_letter_that_means_the_same_shows_too(orthanc: Orthanc, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    peer = {"url": "http://h/", "properties": {"Owner": "\u00e9"}}
    with Journal(path) as journal:
        assert apply(orthanc, plan(orthanc, from_data({"version": 1, "peers": {"p": peer}})), journal=journal).ok
    text = path.read_text()
    assert "\\u00e9" in text
    path.write_text(text.replace("\\u00e9", "\\u00E9", 1))
    with pytest.raises(JournalError, match=":2: this line was changed"):
        History.read(path)


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (lambda lines: lines[1:], 1),
        (lambda lines: lines[4:], 1),
        (lambda lines: [*lines[:2], *lines[3:]], 3),
        (lambda lines: [*lines[:3], *lines[4:]], 4),
        (lambda lines: [lines[1], lines[0], *lines[2:]], 1),
        (lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]], 5),
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], 3),
        (lambda lines: [*lines, lines[-1]], 9),
        (lambda lines: [*lines, *lines], 9),
        (lambda lines: [*lines[:2], b"", *lines[2:]], 3),
        (lambda lines: [*lines[:2], b"{}", *lines[2:]], 3),
        (lambda lines: [*lines[:2], b"[" * 5000, *lines[2:]], 3),
        (lambda lines: [b"\xef\xbb\xbf" + lines[0], *lines[1:]], 1),
        (lambda lines: [line + b"\r" for line in lines], 1),
    ],
    ids=[
        "first line gone",
        "first apply gone",
        "line gone",
        "end gone",
        "first two swapped",
        "two swapped",
        "line twice",
        "end twice",
        "all twice",
        "empty line",
        "another line",
        "deep line",
        "byte order mark",
        "other line ends",
    ],
)
def test_lines_that_are_taken_out_put_in_or_moved_show(
    path: Path, cli: Cli, edit: Callable[[list[bytes]], list[bytes]], line: int
) -> None:
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"".join(each + b"\n" for each in edit(lines)))
    with pytest.raises(JournalError, match=f":{line}: this line"):
        History.read(path)
    # Nothing is added to what cannot be relied on.
    with pytest.raises(JournalError, match=f":{line}: this line"), Journal(path):
        pass


def test_cut_short_anywhere_it_is_half_a_line_or_an_apply_without_its_end(path: Path, orthanc: Orthanc) -> None:
    content = path.read_bytes()
    ends = [place for place in range(len(content)) if content[:place].endswith(b"\n")]
    for length in sorted({*ends, *range(0, len(content), 11), *range(9), len(content) - 1}):
        path.write_bytes(content[:length])
        history = History.read(path)
        assert history.lines == content[:length].count(b"\n")
        assert bool(history.torn) == (not content[:length].endswith(b"\n") and length > 0)
        ended = [run.ended is not None for run in history.runs]
        assert ended == [index < history.lines // 4 for index in range(len(ended))]
    # The next apply takes the half line away, and goes on behind the last whole one.
    path.write_bytes(content[:-7])
    with Journal(path) as journal:
        assert apply(orthanc, plan(orthanc, METRICS[0]), journal=journal).ok
    history = History.read(path)
    assert history.torn == 0
    assert [run.ended is not None for run in history.runs] == [True, False, True]


def test_the_command_line_says_what_is_wrong(path: Path, cli: Cli) -> None:
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"applied"', b'"failed"', 1))
    shown = cli("journal", "verify", "journal.jsonl")
    assert shown.returncode == 1
    assert "journal.jsonl:3: this line was changed since it was written" in shown.stderr
    path.write_bytes(content[:-20])
    shown = cli("journal", "verify", "journal.jsonl")
    assert shown.returncode == 0
    assert "half a line at the end" in shown.stdout
    assert "cut short" in shown.stdout


LINES: dict[str, dict[str, Any]] = {
    "no server": {"type": "begin", "run": "r", "time": "t", "kit": "k"},
    "a server of another sort": {"type": "begin", "run": "r", "time": "t", "kit": "k", "server": ["x"]},
    "a run of another sort": {"type": "begin", "run": [], "time": "t", "kit": "k", "server": {"url": "x"}},
    "no beginning": {"type": "end", "ok": True},
    "another sort": {"type": "deleted"},
}
LATER: dict[str, dict[str, Any]] = {
    "no address": {"type": "settled", "outcome": "applied"},
    "an address of another sort": {"type": "settled", "address": [1], "outcome": "applied"},
    "a change without a kind": {"type": "sending", "address": "metrics", "name": ""},
    "a change of an unknown kind": {"type": "sending", "address": "x", "name": "", "kind": "x", "operation": {}},
    "a change without anything": {"type": "sending", "address": "metrics", "name": "", "kind": "metrics", "effect": 1},
}


def _sealed(lines: list[dict[str, Any]]) -> str:
    previous, text = "", ""
    for line in lines:
        whole = {**line, "previous": previous}
        previous = whole["digest"] = digest_of(whole)
        text += text_of(whole) + "\n"
    return text


@pytest.mark.parametrize("name", [*LINES, *LATER])
def test_lines_that_somebody_makes_who_knows_how_are_an_error_and_no_crash(
    orthanc: Orthanc, tmp_path: Path, cli: Cli, name: str
) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        assert apply(orthanc, plan(orthanc, METRICS[0]), journal=journal).ok
    [head, *_] = [json.loads(line) for line in path.read_text().splitlines()]
    format = {"format": head["format"], "format_version": head["format_version"]}
    path.write_text(_sealed([format | LINES[name]] if name in LINES else [head, LATER[name]]))
    result = cli("rollback", "journal.jsonl", "--yes")
    assert result.returncode == 1
    assert "journal" in result.stderr
    assert "Traceback" not in result.stderr
    assert plan(orthanc, METRICS[0]).empty


def test_what_is_no_journal_is_never_written_to(orthanc: Orthanc, tmp_path: Path) -> None:
    path = tmp_path / "something else"
    for content in (b"a secret without a line end", b"{", b"{}", SITE.encode(), b"\0" * 10, b'{"type": 1'):
        path.write_bytes(content)
        # What could be the beginning of a line is half of one.
        if content == b"{":
            continue
        with pytest.raises(JournalError, match=":1: this line is no line of a journal"), Journal(path):
            pass
        assert path.read_bytes() == content
    os.mkfifo(tmp_path / "pipe")
    for other in (tmp_path / "pipe", "/dev/null"):
        with pytest.raises(JournalError, match="is not a file"), Journal(other):
            pass


def test_two_do_not_write_one_journal(orthanc: Orthanc, path: Path, cli: Cli) -> None:
    content = path.read_bytes()
    (path.parent / "site.yaml").write_text("version: 1\nmetrics: false\n")
    arguments = ("apply", "--yes", "site.yaml", "--journal", "journal.jsonl", "--url", orthanc.url)
    with Journal(path):
        refused = cli(*arguments)
    assert refused.returncode == 1
    assert "another apply is writing the journal journal.jsonl" in refused.stderr
    assert plan(orthanc, METRICS[1]).empty
    assert path.read_bytes() == content
    assert cli(*arguments).returncode == 0
    assert len(History.read(path).runs) == 3


@pytest.mark.parametrize("where", ["option", "home"])
def test_a_journal_that_cannot_be_written_is_said_before_anything_is(
    orthanc: Orthanc, tmp_path: Path, cli: Cli, where: str
) -> None:
    (tmp_path / "site.yaml").write_text("version: 1\nmetrics: false\n")
    arguments = ["apply", "--yes", "site.yaml", "--url", orthanc.url]
    # As in a home that is read only: also root can write nothing there.
    more, env = (["--journal", "/proc/journal"], {}) if where == "option" else ([], {"XDG_STATE_HOME": "/proc/state"})
    refused = cli(*arguments, *more, env=env)
    assert refused.returncode == 1
    assert "the journal /proc/" in refused.stderr
    assert "cannot be written" in refused.stderr
    assert "--no-journal" in refused.stderr
    assert plan(orthanc, METRICS[1]).empty
    assert cli(*arguments, "--no-journal", env=env).returncode == 0
    assert plan(orthanc, METRICS[0]).empty


@pytest.mark.parametrize(("count", "kibibytes"), [(MANY - 1, 8), (2 * TOGETHER + 2, 100)])
def test_a_disk_that_is_full_ends_an_apply_that_the_next_one_finishes(
    orthanc: Orthanc, tmp_path: Path, count: int, kibibytes: int
) -> None:
    """The limit on the size of a file stands for the disk that is full."""
    wanted = {"version": 1, "modalities": {f"m{number:03}": ["A", "h", 104] for number in range(count)}}
    (tmp_path / "site.json").write_text(json.dumps(wanted))
    command = f"{sys.executable} -m orthanc_state apply --yes site.json --journal journal.jsonl --url {orthanc.url}"
    result = subprocess.run(
        ["bash", "-c", f"ulimit -f {kibibytes}; exec {command}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "the journal journal.jsonl cannot be written: File too large; " in result.stderr
    there = set(orthanc.modalities.names())
    assert 0 < len(there) < count
    assert f"{len(there)} of {count} changes were dealt with before, and nothing more is sent" in result.stderr
    history = History.read(tmp_path / "journal.jsonl")
    assert history.torn
    assert {line["name"] for line in history.runs[0].sent} >= there
    with Journal(tmp_path / "journal.jsonl") as journal:
        assert apply(orthanc, plan(orthanc, from_data(wanted)), journal=journal).ok
    assert History.read(tmp_path / "journal.jsonl").torn == 0
    assert len(orthanc.modalities.names()) == count


def test_an_apply_with_nothing_to_do_keeps_none(orthanc: Orthanc, tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "site.yaml").write_text("version: 1\nmetrics: true\n")
    result = cli("apply", "--yes", "site.yaml", env={**ENVIRONMENT, "ORTHANC_URL": orthanc.url})
    assert result.returncode == 0
    assert not (tmp_path / "state").exists()
