"""A child process that cannot outlive the process which started it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

# PR_SET_PDEATHSIG is 1. Between the fork and this call the parent may have died already, which
# shows in the parent's number.
_SET_DEATH_SIGNAL = """\
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, getattr(signal, "SIG" + sys.argv[1]))
if os.getppid() == int(sys.argv[2]):
    os.execvp(sys.argv[3], sys.argv[3:])
"""


class Process:
    """A program in a session of its own, ended by the kernel when this process ends.

    Args:
        argv: the program and its arguments.
        log: the file that its output is appended to.
        environment: variables to set beside the inherited ones.
        death_signal: what it receives when this process is gone, without ``SIG``.
    """

    def __init__(
        self,
        argv: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str],
        death_signal: str = "KILL",
    ) -> None:
        command = [*_with_death_signal(death_signal), *argv]
        whole_environment = {**os.environ, **environment}
        with log.open("ab") as output:
            # The kernel sends the signal when the *thread* that forked ends, and a test may start
            # a server in a short-lived one: every fork is made by one thread that never ends.
            self._popen = (
                _forking_thread(os.getpid())
                .submit(
                    subprocess.Popen,
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=whole_environment,
                    start_new_session=True,
                )
                .result()
            )

    @property
    def pid(self) -> int:
        """Its number, which is that of its process group too."""
        return self._popen.pid

    @property
    def exit_status(self) -> int | None:
        """What it ended with (a negative number for a signal), or None while it runs."""
        return self._popen.poll()

    def terminate(self, timeout: float) -> bool:
        """Asks it to end and waits.

        Args:
            timeout: how many seconds it is given.

        Returns:
            Whether it ended in time.
        """
        self._signal(signal.SIGTERM)
        try:
            self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """Ends it and whatever it started, at once."""
        self._signal(signal.SIGKILL)
        self._popen.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._popen.poll() is None:
            os.killpg(self._popen.pid, number)


@cache
def _forking_thread(process: int) -> ThreadPoolExecutor:
    """The thread that forks; a forked copy of this process needs one of its own."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"fork-{process}")


def _with_death_signal(name: str) -> list[str]:
    """The words before a command that arrange for its end.

    Not `preexec_fn`: it runs Python between fork and exec, which may deadlock where threads run.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is not None:
        return [setpriv, "--pdeathsig", name, "--"]
    return [sys.executable, "-I", "-S", "-c", _SET_DEATH_SIGNAL, name, str(os.getpid())]
