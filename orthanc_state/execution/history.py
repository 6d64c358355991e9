"""A journal as it is read: checked line by line, and sorted into the applies that wrote it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orthanc_state.errors import OrthancStateError
from orthanc_state.planning.sealed import unique_keys

if TYPE_CHECKING:
    import os

FORMAT = "orthanc-state/journal"
VERSION = 1
MAX_BYTES = 512 * 2**20
_BEGINNING = b'{"type":"'
"""How every line begins."""

_TEXTS = {
    "begin": ("run", "time", "kit"),
    "sending": ("kind", "name", "address"),
    "settled": ("address", "outcome"),
    "end": (),
}
"""The sorts of lines, each with what must be text in it."""


class JournalError(OrthancStateError):
    """A journal cannot be written, or is not what was written."""

    code = "journal-refused"
    remedy = (
        "A journal that was changed, or that is none, is not relied on and not written to. Where one cannot be "
        "written, the apply ends, and says how far it came: run it again with another `--journal`."
    )


@dataclass(slots=True)
class Run:
    """One apply.

    Attributes:
        head: Its first line: the server, the document, the time.
        sent: What was noted before it was to be sent, in order; a change that was held back is noted again.
        settled: What became of it, by address; what is not in it was in hand when the apply was cut short.
        ended: Its last line; None when it was cut short.
    """

    head: dict[str, Any]
    sent: list[dict[str, Any]] = field(default_factory=list)
    settled: dict[str, dict[str, Any]] = field(default_factory=dict)
    ended: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A journal that is whole.

    Attributes:
        path: The file.
        runs: The applies that wrote it, the oldest first.
        lines: How many lines it has.
        last_digest: The digest of its last line; empty when there is none.
        torn: How many bytes of half a line are at its end, which a process leaves that is killed while it writes.
    """

    path: Path
    runs: tuple[Run, ...]
    lines: int
    last_digest: str
    torn: int

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> History:
        """Read a journal and check every line of it.

        Raises:
            JournalError: It cannot be read, is no journal, or was changed since it was written; with the line.
        """
        path = Path(path)
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise JournalError(f"the journal {path} cannot be read: {error.strerror}") from None
        if len(content) > MAX_BYTES:
            raise JournalError(f"the journal {path} has more than {MAX_BYTES // 2**20} MiB")
        *whole, rest = content.split(b"\n")
        if not _is_torn(rest):
            raise _broken(path, len(whole) + 1, "is no line of a journal")
        lines: list[dict[str, Any]] = []
        previous = ""
        for number, text in enumerate(whole, 1):
            line = _line(path, number, text)
            if line["previous"] != previous:
                raise _broken(path, number, "does not follow the line before it: lines were taken out, put in or moved")
            previous = line["digest"]
            lines.append(line)
        return cls(path, tuple(_runs(path, lines)), len(lines), previous, len(rest))


def text_of(line: dict[str, Any]) -> str:
    """A line as it is written, but for its end."""
    return json.dumps(line, ensure_ascii=True, separators=(",", ":"))


def digest_of(line: dict[str, Any]) -> str:
    """The digest of a line, but for the digest itself."""
    content = {key: value for key, value in line.items() if key != "digest"}
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _line(path: Path, number: int, text: bytes) -> dict[str, Any]:
    try:
        line = json.loads(text, object_pairs_hook=unique_keys)
        given = line["digest"], line["previous"], line["type"]
        computed = digest_of(line)
        as_written = text_of(line).encode() == text
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _broken(path, number, "is no line of a journal") from None
    if given[0] != computed or not as_written or not all(isinstance(item, str) for item in given):
        raise _broken(path, number, "was changed since it was written")
    return dict(line)


def _is_torn(rest: bytes) -> bool:
    """Whether what stands at the end is half a line, and not something that no apply has written."""
    return rest.startswith(_BEGINNING) or _BEGINNING.startswith(rest)


def _runs(path: Path, lines: list[dict[str, Any]]) -> list[Run]:
    runs: list[Run] = []
    for number, line in enumerate(lines, 1):
        if line["type"] not in _TEXTS:
            raise _broken(path, number, "is of a sort that this version does not know")
        if line["type"] == "begin" and (line.get("format") != FORMAT or line.get("format_version") != VERSION):
            raise _broken(path, number, f"is of another format: expected {FORMAT}, version {VERSION}")
        if not all(isinstance(line.get(key), str) for key in _TEXTS[line["type"]]):
            raise _broken(path, number, "does not say what every line of its sort says")
        if line["type"] == "begin":
            server = line.get("server")
            if not isinstance(server, dict) or not isinstance(server.get("url"), str):
                raise _broken(path, number, "does not say which server it is about")
            runs.append(Run(line))
            continue
        if not runs:
            raise _broken(path, number, "stands before the beginning of an apply")
        run = runs[-1]
        if line["type"] == "sending":
            run.sent.append(line)
        elif line["type"] == "settled":
            run.settled[line["address"]] = line
        else:
            run.ended = line
    return runs


def _broken(path: Path, number: int, what: str) -> JournalError:
    return JournalError(f"{path}:{number}: this line {what}", hint="What it says cannot be relied on.")
