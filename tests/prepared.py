"""Runs `orthanc-state`, and scripts, in processes that begin with its modules imported: a test does not wait for them.

One process, which has done nothing but import, forks for each run. A run has its own arguments, environment, folder and
streams, and its end is that of any process; only what Python itself reads when it starts is as it was.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
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
PRELOADED = (
    "orthanc_state.cli.app",
    "orthanc_state.cli.reconcile",
    "orthanc_state.engine",
    "orthanc_state.execution.executor",
    "orthanc_state.planning.plan_file",
    "orthanc_state.render.data",
    "orthanc_state.render.reported",
)


@dataclass(frozen=True, slots=True)
class _Run:
    arguments: list[str]
    environment: dict[str, str]
    folder: str
    script: bool = False
    """Whether it is a script on standard input, and not the command."""


class Prepared:
    """The process that is prepared, as long as the `with` block lasts."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="prepared-")
        self._path = str(Path(self._folder.name) / "socket")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._path)
            listener.listen(64)
            # Its standard input ends when this process does, and so does it.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.prepared", str(listener.fileno())],
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno()],
                cwd=Path(__file__).parent.parent,
                env={name: value for name, value in os.environ.items() if not name.startswith(("ORTHANC_", "COV_"))},
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


def _serve(listener: socket.socket) -> None:
    """Fork for each run, until the process that wants them is gone."""
    import selectors

    waiting = selectors.DefaultSelector()
    waiting.register(listener, selectors.EVENT_READ)
    waiting.register(sys.stdin, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fileobj is not listener:
                return
            connection, _ = listener.accept()
            with connection:
                if os.fork() == 0:
                    # Twice, so that nobody has to wait for whoever watches.
                    if os.fork() == 0:
                        _watch(connection)
                    os._exit(0)
            os.wait()


def _watch(connection: socket.socket) -> NoReturn:
    """Run one command in a process of its own, and tell how it ended."""
    import select

    _, fds, _, _ = socket.recv_fds(connection, 1, 3)
    asked = _Run(**json.loads(b"".join(iter(lambda: connection.recv(65536), b""))))
    child = os.fork()
    if child == 0:
        connection.close()
        _become(asked, fds)
    pid = os.pidfd_open(child)
    # The connection ends when whoever waits has waited too long.
    gone = select.poll()
    gone.register(pid, select.POLLIN)
    gone.register(connection, select.POLLHUP | select.POLLERR)
    ended = {fd for fd, _ in gone.poll()}
    if pid not in ended:
        os.kill(child, 9)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(OSError):
        connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


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
    if asked.script:
        sys.argv = ["-"]
        with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
            script.write(sys.stdin.read())
            script.flush()
            runpy.run_path(script.name, run_name="__main__")
        raise SystemExit(0)
    sys.argv = [MODULE, *asked.arguments]
    runpy.run_module(MODULE, run_name="__main__", alter_sys=True)
    raise SystemExit(0)


if __name__ == "__main__":
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    for name in PRELOADED:
        __import__(name)
    from orthanc_state.kinds.registry import all_kinds

    for kind in all_kinds().values():
        # What checks a section is made when it is first asked for.
        _ = kind.adapter
    _serve(socket.socket(fileno=int(sys.argv[1])))
