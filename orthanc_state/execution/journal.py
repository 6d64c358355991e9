"""The journal of an apply: what was sent and what came back, a line of JSON each, written before anything more is sent.

Each line holds the digest of the line before it and its own, so that a line that was changed, taken out or put in
shows. That protects against mistakes, not against somebody who computes the digests anew. No secret and no patient data
are in it: a secret is there as its reference, a metadata as the template that it is made of.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Protocol

from orthanc_state.execution.history import FORMAT, VERSION, History, JournalError, digest_of, text_of
from orthanc_state.kinds.identifiers import Identifiers
from orthanc_state.planning.encoding import absolute_reference, change_data, server_data, state_data
from orthanc_state.planning.plan_file import fingerprints_data

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from orthanc_state.execution.report import Report, Result
    from orthanc_state.kinds.effect import Verb
    from orthanc_state.kinds.live import Server
    from orthanc_state.planning.change import Change, PolicyChange
    from orthanc_state.planning.plan import Plan


class Record(Protocol):
    """Takes note of what is sent and of what became of it."""

    def begin(self, plan: Plan) -> None:
        """An apply begins."""

    def sending(self, changes: Iterable[Change]) -> None:
        """Changes are about to be sent."""

    def sending_many(self, change: PolicyChange, verb: Verb, key: str, resources: Iterable[str]) -> None:
        """One thing is about to be done to many resources."""

    def settled(self, result: Result) -> None:
        """A change is done, or is not."""

    def end(self, report: Report) -> None:
        """An apply has ended."""


class NoRecord:
    """Takes note of nothing."""

    def begin(self, plan: Plan) -> None:
        pass

    def sending(self, changes: Iterable[Change]) -> None:
        pass

    def sending_many(self, change: PolicyChange, verb: Verb, key: str, resources: Iterable[str]) -> None:
        pass

    def settled(self, result: Result) -> None:
        pass

    def end(self, report: Report) -> None:
        pass


class Journal:
    """A journal file, open for one apply; nobody else can write to it meanwhile.

    Args:
        path: The file. It is made, or appended to.

    Raises:
        JournalError: It cannot be written, is being written by another apply, or was changed since it was written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._file = -1
        self._failure: JournalError | None = None

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            message = f"another apply is writing the journal {self.path}"
            raise JournalError(message, hint="Wait for it, or give another --journal.") from None
        except OSError as error:
            self.close()
            raise _unwritable(self.path, error) from None
        try:
            if not stat.S_ISREG(os.fstat(self._file).st_mode):
                hint = "Give the --journal a name of its own, or --no-journal to go without one."
                raise JournalError(f"the journal {self.path} is not a file", hint=hint)
            history = History.read(self.path)
            self._previous = history.last_digest
            self._failure = None
            if history.torn:
                # Half a line is what a process leaves that was killed while it wrote.
                os.ftruncate(self._file, os.fstat(self._file).st_size - history.torn)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others write to it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def begin(self, plan: Plan) -> None:
        import orthanc_state

        self._write(
            "begin",
            {
                "format": FORMAT,
                "format_version": VERSION,
                "kit": orthanc_state.__version__,
                "run": token_hex(8),
                "server": server_data(plan.server),
                "document": {"digest": plan.document, "files": list(plan.files)},
                "fingerprints": fingerprints_data(plan, absolute_reference),
                "changes": len(plan.changes) + len(plan.by_policies),
            },
        )

    def sending(self, changes: Iterable[Change]) -> None:
        self._write("sending", *(change_data(change, absolute_reference) for change in changes))

    def sending_many(self, change: PolicyChange, verb: Verb, key: str, resources: Iterable[str]) -> None:
        packed = Identifiers.of(resources)
        self._write(
            "sending",
            {
                "kind": change.kind,
                "name": change.name,
                "address": change.address,
                "level": change.level,
                "effect": {
                    "verb": verb.value,
                    "key": key,
                    "template": change.templates.get(key, ""),
                    "count": len(packed),
                    "resources": packed.text,
                },
            },
        )

    def settled(self, result: Result) -> None:
        tally = result.tally
        data: dict[str, Any] = {
            "address": result.change.address,
            "outcome": result.outcome.value,
            "reason": result.reason,
        }
        if result.found is not None:
            data["found"] = state_data(result.found)
        if result.differences:
            data["differences"] = [field.path for field in result.differences]
        if tally is not None:
            data["tally"] = tally.text
        self._write("settled", data)

    def end(self, report: Report) -> None:
        self._write("end", {"ok": report.ok, "interrupted": report.interrupted})

    def _write(self, what: str, *lines: dict[str, Any]) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        if self._failure is not None:
            # Whatever came after half a line would be none.
            raise self._failure
        text = "".join(self._text(what, now, data) for data in lines)
        left = memoryview(text.encode())
        try:
            while left:
                left = left[os.write(self._file, left) :]
            if what != "settled":
                # What is about to be sent is on the disk first: it is remembered even where the power fails. What
                # became of it the server can tell.
                os.fsync(self._file)
        except OSError as error:
            self._failure = _unwritable(self.path, error)
            raise self._failure from None

    def _text(self, what: str, now: str, data: dict[str, Any]) -> str:
        line = {"type": what, "time": now, **data, "previous": self._previous}
        self._previous = line["digest"] = digest_of(line)
        return f"{text_of(line)}\n"


def default_path(server: Server, name: str = "") -> Path:
    """A new journal of its own for an apply to a server, in the user's folder for such files.

    Args:
        server: The server.
        name: What it is called in an inventory, as no other one is.
    """
    from platformdirs import user_state_path

    host = re.sub(r"[^A-Za-z0-9.]+", "-", server.url.partition("://")[2]).strip("-")[:80]
    file = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{name or host}-{os.getpid()}.jsonl"
    return user_state_path("orthanc-state") / "journals" / file


def _unwritable(path: Path, error: OSError) -> JournalError:
    return JournalError(
        f"the journal {path} cannot be written: {error.strerror}",
        hint="Give --journal FILE, or --no-journal to go without one.",
    )
