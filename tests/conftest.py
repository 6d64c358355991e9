"""What the tests share: a client for the server of the test, the command line as a user runs it, and a record of all
that was asked of the servers."""

from __future__ import annotations

import gc
import os
import subprocess
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from hypothesis import HealthCheck, settings

from orthanc_state import Orthanc
from tests.client.recorder import Recorder
from tests.prepared import Prepared

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.testing import OrthancServer, OrthancServers

# A slow machine is not a defect, and every failure is to be seen again with the same data. At a desk each run tries
# other data; continuous integration tries the same each time, so that it judges the change and not the draw.
settings.register_profile(
    "orthanc-state",
    deadline=None,
    print_blob=True,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("orthanc-state")

# Half an hour that is asked for by name only: `make soak`.
collect_ignore = [] if "SOAK_MINUTES" in os.environ else ["soak"]

Cli = Callable[..., "subprocess.CompletedProcess[str]"]

RECORDER = pytest.StashKey[Recorder]()
WORKER_KEY = "operations"
"""Under which an xdist worker reports what was called."""

IN_BROWSER = "tests/jupyter/in_browser/"
LONG = (
    "tests/ansible/",
    IN_BROWSER,
    "tests/trust/",
    "tests/policies/",
    "notebooks/",
    "tests/reconcile/",
    "tests/fleet/",
)
"""Where the tests are that take longest: they begin, so that no worker is left alone with one at the end."""


PARTIAL = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "collectonly", "stepwise")
"""Options with which a run is not of all tests."""


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RECORDER] = recorder = Recorder()
    recorder.start()
    config.add_cleanup(recorder.stop)


@pytest.fixture(scope="session")
def orthanc_servers(request: pytest.FixtureRequest, orthanc_servers: OrthancServers) -> OrthancServers:
    """Those of the plugin, which the recorder knows from then on."""
    request.config.stash[RECORDER].servers = orthanc_servers
    return orthanc_servers


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fails a test during which a method of the client has sent what its docstring does not name."""
    try:
        return (yield)
    finally:
        item.config.stash[RECORDER].check()


def pytest_collection_finish() -> None:
    """What was collected stays until the end: it is not looked through again and again for what is free."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests that take longest come first."""
    items.sort(
        key=lambda item: next((rank for rank, part in enumerate(LONG) if item.nodeid.startswith(part)), len(LONG))
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile`, all tests in a browser go to one worker, which starts one browser for them."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return IN_BROWSER if nodeid.startswith(IN_BROWSER) else str(super()._split_scope(nodeid))

    return Together(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes over what an xdist worker has recorded."""
    node.config.stash[RECORDER].merge(getattr(node, "workeroutput", {}).get(WORKER_KEY, {}))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fails a run of all tests that has not called every operation on every version that has them all."""
    recorder = session.config.stash[RECORDER]
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[WORKER_KEY] = recorder.report
    elif session.exitstatus == pytest.ExitCode.OK and is_whole(session.config) and recorder.missing():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Says what was called, and of a run of all tests also what was not."""
    recorder = config.stash[RECORDER]
    if line := recorder.summary():
        terminalreporter.section("REST API")
        terminalreporter.line(line)
    if is_whole(config):
        for version, operations in recorder.missing().items():
            terminalreporter.line(f"never called on Orthanc {version}: {', '.join(operations)}", red=True)


def is_whole(config: pytest.Config) -> bool:
    """Whether a run is of all tests, on servers that it chose itself."""
    chosen = any(getattr(config.option, name, None) for name in PARTIAL)
    return config.args_source is config.ArgsSource.TESTPATHS and not chosen and "ORTHANC_BIN" not in os.environ


@pytest.fixture
def orthanc(orthanc_server: OrthancServer) -> Iterator[Orthanc]:
    """A client of the server of this test; the test runs once for each version of Orthanc."""
    with Orthanc(orthanc_server.url) as client:
        yield client


@pytest.fixture(scope="session")
def prepared() -> Iterator[Prepared]:
    """Runs commands without their start-up."""
    with Prepared() as opened:
        yield opened


@pytest.fixture
def cli(tmp_path: Path, prepared: Prepared) -> Cli:
    """Runs `orthanc-state` in a process of its own, in an empty folder and with no server in its environment."""

    def run(
        *arguments: str, env: dict[str, str] | None = None, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("ORTHANC_")}
        environment = {**inherited, "XDG_STATE_HOME": str(tmp_path / "state"), **(env or {})}
        return prepared.run(arguments, env=environment, cwd=tmp_path, stdin=stdin or "", timeout=60)

    return run


@pytest.fixture
def dicom_tls(tmp_path: Path) -> dict[str, object]:
    """The configuration of a server with DICOM TLS, and a certificate that the others trust."""
    authority = trustme.CA(key_type=trustme.KeyType.RSA)
    certificate = authority.issue_cert("localhost", key_type=trustme.KeyType.RSA)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    return {
        "DicomTlsEnabled": True,
        "DicomTlsCertificate": str(tmp_path / "cert.pem"),
        "DicomTlsPrivateKey": str(tmp_path / "key.pem"),
        "DicomTlsTrustedCertificates": str(tmp_path / "ca.pem"),
    }
