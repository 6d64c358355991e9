"""Running another program, with a limit on its time and a readable failure."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from orthanc_state.testing.errors import OrthancUnavailable

_LINES_OF_ERROR = 6


def run(
    argv: Sequence[str],
    *,
    timeout: float,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> str:
    """Runs a program to its end and returns what it printed.

    Args:
        argv: the program and its arguments.
        timeout: seconds before it is killed.
        environment: the whole environment; None inherits this process's.
        directory: where it runs; None for the current folder.

    Raises:
        OrthancUnavailable: the program is missing, took too long or failed. The reason ends with
            the last lines of what it complained of.
    """
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            env=environment,
            cwd=directory,
            check=False,
        )
    except FileNotFoundError:
        raise OrthancUnavailable(f"{argv[0]} is not installed") from None
    except OSError as error:
        raise OrthancUnavailable(f"{argv[0]} cannot be run: {error}") from None
    except subprocess.TimeoutExpired:
        raise OrthancUnavailable(f"{argv[0]} did not finish within {timeout:g} s") from None
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-_LINES_OF_ERROR:]
        raise OrthancUnavailable(f"{argv[0]} failed ({done.returncode}): " + "\n".join(said))
    return done.stdout
