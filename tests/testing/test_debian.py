"""Debian's packages: where they are fetched from, and the cache they are kept in."""

import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orthanc_state.testing import OrthancUnavailable, debian, mirror
from orthanc_state.testing.apt import machine_package


@pytest.fixture
def assembled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """An empty cache, filled from the real one instead of the network; the calls are recorded."""
    try:
        real = debian.fetch("trixie").root
    except OrthancUnavailable as error:
        pytest.skip(error.reason)
    assert real is not None
    calls: list[str] = []

    def assemble(suite: str, packages: tuple[str, ...], work: Path) -> Path:
        calls.append(suite)
        time.sleep(0.2)
        root = work / "root"
        root.mkdir()
        for each in real.iterdir():
            (root / each.name).symlink_to(each)
        return root

    monkeypatch.setattr(debian, "assemble", assemble)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return calls


@pytest.fixture(scope="module")
def downloading(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Needs a machine whose apt reaches its archive."""
    try:
        machine_package("debian-archive-keyring", tmp_path_factory.mktemp("download"))
    except OrthancUnavailable as error:
        pytest.skip(error.reason)


def _break_half_unpacked(root: Path) -> None:
    (root / "usr").unlink()


def _break_library(root: Path) -> None:
    real = (root / "usr").resolve()
    (root / "usr").unlink()
    shutil.copytree(real, root / "usr", symlinks=True, ignore=shutil.ignore_patterns("libdcmdata*", "share"))
    (root / "usr/share").symlink_to(real / "share")


def test_it_is_fetched_once(assembled: list[str]) -> None:
    first = debian.fetch("trixie")
    assert debian.fetch("trixie") == first
    assert first.version == "1.12.7"
    assert assembled == ["trixie"]


def test_what_is_fetched_at_once_is_fetched_once(assembled: list[str]) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len(set(map(str, pool.map(debian.fetch, ["trixie"] * 4)))) == 1
    assert assembled == ["trixie"]


@pytest.mark.parametrize("damage", [_break_half_unpacked, _break_library])
def test_a_damaged_cache_heals(assembled: list[str], damage: Callable[[Path], None]) -> None:
    root = debian.fetch("trixie").root
    assert root is not None
    damage(root)
    leftover = root.parent / f".{root.name}.tmp-killed"
    leftover.mkdir()
    assert debian.fetch("trixie").version == "1.12.7"
    assert len(assembled) == 2
    assert not leftover.exists()


def test_who_waited_for_a_failed_fetch_does_not_repeat_it(
    assembled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(suite: str, packages: tuple[str, ...], work: Path) -> Path:
        assembled.append(suite)
        time.sleep(0.3)
        raise OrthancUnavailable("no network")

    works = debian.assemble
    monkeypatch.setattr(debian, "assemble", fail)
    with ThreadPoolExecutor(3) as pool:
        tries = [pool.submit(debian.fetch, "trixie") for _ in range(3)]
        assert {str(each.exception()) for each in tries} == {"no network"}
    assert len(assembled) == 1
    monkeypatch.setattr(debian, "assemble", works)
    assert debian.fetch("trixie").version == "1.12.7"  # a later call tries again


def test_other_packages_are_kept_apart(assembled: list[str]) -> None:
    root = debian.fetch("trixie", ("orthanc", "orthanc-python")).root
    assert root is not None
    assert root.name.endswith("+orthanc-python")
    assert root != debian.fetch("trixie").root


def test_a_cache_that_cannot_be_written_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/cache")
    with pytest.raises(OrthancUnavailable, match="cannot be written"):
        debian.fetch("trixie")


def test_a_relative_cache_folder_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert debian.cache_folder() == Path.home() / ".cache/orthanc-state/debian"


def test_an_archive_that_does_not_answer_is_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if shutil.which("apt-get") is None:
        pytest.skip("apt-get is not installed")
    monkeypatch.setenv(mirror.MIRROR_VARIABLE, f"file://{tmp_path}/nothing")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(OrthancUnavailable, match=r"apt-get failed(.|\n)*nothing"):
        debian.fetch("trixie")
    assert [each.name for each in debian.cache_folder().iterdir() if each.name.endswith("tmp-*")] == []


def test_the_environment_names_the_mirror(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(mirror.MIRROR_VARIABLE, "http://mirror.example/debian/")
    assert list(mirror.mirrors(tmp_path)) == ["http://mirror.example/debian"]


@pytest.mark.usefixtures("downloading")
def test_a_derivative_finds_debian_in_the_template_of_its_own_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As on Ubuntu: no Debian source, and a machine without python-apt's templates."""
    monkeypatch.delenv(mirror.MIRROR_VARIABLE, raising=False)
    monkeypatch.setattr(mirror, "_index_targets", lambda *_: [])
    (address,) = mirror.mirrors(tmp_path / "scratch", system=tmp_path / "bare")
    assert address.startswith("http")
    assert address.endswith("/debian")


@pytest.mark.usefixtures("downloading")
def test_the_keyring_is_fetched_where_it_is_not_installed(tmp_path: Path) -> None:
    found = mirror.keyring(tmp_path / "scratch", system=tmp_path / "bare")
    assert found.stat().st_size > 1000


def test_a_template_names_the_main_archive_and_not_security() -> None:
    text = "BaseURI: http://security.example/\nBaseURI: http://mirror.example/debian/\n"
    assert mirror.template_address(text) == "http://mirror.example/debian"
    assert mirror.template_address("Suite: x\n") is None


def test_the_machines_own_sources_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    apt = tools / "apt-get"
    apt.write_text(
        "#!/bin/sh\ncase $2 in\n"
        "--no-release-info) echo 'main|http://a.example/debian-security/'; echo 'main|http://b.example/debian/';;\n"
        "*) echo 'Debian|Debian-Security|main|http://c.example/x/'; echo 'Debian|Debian|main|http://d.example/x/';;\n"
        "esac\n"
    )
    apt.chmod(0o755)
    monkeypatch.delenv(mirror.MIRROR_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    template = tmp_path / "usr/share/python-apt/templates/Debian.info"
    template.parent.mkdir(parents=True)
    template.write_text("BaseURI: http://e.example/debian\n")
    found = list(mirror.mirrors(tmp_path / "scratch", system=tmp_path))
    assert found == ["http://d.example/x", "http://b.example/debian", "http://e.example/debian"]
