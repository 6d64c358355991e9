"""Which Orthanc is found, and what is said where none can be."""

import os
from pathlib import Path

import pytest

from orthanc_state.testing import OrthancUnavailable, container, debian, distribution, find
from orthanc_state.testing.installation import Installation


def _script(path: Path, text: str) -> Path:
    path.write_text("#!/bin/sh\n" + text + "\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("wanted", "suite"),
    [
        ("trixie", "trixie"),
        ("1.12.7", "trixie"),
        ("1.12", "trixie"),
        ("1.13.2", "forky"),
        ("1.10", "bookworm"),
    ],
)
def test_a_version_means_its_suite(wanted: str, suite: str) -> None:
    assert distribution.suite_of(wanted) == suite


@pytest.mark.parametrize("wanted", ["1.1", "1.12.70", "trixy", ""])
def test_an_unknown_version_is_refused_with_the_known_ones(wanted: str) -> None:
    with pytest.raises(OrthancUnavailable, match=r"trixie \(1\.12\.7\)"):
        distribution.suite_of(wanted)


def test_a_named_binary_is_the_only_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    binary = _script(tmp_path / "Orthanc", "echo $0 1.12.7")
    monkeypatch.setenv("ORTHANC_BIN", str(binary))
    assert distribution.names() == ["local"]
    assert find("local") == find("trixie") == Installation("local", "1.12.7", (str(binary),))
    with pytest.raises(OrthancUnavailable, match=r"ORTHANC_BIN is Orthanc 1\.12\.7, not 1\.10\.1"):
        find("bookworm")


def test_a_binary_that_is_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORTHANC_BIN", "/bin/true")
    with pytest.raises(OrthancUnavailable, match="not an Orthanc"):
        find("local")


def test_both_ways_to_get_it_are_named_when_both_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ORTHANC_BIN", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OrthancUnavailable) as error:
        find("trixie")
    assert "apt-get and dpkg-deb" in error.value.reason
    assert "no container engine answers" in error.value.reason


def test_an_engine_that_answers_stands_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ORTHANC_BIN", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr(debian, "fetch", _unavailable)
    _script(tmp_path / "docker", 'echo "$@" >> ' + str(tmp_path / "calls") + '; echo "Orthanc 1.12.7"')
    found = find("trixie")
    command = found.command(Path("/tmp/server-1/orthanc.json"))
    assert found.version == "1.12.7"
    assert (command[0], command[-2:]) == (
        "docker",
        [container.IMAGES["trixie"], "/tmp/server-1/orthanc.json"],
    )
    assert "/tmp/server-1:/tmp/server-1" in command
    assert f"{os.getuid()}:{os.getgid()}" in command
    found.kill(Path("/tmp/server-1/orthanc.json"))
    assert (tmp_path / "calls").read_text().splitlines()[-1] == "rm --force orthanc-state-server-1"


def _unavailable(suite: str, packages: tuple[str, ...]) -> Installation:
    raise OrthancUnavailable(f"no {suite} with {packages}")
