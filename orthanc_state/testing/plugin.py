"""The pytest plugin: real Orthanc servers as fixtures.

Fixtures: `orthanc_server` (a fresh server, once for each suite), `start_orthanc` (starts further
ones) and `orthanc_servers` (those that a whole run shares). Marker:
``@pytest.mark.orthanc(suites=["trixie"], configuration={"Name": "A"}, plugins=["dicomweb"])``.
Option: ``--orthanc-suites=bookworm,trixie``.
"""

# pytest imports this in every run of a machine on which the package is installed. Whatever is not
# needed to declare hooks is therefore imported where it is used.
from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from orthanc_state.testing.errors import OrthancUnavailable
    from orthanc_state.testing.server import OrthancServer
    from orthanc_state.testing.servers import OrthancServers

_OPTION = "orthanc_suites"
_FIXTURE = "orthanc_server"
_WORKER_KEY = "orthanc_state"  # under which an xdist worker reports to its controller
_LINES_OF_LOG = 80

_servers_key = pytest.StashKey["OrthancServers"]()
_outcome_key = pytest.StashKey["dict[str, Any]"]()
_log_sizes_key = pytest.StashKey["dict[OrthancServer, int]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "suites of Orthanc to test with, such as bookworm,trixie (default: all)"
    parser.getgroup("orthanc").addoption("--orthanc-suites", dest=_OPTION, default=None, help=text)
    parser.addini(_OPTION, text, default=None)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "orthanc(suites=None, configuration=None, plugins=()): which suites of Orthanc a test uses, and the "
        "configuration and the plugins they are started with",
    )
    config.stash[_outcome_key] = {"started": 0, "reasons": {}}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeats a test of `orthanc_server` for each suite that was chosen."""
    if _FIXTURE not in metafunc.fixturenames or _parametrized_by_hand(metafunc):
        return
    chosen = _chosen(metafunc.config)
    wanted = _marked(metafunc.definition, "suites")
    if wanted is None:
        suites = chosen if chosen is not None else _all_suites()
    else:
        suites = [suite for suite in map(_suite_of, wanted) if chosen is None or suite in chosen]
    if suites:
        metafunc.parametrize(_FIXTURE, suites, indirect=True)
    else:
        reason = "--orthanc-suites leaves this test no suite of Orthanc"
        none = pytest.param(None, marks=pytest.mark.skip(reason=reason), id="none")
        metafunc.parametrize(_FIXTURE, [none], indirect=True)


@pytest.fixture(scope="session")
def orthanc_servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OrthancServers]:
    """Servers of the whole run: ``.shared(suite)`` runs one, ``.start(suite, configuration)`` another.

    A suite that cannot be had skips the test that asked for it.
    """
    from orthanc_state.testing.servers import OrthancServers

    chosen = _chosen(request.config)
    servers = OrthancServers(
        chosen if chosen is not None else _all_suites(),
        folder=tmp_path_factory.mktemp,
        unavailable=_skip,
    )
    request.config.stash[_servers_key] = servers
    yield servers
    servers.stop_all()
    request.config.stash[_outcome_key] = {"started": servers.started, "reasons": servers.reasons}
    del request.config.stash[_servers_key]


@pytest.fixture
def start_orthanc(
    request: pytest.FixtureRequest, orthanc_servers: OrthancServers
) -> Iterator[Callable[..., OrthancServer]]:
    """``start_orthanc(configuration=None, suite=None, plugins=None)`` starts a server that lives as long as the test.

    Without a suite it is that of the test's `orthanc_server`, or the first of its marker, or the
    stable one. Without plugins it has those of the marker. It takes what `OrthancServer` takes.
    """
    started = []

    def start(
        configuration: dict[str, Any] | None = None,
        suite: str | None = None,
        plugins: Sequence[str] | None = None,
        **more: Any,
    ) -> OrthancServer:
        loaded = _marked(request.node, "plugins") if plugins is None else plugins
        server = orthanc_servers.start(suite or _suite_of_test(request), configuration, plugins=loaded or (), **more)
        started.append(server)
        return server

    yield start
    for server in started:
        orthanc_servers.stop(server)


@pytest.fixture
def orthanc_server(request: pytest.FixtureRequest, start_orthanc: Callable[..., OrthancServer]) -> OrthancServer:
    """A server that only this test uses, started with the configuration of its marker."""
    return start_orthanc(_marked(request.node, "configuration"), getattr(request, "param", None))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Notes how long the logs are, so that a failure shows what its own test caused."""
    servers = item.config.stash.get(_servers_key, None)
    sizes = {server: server.log_size() for server in servers.running} if servers else {}
    item.stash[_log_sizes_key] = sizes


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attaches the logs of the servers to a failure, and keeps their folders."""
    report = yield
    servers = item.config.stash.get(_servers_key, None)
    if servers is not None and report.failed:
        for server in servers.running:
            log = server.read_log(item.stash[_log_sizes_key].get(server, 0))
            if log:
                server.keep = True
                tail = "\n".join(log.splitlines()[-_LINES_OF_LOG:])
                report.sections.append((f"Orthanc log ({server.name})", f"{server.log_path}\n{tail}"))
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes over what an xdist worker found out."""
    outcome = node.config.stash[_outcome_key]
    reported = getattr(node, "workeroutput", {}).get(_WORKER_KEY, {"started": 0, "reasons": {}})
    outcome["started"] += reported["started"]
    outcome["reasons"].update(reported["reasons"])


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fails a run that wanted servers and got none: its tests were skipped, not passed."""
    outcome = session.config.stash[_outcome_key]
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[_WORKER_KEY] = outcome
    elif _none_started(outcome) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Says why such a run failed."""
    outcome = config.stash[_outcome_key]
    if _none_started(outcome):
        terminalreporter.section("no Orthanc could be started", red=True)
        for suite, reason in outcome["reasons"].items():
            terminalreporter.line(f"{suite}: {reason}", red=True)


def _none_started(outcome: dict[str, Any]) -> bool:
    return bool(outcome["reasons"]) and outcome["started"] == 0


def _skip(error: OrthancUnavailable) -> NoReturn:
    pytest.skip(error.reason)


def _chosen(config: pytest.Config) -> list[str] | None:
    """The suites of the option or the ini file, or None where neither is given."""
    text = config.getoption(_OPTION)
    if text is None:
        text = config.getini(_OPTION)
    if text is None:
        return None
    return [_suite_of(each.strip()) for each in text.split(",") if each.strip()]


def _all_suites() -> list[str]:
    from orthanc_state.testing.distribution import names

    return names()


def _suite_of(wanted: str) -> str:
    from orthanc_state.testing.distribution import suite_of
    from orthanc_state.testing.errors import OrthancUnavailable

    try:
        return suite_of(wanted)
    except OrthancUnavailable as error:
        # A misspelt name must not skip the tests that it is meant to run.
        raise pytest.UsageError(error.reason) from None


def _suite_of_test(request: pytest.FixtureRequest) -> str | None:
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    suite = parameters.get(_FIXTURE) or next(iter(_marked(request.node, "suites") or ()), None)
    return None if suite is None else _suite_of(suite)


def _marked(node: pytest.Item, name: str) -> Any:
    """What the closest `orthanc` marker that says something of this says."""
    return next((each.kwargs[name] for each in node.iter_markers("orthanc") if name in each.kwargs), None)


def _parametrized_by_hand(metafunc: pytest.Metafunc) -> bool:
    for marker in metafunc.definition.iter_markers("parametrize"):
        names = marker.args[0] if marker.args else marker.kwargs["argnames"]
        if _FIXTURE in (names.replace(",", " ").split() if isinstance(names, str) else names):
            return True
    return False
