"""The examples of the pages: what stands in fences of Markdown, with what the comments before them say of them.

- `<!-- file: NAME -->`: the example is this file, for those that come after it.
- `<!-- exits: N -->`: the last command of it exits with this code.
- `<!-- output: REASON -->`: it is run, but what it prints is shown shortened or of other servers.
- `<!-- not run: REASON -->`: it cannot be run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]

_NOTE = re.compile(r"<!-- (file|exits|output|not run): (.+?) -->")
_PROMPT = re.compile(r"(?m)^(?:\w+)?\$ +")


@dataclass(frozen=True, slots=True)
class Block:
    """One example.

    Attributes:
        place: The page and the line on which it begins.
        language: What the fence says that it is.
        text: What stands in it.
        notes: What the comment before it says.
    """

    place: str
    language: str
    text: str
    notes: dict[str, str]

    @property
    def is_run(self) -> bool:
        """Whether it can be run."""
        return "not run" not in self.notes

    def commands(self) -> Iterator[tuple[str, list[str]]]:
        """Each command of a console with the lines that it prints."""
        for piece in _PROMPT.split(self.text)[1:]:
            command, *printed = piece.rstrip("\n").split("\n")
            while command.endswith("\\") and printed:
                command += "\n" + printed.pop(0)
            yield command, printed


def blocks(page: Path) -> list[Block]:
    """The examples of a page, in their order."""
    found: list[Block] = []
    notes: dict[str, str] = {}
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "html_block":
            notes = dict(_NOTE.findall(token.content))
        elif token.type == "fence":
            line = token.map[0] + 1 if token.map else 0
            place = f"{page.relative_to(ROOT)}:{line}"
            found.append(Block(place, token.info.split(" ")[0], token.content, notes))
            notes = {}
        elif token.nesting >= 0:
            notes = {}
    return found
