"""Builds the wheel and the sdist, and sees that they are what somebody who installs them needs.

Without arguments on the Python that runs it and without extras, which takes some seconds. `--all` on every Python that
is found, with each extra, and with the lowest versions of the dependencies, which takes some minutes.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path

from packaging.metadata import Metadata

ROOT = Path(__file__).parent.parent
SUPPORTED = ("3.11", "3.12", "3.13")
QUICK = ("tests/document", "tests/kinds", "tests/planning", "tests/configuration", "tests/render")
"""The tests that need no server, for the run with the lowest versions."""

NO_TESTS = {"bench", "dev", "docs"}
"""Extras that are for working on the project."""

IMPORT_ALL = """
import importlib, pkgutil, sys, orthanc_state
for module in pkgutil.walk_packages(orthanc_state.__path__, "orthanc_state."):
    if not module.name.startswith({skipped!r}) and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""
NEEDS = {"testing.plugin": "pytest", "ansible": "ansible", "jupyter": "jupyter"}
"""Modules that are imported only where an extra, or a test runner, is."""


class WheelsError(Exception):
    """What was built is not what it should be."""


def main() -> int:
    """Build and check; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="every Python, each extra, the lowest versions")
    everything = parser.parse_args().all
    with tempfile.TemporaryDirectory() as folder:
        try:
            wheel = _build(Path(folder))
            _say(f"{wheel.name} is as it should be")
            _try(Path(folder), sys.executable, wheel, extra="")
            if everything:
                _everywhere(Path(folder), wheel)
        except WheelsError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


def _build(folder: Path) -> Path:
    """The wheel, made of the sdist, as an index would have both."""
    _run(sys.executable, "-m", "hatchling", "build", "-d", str(folder / "dist"), cwd=ROOT)
    (wheel,) = (folder / "dist").glob("*.whl")
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        _check_metadata(packed.read(next(name for name in names if name.endswith(".dist-info/METADATA"))))
    for wanted in ("orthanc_state/py.typed", "orthanc_state/cli/quickstart.yaml"):
        if wanted not in names:
            raise WheelsError(f"{wheel.name} lacks {wanted}")
    if not any(name.endswith("share/man/man1/orthanc-state.1") for name in names):
        raise WheelsError(f"{wheel.name} lacks the manual page")
    if foreign := [name for name in names if not re.match(r"orthanc_state[/-]", name)]:
        raise WheelsError(f"{wheel.name} holds what is no part of the package: {foreign}")
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    for wanted in ("Makefile", "LICENSE", "SECURITY.md", "mkdocs.yml", "docs/index.md", "tests/conftest.py"):
        if wanted not in inside:
            raise WheelsError(f"{sdist.name} lacks {wanted}")
    return wheel


def _check_metadata(text: bytes) -> None:
    """What a package index refuses: fields that are none, a description that is missing."""
    try:
        metadata = Metadata.from_email(text, validate=True)
    except ExceptionGroup as errors:
        raise WheelsError(f"the metadata of the wheel are invalid: {errors.exceptions}") from None
    if metadata.description_content_type != "text/markdown" or not metadata.description:
        raise WheelsError("the metadata of the wheel lack their description")


def _try(folder: Path, python: str, wheel: Path, extra: str) -> None:
    """Install into an empty environment, and use it."""
    venv = folder / f"venv-{abs(hash((python, extra)))}"
    _run(_uv(), "venv", "--quiet", "--python", python, str(venv))
    wanted = f"{wheel}[{extra}]" if extra else str(wheel)
    _run(_uv(), "pip", "install", "--quiet", "--python", str(venv / "bin" / "python"), wanted)
    version = wheel.name.split("-")[1]
    told = _run(str(venv / "bin" / "orthanc-state"), "--version").strip()
    if told != f"orthanc-state {version}":
        raise WheelsError(f"{wheel.name} says that it is `{told}`")
    skipped = tuple(f"orthanc_state.{module}" for module, need in NEEDS.items() if need != extra)
    _run(str(venv / "bin" / "python"), "-W", "error", "-c", IMPORT_ALL.format(skipped=skipped), cwd=folder)
    if not (venv / "share" / "man" / "man1" / "orthanc-state.1").exists():
        raise WheelsError("the manual page was not installed")
    _say(f"installs and runs on {_version(python)}{f' with [{extra}]' if extra else ''}")
    shutil.rmtree(venv)


def _everywhere(folder: Path, wheel: Path) -> None:
    pythons = {version: python for version in SUPPORTED if (python := _found(version))}
    for version in SUPPORTED:
        if version not in pythons:
            _say(f"there is no Python {version} on this machine: not tried")
    for python in pythons.values():
        for extra in ["", *sorted(_extras() - NO_TESTS)]:
            _try(folder, python, wheel, extra)
    for python in pythons.values():
        _lowest(folder, python)


def _lowest(folder: Path, python: str) -> None:
    """The quick tests with the lowest versions of the dependencies that are allowed."""
    venv = folder / "lowest"
    interpreter = str(venv / "bin" / "python")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    bounds = folder / "lowest.txt"
    bounds.write_text("\n".join(project["dependencies"] + project["optional-dependencies"]["numpy"]))
    _run(_uv(), "venv", "--quiet", "--clear", "--python", python, str(venv))
    # First what the tests need, then the lowest of what the package needs over it.
    _run(_uv(), "pip", "install", "--quiet", "--python", interpreter, "--editable", f"{ROOT}[dev]")
    _run(
        _uv(),
        "pip",
        "install",
        "--quiet",
        "--upgrade",
        "--python",
        interpreter,
        "--resolution",
        "lowest-direct",
        "-r",
        str(bounds),
    )
    _run(interpreter, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *QUICK, cwd=ROOT)
    _say(f"passes the quick tests with the lowest versions on {_version(python)}")


def _extras() -> set[str]:
    return set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])


def _found(version: str) -> str | None:
    found = shutil.which(f"python{version}")
    if found and not _works(found):
        found = None
    homes = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    return found or (str(homes[-1]) if homes else None)


def _works(python: str) -> bool:
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def _version(python: str) -> str:
    return _run(python, "--version").strip()


def _uv() -> str:
    return str(Path(sys.executable).with_name("uv"))


def _run(*command: str, cwd: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    ran = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise WheelsError(f"$ {' '.join(command)}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
