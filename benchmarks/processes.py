"""Whole processes: how long they take, how much memory they had, and what they import."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.harness import UnmeasurableError

_TIMEOUT = 120
_ROOT = Path(__file__).parents[1]

# A child counts the memory of the process that made it, up to the moment when it becomes itself. So it is made by a
# process that has next to none.
_PEAK = """
import os, sys
null = os.open(os.devnull, os.O_WRONLY)
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""

_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)")


def python(*arguments: str) -> list[str]:
    """The command that runs this Python."""
    return [sys.executable, *arguments]


def console_script() -> str:
    """The installed `orthanc-state`.

    Raises:
        UnmeasurableError: It is not installed beside this Python.
    """
    path = Path(sys.executable).with_name("orthanc-state")
    if not path.exists():
        raise UnmeasurableError(f"{path.name} is not installed beside this Python: pip install -e .")
    return str(path)


def seconds(argv: Sequence[str]) -> float:
    """How long a process takes from its start to its end.

    Raises:
        UnmeasurableError: It failed.
    """
    began = perf_counter()
    _run(argv, stdout=subprocess.DEVNULL)
    return perf_counter() - began


def peak(argv: Sequence[str]) -> int:
    """The most memory that a process had, in bytes.

    Raises:
        UnmeasurableError: It failed.
    """
    printed = _run(python("-I", "-S", "-c", _PEAK, *argv)).stdout
    return int(printed) * (1 if sys.platform == "darwin" else 1024)


def imports(argv: Sequence[str], *, shown: int = 25) -> Iterator[str]:
    """What a process imports: by package, what its modules take themselves; and the imports that take longest.

    Args:
        argv: What to run, without the Python.
        shown: How many lines of each.
    """
    errors = _run(python("-X", "importtime", *argv), stdout=subprocess.DEVNULL).stderr
    found = [(int(own), int(total), name) for own, total, _, name in _IMPORT.findall(errors)]
    packages: defaultdict[str, list[int]] = defaultdict(list)
    for own, _, name in found:
        packages[name.partition(".")[0]].append(own)
    total_own = sum(own for own, _, _ in found) / 1000
    yield f"  {total_own:.1f} ms for {len(found)} modules (more than without -X importtime)"
    yield "  by package, without what they import:"
    for package, owns in sorted(packages.items(), key=lambda item: -sum(item[1]))[:shown]:
        yield f"  {sum(owns) / 1000:>9.1f} ms  {len(owns):>4} modules  {package}"
    yield "  by module, with what it imports first:"
    for _, total, name in sorted(found, key=lambda item: -item[1])[:shown]:
        yield f"  {total / 1000:>9.1f} ms  {name}"


def environment() -> dict[str, str]:
    """This environment without what would send `orthanc-state` elsewhere."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ORTHANC_", "PYTHON")) and not name.lower().endswith("_proxy")
    }


def _run(argv: Sequence[str], *, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=environment(),
            cwd=_ROOT,
            text=True,
            timeout=_TIMEOUT,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise UnmeasurableError(f"{Path(argv[0]).name} failed ({error.returncode}): {error.stderr.strip()}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnmeasurableError(f"{Path(argv[0]).name}: {error}") from None
