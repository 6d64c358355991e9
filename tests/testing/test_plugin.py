"""The pytest plugin, in pytest runs of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from orthanc_state.testing import OrthancUnavailable, debian, find

pytest_plugins = ["pytester"]

_ROOT = Path(__file__).parents[2]
_CACHE = debian.cache_folder().parents[1]  # pytester gives its runs a home of their own


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    # The plugin may be registered by its entry point here, and must not be registered twice.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "orthanc_state.testing.plugin")
    monkeypatch.setenv("PYTHONPATH", str(_ROOT), prepend=os.pathsep)
    monkeypatch.setenv("XDG_CACHE_HOME", str(_CACHE))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.delenv("ORTHANC_BIN", raising=False)


@pytest.fixture
def real() -> None:
    try:
        find("trixie")
    except OrthancUnavailable as error:
        pytest.skip(error.reason)


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which no Orthanc can be had."""
    tools = tmp_path / "no-tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))


@pytest.mark.usefixtures("real")
def test_a_test_is_repeated_for_each_suite_with_a_fresh_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import json, urllib.request, pytest

        SEEN = set()

        def name(server):
            with urllib.request.urlopen(server.url + "/system", timeout=5) as answer:
                return json.load(answer)["Name"]

        def test_default(orthanc_server):
            SEEN.add(orthanc_server.pid)
            assert name(orthanc_server) == "orthanc-state"

        @pytest.mark.orthanc(suites=["1.12"], configuration={"Name": "mine"})
        def test_marked(orthanc_server, start_orthanc, orthanc_servers):
            assert orthanc_server.pid not in SEEN
            assert name(orthanc_server) == "mine"
            other = start_orthanc({"Name": "other"})
            assert other.name == orthanc_server.name
            assert name(other) == "other"
            assert orthanc_servers.shared() is orthanc_servers.shared("trixie")
            assert len(orthanc_servers.running) == 3

        def test_stopped(orthanc_servers):
            assert [server.name for server in orthanc_servers.running] == ["trixie"]

        @pytest.mark.orthanc(suites=["bookworm"])
        def test_not_chosen(orthanc_server):
            pass
    """)
    result = pytester.runpytest_subprocess("-v", "-rs", "--orthanc-suites=trixie", "--strict-markers")
    result.assert_outcomes(passed=3, skipped=1)
    result.stdout.fnmatch_lines(["*test_default?trixie? PASSED*", "*test_marked?trixie? PASSED*"])
    result.stdout.fnmatch_lines(["*--orthanc-suites leaves this test no suite*"])
    assert result.ret == 0


@pytest.mark.usefixtures("real")
def test_a_failure_shows_the_log_and_keeps_it(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\northanc_suites = trixie\n")
    pytester.makepyfile("""
        def test_passes(orthanc_server):
            print("PASSED IN", orthanc_server.directory)

        def test_fails(orthanc_server):
            assert False
    """)
    result = pytester.runpytest_subprocess("-rP")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*- Orthanc log (trixie) -*", "*/orthanc.log", "*Orthanc has started"])
    text = result.stdout.str()
    kept = re.search(r"^/.*/orthanc\.log$", text, re.MULTILINE)
    removed = re.search(r"PASSED IN (\S+)", text)
    assert kept is not None
    assert removed is not None
    assert "Orthanc has started" in Path(kept[0]).read_text()
    assert not Path(removed[1]).exists()


@pytest.mark.usefixtures("nothing")
@pytest.mark.parametrize("workers", [[], ["-p", "xdist.plugin", "-n2"]], ids=["alone", "xdist"])
def test_a_run_that_got_no_server_fails(pytester: pytest.Pytester, workers: list[str]) -> None:
    pytester.makepyfile("""
        def test_one(orthanc_server):
            pass

        def test_two(start_orthanc):
            start_orthanc()

        def test_without():
            pass
    """)
    result = pytester.runpytest_subprocess("-rs", "--orthanc-suites=trixie,forky", *workers)
    result.assert_outcomes(passed=1, skipped=3)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["*= no Orthanc could be started =*", "trixie: *", "forky: *", "SKIPPED * trixie cannot be had*"]
    )


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("workers", [[], ["-p", "xdist.plugin", "-n2"]], ids=["alone", "xdist"])
def test_a_run_that_got_one_of_two_passes(pytester: pytest.Pytester, workers: list[str]) -> None:
    pytester.makeconftest("""
        from orthanc_state.testing import OrthancUnavailable, distribution

        found = distribution.find

        def find(suite):
            if suite == "forky":
                raise OrthancUnavailable("forky is closed today")
            return found(suite)

        distribution.find = find
    """)
    pytester.makepyfile("def test_one(orthanc_server): pass")
    result = pytester.runpytest_subprocess("-rs", "--orthanc-suites=trixie,forky", *workers)
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED *forky is closed today*"])
    assert "no Orthanc could be started" not in result.stdout.str()
    assert result.ret == 0


@pytest.mark.usefixtures("nothing")
def test_a_run_that_asked_for_none_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_without(): pass")
    assert pytester.runpytest_subprocess().ret == 0


def test_a_misspelt_suite_is_an_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one(orthanc_server): pass")
    result = pytester.runpytest_subprocess("--orthanc-suites=trixy")
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*no suite has Orthanc 'trixy'*"])


def test_loading_the_plugin_loads_little() -> None:
    code = "import sys, pytest; before = set(sys.modules); import orthanc_state.testing.plugin\n"
    code += "print(sorted(each for each in set(sys.modules) - before if not each.startswith('orthanc')))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, cwd=_ROOT,
    )  # fmt: skip
    assert "'httpx'" not in done.stdout
    assert "'ssl'" not in done.stdout
