"""Which operations of the REST API the tests have really called, and whether the methods that did it say so."""

from __future__ import annotations

import logging
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orthanc_state
from orthanc_state import AsyncOrthanc, Orthanc
from orthanc_state.client._async.resource import Resource as AsyncResource
from orthanc_state.client._sync.resource import Resource
from tests.client.operations import RAW, TABLE, documented, find, numbers

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from orthanc_state.testing import OrthancServers

LOGGER = logging.getLogger("orthanc_state.client")

LEVEL = logging.DEBUG - 1
"""The level of the logger while nobody but the recorder wants its messages."""

PACKAGE = str(Path(orthanc_state.__file__).parent)
CLIENT = f"{PACKAGE}/client/"
TESTS = str(Path(__file__).parents[1])


class Recorder(logging.Filter):
    """Hears each request of the clients, by the message that they log about it.

    A filter hears it before any handler, so it can keep from them what they would not have got without it.

    Attributes:
        servers: The servers of this run, once a test has used one.
        called: The operations that a real server has carried out for a method of theirs, by its version.
        undocumented: What was sent by a method that does not say so, since the last test.
    """

    def __init__(self) -> None:
        super().__init__()
        self.servers: OrthancServers | None = None
        self.called: dict[str, set[str]] = defaultdict(set)
        self.undocumented: list[str] = []
        self._documented: dict[CodeType, frozenset[str] | None] = {}
        self._lock = threading.Lock()
        self._level = logging.NOTSET

    def start(self) -> None:
        """Begin to listen."""
        self._level = LOGGER.level
        LOGGER.addFilter(self)
        LOGGER.setLevel(LEVEL)

    def stop(self) -> None:
        """Leave the logger as it was."""
        LOGGER.removeFilter(self)
        LOGGER.setLevel(self._level)

    def filter(self, record: logging.LogRecord) -> bool:
        """Take note of a request; whether anybody else wants to hear of it."""
        if record.levelno == logging.DEBUG and isinstance(record.args, tuple) and len(record.args) >= 3:
            self._note(getattr(record, "server", ""), *record.args[:3])
        if LOGGER.level != LEVEL:
            return True
        wanted = LOGGER.parent.getEffectiveLevel() if LOGGER.parent is not None else logging.WARNING
        return record.levelno >= (self._level or wanted)

    def check(self) -> None:
        """Raise what was found since the last time.

        Raises:
            AssertionError: A method has sent what its docstring does not name.
        """
        with self._lock:
            found, self.undocumented = self.undocumented, []
        if found:
            raise AssertionError("\n".join(found))

    def merge(self, called: dict[str, list[str]]) -> None:
        """Take over what another process has recorded."""
        for version, operations in called.items():
            self.called[version].update(operations)

    @property
    def report(self) -> dict[str, list[str]]:
        """What was called, as plain data."""
        return {version: sorted(operations) for version, operations in self.called.items()}

    def missing(self) -> dict[str, list[str]]:
        """The operations that were called on no server of a version that has all of them, by version."""
        return {
            version: absent
            for version, called in sorted(self.called.items(), key=lambda item: numbers(item[0]))
            if all(row.is_known_to(version) for row in TABLE.values())
            and (absent := [name for name in TABLE if name not in called])
        }

    def summary(self) -> str:
        """What was called, in one line; empty if no server was."""
        versions = []
        for version in sorted(self.called, key=numbers):
            known = sum(row.is_known_to(version) for row in TABLE.values())
            count = len(self.called[version])
            versions.append(f"{version}: {count}" + ("" if known == len(TABLE) else f" of {known}"))
        together = set().union(*self.called.values())
        line = f"operations called on a real Orthanc: {len(together)} of {len(TABLE)} ({', '.join(versions)})"
        return line if versions else ""

    def _note(self, server: str, method: Any, path: Any, status: Any) -> None:
        name = find(method, path)
        callers = list(self._callers())
        with self._lock:
            self.undocumented += [
                f"{caller} sent {method} {path}, which its docstring does not name"
                for caller, operations in callers
                # Any method may ask which version the server is, before it sends what an older one would ignore.
                if operations and name not in operations and name != "GET /system"
            ]
            by_hand = any(not operations for _, operations in callers)
            if name is not None and status < 400 and not by_hand and (version := self._version(server)):
                self.called[version].add(name)

    def _version(self, url: str) -> str | None:
        running: Sequence[Any] = self.servers.running if self.servers is not None else ()
        return next((server.version for server in running if server.url == url), None)

    def _callers(self) -> Iterable[tuple[str, frozenset[str]]]:
        """The public methods of the client that are under way, with the operations that they name: see `_operations`.

        What is only read later, such as a download, comes from no method any more. A function of a test that is
        called back begins a new call, so the search ends there.
        """
        frame: FrameType | None = sys._getframe(1)
        inside = False
        while frame is not None:
            code = frame.f_code
            if code.co_filename.startswith(CLIENT):
                inside = True
                operations = self._named_by(code)
                if operations is not None:
                    yield code.co_qualname.partition(".<locals>")[0], operations
            elif inside and code.co_filename.startswith((PACKAGE, TESTS)):
                return
            frame = frame.f_back

    def _named_by(self, code: CodeType) -> frozenset[str] | None:
        if code not in self._documented:
            self._documented[code] = _operations(code)
        return self._documented[code]


def _operations(code: CodeType) -> frozenset[str] | None:
    """What the docstring of a method names: nothing for one that sends what it is told, None for what is no method."""
    owner, _, name = code.co_qualname.partition(".<locals>")[0].rpartition(".")
    file = Path(code.co_filename)
    cls = getattr(sys.modules.get(f"orthanc_state.client.{file.parent.name}.{file.stem}"), owner, None)
    if name.startswith("_") or not isinstance(cls, type):
        return None
    if not issubclass(cls, Orthanc | AsyncOrthanc | Resource | AsyncResource):
        return None
    if name in RAW and issubclass(cls, Orthanc | AsyncOrthanc):
        return frozenset()
    return frozenset(documented(getattr(cls, name))) or frozenset({"none"})
