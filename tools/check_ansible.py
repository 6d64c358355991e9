"""Checks the Ansible collection with Ansible's own tools: `python tools/check_ansible.py [NAME...]`.

Each check is a command that says nothing unless it fails: `sanity` (`ansible-test sanity`, all tests, none of them
ignored), `units`, `lint`, `docs`, `changelog`, and `release`, which builds the tarball and installs it without a
network. Two run at once, after what they share is there.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parent.parent
COLLECTION = ROOT / "ansible" / "ansible_collections" / "orthanc" / "state"
BIN = Path(sys.executable).parent
TIMEOUT = 600

HOME = Path(sys.prefix) / "ansible-test"
"""The home of `ansible-test`, which keeps its environments and what it downloads there."""

PIP_FILES = (".config/pip", ".pip", ".cache/pip")
"""What pip has in a home, and needs in the other one too."""

GET_PIP = '''\
"""Installs pip with the pip of the environment that the tests are run from, and takes no site of its own for it."""

import subprocess
import sys

wanted = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.call([{python!r}, "-m", "pip", "--python", sys.executable, "install", *wanted]))
'''
"""What `ansible-test` would otherwise download under this name from a site of its own."""


class FailedError(Exception):
    """A check has failed; it holds what the command said."""


def run(*command: str, folder: Path = COLLECTION, environment: dict[str, str] | None = None) -> str:
    """Run a command of this environment, and give what it says.

    Raises:
        FailedError: It failed, or was not done in time.
    """
    program, *arguments = command
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PYTHON"))}
    try:
        done = subprocess.run(
            [str(BIN / program), *arguments],
            cwd=folder,
            env={**inherited, "PATH": path, "LC_ALL": "C.UTF-8", "NO_COLOR": "1", **(environment or {})},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FailedError(f"{' '.join(command)}: not done in {TIMEOUT} s") from None
    said = done.stdout + done.stderr
    if done.returncode != 0:
        raise FailedError(f"{' '.join(command)}: exit code {done.returncode}\n{said}")
    return said


def ansible_test(*arguments: str) -> None:
    """Run `ansible-test`, of which a run that tests nothing counts as a failure.

    Raises:
        FailedError: It failed, or did nothing.
    """
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    said = run("ansible-test", *arguments, "--python", python, "--color", "no", environment={"HOME": str(HOME)})
    for sign in ("All targets skipped", "WARNING: Skipping"):
        if sign in said:
            raise FailedError(f"ansible-test {' '.join(arguments)}: something was not tested\n{said}")


def prepare_home() -> None:
    """Put there what `ansible-test` would otherwise download from a site of its own.

    Raises:
        FailedError: This `ansible-test` is not like the one that this was written for.
    """
    import ansible_test

    said = (Path(ansible_test.__path__[0]) / "_internal" / "python_requirements.py").read_text(encoding="utf-8")
    versions = set(re.findall(r"""\bpip['"]?\s*[=:]\s*['"]([0-9.]+)['"]""", said))
    if not versions:
        raise FailedError("this ansible-test does not say which pip it takes: see tools/check_ansible.py")
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in versions:
        (cache / f"get_pip_{version.replace('.', '_')}.py").write_text(GET_PIP.format(python=sys.executable))
    for name in PIP_FILES:
        there, here = Path.home() / name, HOME / name
        if there.exists() and not here.is_symlink():
            here.parent.mkdir(parents=True, exist_ok=True)
            here.symlink_to(there)


def sanity() -> None:
    """Every sanity test of Ansible, none of them ignored."""
    ignores = sorted(path.name for path in (COLLECTION / "tests" / "sanity").glob("ignore*"))
    if ignores:
        raise FailedError(f"tests are ignored: {', '.join(ignores)}")
    ansible_test("sanity")


def units() -> None:
    """The unit tests, as Ansible runs them."""
    ansible_test("units", "--venv")


def lint() -> None:
    """The rules of the profile for production."""
    profile = ("--offline", "--strict", "--profile", "production", "--project-dir", str(COLLECTION))
    run("ansible-lint", *profile, environment={"ANSIBLE_COLLECTIONS_PATH": str(ROOT / "ansible")})


def docs() -> None:
    """What `ansible-doc` shows, with every reference in it."""
    run(
        "antsibull-docs",
        "lint-collection-docs",
        "--plugin-docs",
        "--validate-collection-refs=all",
        "--skip-rstcheck",
        ".",
    )


def changelog() -> None:
    """The fragments of the changelog."""
    run("antsibull-changelog", "lint")


def release() -> None:
    """Build the tarball, and install it without a network."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run("ansible-galaxy", "collection", "build", "--output-path", str(folder))
        (tarball,) = folder.glob("orthanc-state-*.tar.gz")
        installed = folder / "collections"
        run("ansible-galaxy", "collection", "install", "--offline", str(tarball), "-p", str(installed), folder=folder)
        run("ansible-galaxy", "collection", "verify", "--offline", "orthanc.state", "-p", str(installed), folder=folder)


CHECKS: dict[str, Callable[[], None]] = {
    check.__name__: check for check in (sanity, units, lint, docs, changelog, release)
}


def timed(check: Callable[[], None]) -> tuple[str, float]:
    """Make a check; what it said if it failed, and how long it took."""
    began = time.monotonic()
    try:
        check()
    except FailedError as error:
        return str(error), time.monotonic() - began
    return "", time.monotonic() - began


def main(arguments: Sequence[str]) -> int:
    """Make the checks that were asked for; 1 when one has failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"{', '.join(CHECKS)}; all of them if none")
    chosen = parser.parse_args(arguments).names or list(CHECKS)
    if unknown := [name for name in chosen if name not in CHECKS]:
        parser.error(f"no check {unknown[0]!r}; there are {', '.join(CHECKS)}")
    try:
        prepare_home()
    except FailedError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    failed = False
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name, (said, seconds) in zip(chosen, pool.map(timed, [CHECKS[name] for name in chosen]), strict=True):
            failed = failed or bool(said)
            sys.stdout.write(f"{name}: {'FAILED' if said else 'ok'} ({seconds:.0f} s)\n{said}")
            sys.stdout.flush()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
