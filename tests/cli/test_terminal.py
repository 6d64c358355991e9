"""What only a terminal shows: the question before an apply, colour, and the progress of long work."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.testing import OrthancServer

pytestmark = pytest.mark.orthanc(suites=["trixie"])

DOCUMENT = "version: 1\nmodalities:\n  pacs: [PACS, 10.0.0.5, 104]\n"


def on_terminal(answer: str | list[str], *arguments: str) -> tuple[int, str]:
    """Run the command on a terminal of its own, answer its questions, and return its exit code and what was shown."""
    answers = [answer] if isinstance(answer, str) else answer
    # In a process of its own that has no threads: a fork of this one would not be safe.
    code = "import sys, pty, os; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    reader, writer = os.pipe()
    out_reader, out_writer = os.pipe()
    process = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", code, sys.executable, "-m", "orthanc_state", *arguments],
        {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
        file_actions=[(os.POSIX_SPAWN_DUP2, reader, 0), (os.POSIX_SPAWN_DUP2, out_writer, 1)],
    )
    os.close(reader)
    os.close(out_writer)
    shown = b""
    asked = 0
    with os.fdopen(out_reader, "rb", buffering=0) as output, os.fdopen(writer, "wb", buffering=0) as keyboard:
        while piece := output.read(65536):
            shown += piece
            if asked < len(answers) and answers[asked] and shown.count(b"Only `yes`") > asked:
                keyboard.write(answers[asked].encode() + b"\n")
                asked += 1
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), shown.decode()


@pytest.mark.parametrize(("answer", "written"), [("yes", ["pacs"]), ("no", []), ("y", []), ("\x04", [])])
def test_only_yes_applies(
    orthanc: Orthanc, orthanc_server: OrthancServer, tmp_path: Path, answer: str, written: list[str]
) -> None:
    document = tmp_path / "site.yaml"
    document.write_text(DOCUMENT)
    code, shown = on_terminal(answer, "apply", str(document), "--url", orthanc_server.url)
    assert orthanc.modalities.names() == written
    assert code == (0 if written else 1)
    assert ("Nothing was written." in shown) == (not written)
    assert "\x1b[32m  + modalities/pacs" in shown


def test_no_color_is_honoured(orthanc_server: OrthancServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    document = tmp_path / "site.yaml"
    document.write_text(DOCUMENT)
    code, shown = on_terminal("", "plan", str(document), "--url", orthanc_server.url)
    assert code == 0
    assert "\x1b[" not in shown


def test_long_work_shows_its_progress(orthanc_server: OrthancServer, tmp_path: Path) -> None:
    document = tmp_path / "many.yaml"
    document.write_text("version: 1\nmodalities:\n" + "".join(f"  m{n}: [M{n}, h, 104]\n" for n in range(60)))
    code, shown = on_terminal("", "apply", "--yes", str(document), "--url", orthanc_server.url)
    assert code == 0
    assert re.search(r"\d+/60", shown)
    assert "Applied 60 of 60." in shown
