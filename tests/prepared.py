"""Runs `orthanc-state`, and scripts, in processes that begin with its modules imported: a test does not wait for them.

One process, which has done nothing but import, forks for each run. A run has its own arguments, environment, folder and
streams, and its end is that of any process; only what Python itself reads when it starts is as it was.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import json
import os
import pkgutil
import runpy
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

MODULE = "orthanc_state"
LEFT_OUT = (".__main__", ".jupyter", ".testing")
"""What of the kit is not imported beforehand: what is run, and what needs more than the commands do."""

OTHERS = ("deepdiff", "encodings.idna")
"""What the kit imports only where it needs it."""


@dataclass(frozen=True, slots=True)
class _Run:
    arguments: list[str]
    environment: dict[str, str]
    folder: str
    script: bool = False
    """Whether it is a script on standard input, and not the command."""


class Prepared:
    """The process that is prepared, as long as the `with` block lasts.

    Args:
        modules: What else is imported.
    """

    def __init__(self, *modules: str) -> None:
        self._modules = modules
        self._folder = tempfile.TemporaryDirectory(prefix="prepared-")
        self._path = str(Path(self._folder.name) / "socket")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._path)
            listener.listen(64)
            # Its standard input ends when this process does, and so does it.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.prepared", str(listener.fileno()), *self._modules],
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno()],
                cwd=Path(__file__).parent.parent,
                env={
                    **{name: value for name, value in os.environ.items() if not name.startswith(("ORTHANC_", "COV_"))},
                    # What forks has no threads.
                    "OPENBLAS_NUM_THREADS": "1",
                },
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            # Waits for its end, and closes what leads to it.
            self._process.communicate()
        self._folder.cleanup()

    def run(
        self, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdin: str, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """As `subprocess.run` does it, with what it printed.

        Raises:
            subprocess.TimeoutExpired: It was not over in time, and was killed.
        """
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
            streams[0].write(stdin.encode())
            streams[0].seek(0)
            connection = stack.enter_context(socket.socket(socket.AF_UNIX))
            connection.settimeout(timeout)
            connection.connect(self._path)
            asked = {"arguments": list(arguments), "environment": dict(env), "folder": str(cwd)}
            # The file descriptors go with the first byte.
            socket.send_fds(connection, [b"\n"], [stream.fileno() for stream in streams])
            connection.sendall(json.dumps(asked).encode())
            connection.shutdown(socket.SHUT_WR)
            try:
                answer = b"".join(iter(lambda: connection.recv(4096), b""))
            except TimeoutError:
                raise subprocess.TimeoutExpired(list(arguments), timeout) from None
            for stream in streams[1:]:
                stream.seek(0)
            printed = [stream.read().decode().replace("\r\n", "\n").replace("\r", "\n") for stream in streams[1:]]
        return subprocess.CompletedProcess(list(arguments), int(answer), *printed)

    def interpreter(self, path: Path) -> Path:
        """Write a program that runs a script from its standard input as Python does, and everything else as itself.

        Args:
            path: Where it is written.
        """
        return self._program(path, _INTERPRETER + _PASSED_ON, script=True)

    def command(self, path: Path) -> Path:
        """Write a program that is `orthanc-state`, for shells that find it by its name.

        Args:
            path: Where it is written.
        """
        return self._program(path, _PASSED_ON, script=False)

    def _program(self, path: Path, text: str, *, script: bool) -> Path:
        filled = text.format(python=sys.executable, socket=self._path, script=script)
        path.write_text(f"#!{sys.executable} -IS\n{filled}")
        path.chmod(0o755)
        return path


_INTERPRETER = """\
import os, sys
if len(sys.argv) > 1:
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
"""

_PASSED_ON = """\
import json, os, socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect({socket!r})
socket.send_fds(connection, [b"\\n"], [0, 1, 2])
asked = {{"arguments": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd(), "script": {script}}}
connection.sendall(json.dumps(asked).encode())
connection.shutdown(socket.SHUT_WR)
code = int(connection.recv(16))
sys.exit(code if code >= 0 else 1)
"""


class _Running:
    """A run in a process of its own, and whoever waits for its end."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        _, fds, _, _ = socket.recv_fds(connection, 1, 3)
        asked = _Run(**json.loads(b"".join(iter(lambda: connection.recv(65536), b""))))
        self._child = os.fork()
        if self._child == 0:
            _become(asked, fds)
        for fd in fds:
            os.close(fd)
        self.pid = os.pidfd_open(self._child)

    def kill(self) -> None:
        """Nobody waits for it any more."""
        os.kill(self._child, 9)

    def end(self) -> None:
        """Tell how it ended."""
        _, status = os.waitpid(self._child, 0)
        os.close(self.pid)
        with self.connection, contextlib.suppress(OSError):
            self.connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
            # Other runs have it open too.
            self.connection.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket) -> None:
    """Fork for each run, until the process that wants them is gone."""
    import select

    events = select.epoll()
    events.register(listener, select.EPOLLIN)
    events.register(sys.stdin, select.EPOLLIN)
    by_pid: dict[int, _Running] = {}
    by_connection: dict[int, _Running] = {}
    while True:
        for fd, _ in events.poll():
            if fd == sys.stdin.fileno():
                return
            if fd == listener.fileno():
                started = _Running(listener.accept()[0])
                by_pid[started.pid] = by_connection[started.connection.fileno()] = started
                events.register(started.pid, select.EPOLLIN)
                # Nothing but its end: whoever waits has nothing more to say.
                events.register(started.connection, 0)
            elif fd in by_pid:
                ended = by_pid.pop(fd)
                del by_connection[ended.connection.fileno()]
                with contextlib.suppress(FileNotFoundError):
                    events.unregister(ended.connection)
                events.unregister(ended.pid)
                ended.end()
            elif fd in by_connection:
                by_connection[fd].kill()
                events.unregister(fd)


def _become(asked: _Run, fds: Sequence[int]) -> NoReturn:
    """Be the command, from here to the end of the process."""
    for target, fd in enumerate(fds):
        os.dup2(fd, target)
        os.close(fd)
    os.chdir(asked.folder)
    os.environ.clear()
    os.environ.update(asked.environment)
    encoding = asked.environment.get("PYTHONIOENCODING", "utf-8")
    for name, raw in (("stdin", "rb"), ("stdout", "wb"), ("stderr", "wb")):
        stream = os.fdopen(("stdin", "stdout", "stderr").index(name), raw, closefd=False)
        errors = "backslashreplace" if name == "stderr" else "strict"
        text = io.TextIOWrapper(stream, encoding, errors)
        setattr(sys, name, text)
        setattr(sys, f"__{name}__", text)
    sys.path[0] = asked.folder
    try:
        if asked.script:
            sys.argv = ["-"]
            with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
                script.write(sys.stdin.read())
                script.flush()
                runpy.run_path(script.name, run_name="__main__")
        else:
            sys.argv = [MODULE, *asked.arguments]
            runpy.run_module(MODULE, run_name="__main__", alter_sys=True)
    except SystemExit as error:
        # Any other end, one with a text too, is Python's own.
        if isinstance(error.code, int | None):
            _codes.append(error.code or 0)
        raise
    _codes.append(0)
    raise SystemExit(0)


_codes: list[int] = []
"""With what this run ends, once that is known."""


def _end() -> None:
    """End before Python takes all that was imported to pieces, which takes longer than most runs."""
    if _codes:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_codes[0])


if __name__ == "__main__":
    # The first that is registered is called last.
    atexit.register(_end)
    import orthanc_state
    from orthanc_state.process import short_lived

    short_lived()

    for name in (*OTHERS, *sys.argv[2:]):
        __import__(name)
    for module in pkgutil.walk_packages(orthanc_state.__path__, "orthanc_state."):
        if not any(part in module.name for part in LEFT_OUT):
            __import__(module.name)
    from orthanc_state.kinds.registry import all_kinds

    for kind in all_kinds().values():
        # What checks a section is made when it is first asked for.
        _ = kind.adapter
    # No run looks at what it has not made.
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
