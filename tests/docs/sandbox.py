"""Where the examples of a page are run: a folder, an environment, and real servers in the place of the shown ones."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.docs.blocks import Block
    from tests.prepared import Prepared

_ASKS = re.compile(r"\borthanc-state (apply|rollback)\b(?![^#\n]*(?:--yes|-y\b|--out))")
_JOURNAL = '"$(ls -t "$HOME"/.local/state/orthanc-state/journals/* | head -1)"'


class Sandbox:
    """One.

    Args:
        folder: An empty folder, which is the home of whoever reads the page too.
        servers: For each URL of the page the one that stands for it.
        prepared: Runs the commands.
    """

    def __init__(self, folder: Path, servers: dict[str, str], prepared: Prepared) -> None:
        self.folder = folder
        self.servers = servers
        self.environment = {
            "PATH": f"{folder / '.bin'}:{os.environ['PATH']}",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join(sys.path),
            # Orthanc itself is not fetched again.
            "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache"),
        }
        self.names: dict[str, object] = {}
        (folder / ".bin").mkdir()
        prepared.command(folder / ".bin" / "orthanc-state")
        (folder / ".bin" / "ansible-inventory").symlink_to(Path(sys.executable).parent / "ansible-inventory")

    def write(self, name: str, text: str) -> Path:
        """Write a file of the page, with the real servers in it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._real(text))
        return path

    def console(self, block: Block) -> None:
        """Run the commands of a block, and hold what they print against what the page shows."""
        commands = list(block.commands())
        assert commands, f"{block.place}: a console without a command"
        for number, (command, printed) in enumerate(commands):
            last = number == len(commands) - 1
            wanted = int(block.notes.get("exits", 0)) if last else 0
            ran = self.run(command)
            said = f"{block.place}: $ {command}\n{ran.stdout}{ran.stderr}"
            assert ran.returncode == wanted, said
            assert "Traceback" not in ran.stderr, said
            if "output" not in block.notes:
                missing = _missing(printed, self._shown(ran.stderr + ran.stdout))
                assert missing is None, f"{said}\nwhere the page shows: {missing}"

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run one command as a person would, who answers `yes` when asked."""
        answered = _ASKS.sub(r"orthanc-state \1 --yes", self._real(command)).replace("JOURNAL", _JOURNAL)
        answered = answered.replace("~/.local/state/orthanc-state/journals/" + _JOURNAL, _JOURNAL)
        # What a command exports is there for the ones after it.
        script = f"set -u\n{answered}\ncode=$?\nenv -0 > {self.folder}/.environment\nexit $code\n"
        ran = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        saved = self.folder / ".environment"
        if saved.exists():
            self.environment |= dict(pair.split("=", 1) for pair in saved.read_text().split("\0") if "=" in pair)
        return ran

    def python(self, block: Block) -> None:
        """Run a block of Python in a process of its own, after those that came before it on the page."""
        code = self._real(str(self.names.get("before", "")) + block.text)
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert ran.returncode == 0, f"{block.place}\n{ran.stdout}{ran.stderr}"

    def _real(self, text: str) -> str:
        for theirs, ours in self.servers.items():
            text = text.replace(theirs, ours)
        return text

    def _shown(self, text: str) -> str:
        for theirs, ours in self.servers.items():
            text = text.replace(ours, theirs)
        return text


def _missing(printed: list[str], output: str) -> str | None:
    """The first line of a page that a command did not print, in the order of the page.

    A line that is `...` stands for any lines, and within a line for anything.
    """
    lines = [line.rstrip() for line in output.splitlines()]
    position = 0
    for shown in (line.rstrip() for line in printed):
        if shown in ("", "..."):
            continue
        pattern = re.compile(re.escape(shown).replace(r"\.\.\.", ".*"))
        position = next((at + 1 for at in range(position, len(lines)) if pattern.fullmatch(lines[at])), -1)
        if position < 0:
            return shown
    return None
