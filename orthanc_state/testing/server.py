"""One running Orthanc."""

import json
import shutil
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from orthanc_state.testing import probe
from orthanc_state.testing.errors import OrthancDied
from orthanc_state.testing.installation import Installation
from orthanc_state.testing.process import Process

_READY_TIMEOUT = 30.0
_READY_INTERVAL = 0.01
_STOP_TIMEOUT = 10.0
_ATTEMPTS = 5
_LINES_OF_LOG = 40


class OrthancServer:
    """An Orthanc of one's own on this machine's loopback, started and stopped at will.

    What the configuration leaves out is Orthanc's own default, except that nothing is reachable
    from other machines, only the plugins that are asked for are loaded and users are asked for only
    where some are given.
    (Debian's cannot serve HTTPS: with ``SslEnabled`` it starts and its first request ends it, because
    its civetweb looks for a function that OpenSSL 3 does not have.)

    Args:
        installation: which Orthanc, as `find` returns it.
        configuration: Orthanc's configuration; it wins over what is set here, ports included.
        plugins: names of the plugins that it loads, such as ``dicomweb``.
        files: the texts of further configuration files by their names, which end with ``.json``; no
            section may stand in two.
        environment: variables that it is started with, beside the inherited ones.
        directory: where its files go; it is not removed. None makes a temporary folder, which is
            removed by `stop`.
        keep: leave the temporary folder where it is.

    Raises:
        OrthancUnavailable: the installation comes without one of the plugins.

    Attributes:
        installation: which Orthanc it is.
        directory: the folder with its configuration, its log and what it stores.
        http_port: where it listens for HTTP; 0 before the first start.
        dicom_port: where it listens for DICOM; 0 before the first start.
        keep: see above; may be set until `stop`.
    """

    def __init__(
        self,
        installation: Installation,
        configuration: dict[str, Any] | None = None,
        *,
        plugins: Sequence[str] = (),
        files: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
        keep: bool = False,
    ) -> None:
        self.installation = installation
        self.keep = keep or directory is not None
        # Resolved, because Orthanc is told absolute paths and may run elsewhere.
        self.directory = (directory or Path(tempfile.mkdtemp(prefix="orthanc-"))).resolve()
        self.http_port = 0
        self.dicom_port = 0
        # Orthanc reads a folder as it reads one file.
        self._folder = self.directory / "configuration" if files else self.directory
        self._files = dict(files or {})
        self._environment = dict(environment or {})
        self._given = dict(configuration or {})
        self._plugins = [str(installation.plugin(each)) for each in plugins]
        self._process: Process | None = None
        self._finalizer: weakref.finalize[[Process], OrthancServer] | None = None

    @property
    def name(self) -> str:
        """The suite that it is of, such as ``trixie``."""
        return self.installation.name

    @property
    def version(self) -> str:
        """Orthanc's version, such as ``1.12.7``."""
        return self.installation.version

    @property
    def configuration(self) -> dict[str, Any]:
        """The whole configuration that it is started with, the given one included."""
        return {
            "Name": "orthanc-state",
            "DicomAet": "ORTHANC",
            "StorageDirectory": str(self.directory / "storage"),
            "IndexDirectory": str(self.directory / "index"),
            "HttpPort": self.http_port,
            "DicomPort": self.dicom_port,
            "RemoteAccessAllowed": False,
            "HttpBindAddresses": ["127.0.0.1"],  # since 1.13; older ones refuse other machines' requests
            "AuthenticationEnabled": bool(self._given.get("RegisteredUsers")),
            "Plugins": self._plugins,
            "Locale": "C.UTF-8",  # the default one, en_US.UTF-8, is not on every machine
            **self._given,
        }

    @property
    def aet(self) -> str:
        """Its DICOM application entity title."""
        return str(self.configuration["DicomAet"])

    @property
    def url(self) -> str:
        """Where its REST API is, without a trailing slash."""
        scheme = "https" if self._given.get("SslEnabled") else "http"
        return f"{scheme}://127.0.0.1:{self.http_port}"

    @property
    def log_path(self) -> Path:
        """The file with all that it printed, restarts included."""
        return self.directory / "orthanc.log"

    @property
    def pid(self) -> int:
        """The number of its process.

        Raises:
            RuntimeError: it does not run.
        """
        if self._process is None:
            raise RuntimeError("this Orthanc is not running")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether its process runs; false also after it died by itself."""
        return self._process is not None and self._process.exit_status is None

    def start(self) -> Self:
        """Starts it and waits until it answers (about 0.1 s).

        The first start chooses free ports; later ones use the same again.

        Raises:
            OrthancDied: it ended or did not answer within 30 s; the end of its log is included.
        """
        if self.running:
            return self
        again = self.http_port != 0
        for attempt in range(1, _ATTEMPTS + 1):
            if not again:
                self.http_port = self._given.get("HttpPort") or probe.free_port()
                self.dicom_port = self._given.get("DicomPort") or probe.free_port()
            began = self.log_size()
            try:
                self._launch(began)
                return self
            except OrthancDied:
                self._end()
                # Somebody else took a port between the choice and the start.
                if attempt == _ATTEMPTS or not probe.says_port_taken(self.read_log(began)):
                    raise
                time.sleep(0.1 * attempt if again else 0)
        raise AssertionError("the last attempt returns or raises")

    def stop(self, *, graceful: bool = False) -> None:
        """Ends it for certain and removes its temporary folder.

        Args:
            graceful: ask it to end (SIGTERM) and give it 10 s. It needs 2 to 4 s, which it
                spends waiting for its own threads; killing it takes 0.01 s and loses nothing
                either, because its index is transactional.
        """
        self._end(graceful=graceful)
        if not self.keep:
            shutil.rmtree(self.directory, ignore_errors=True)

    def restart(self, *, graceful: bool = True) -> None:
        """Stops it and starts it with the same ports and storage.

        Args:
            graceful: see `stop`. True is what a service manager does.

        Raises:
            OrthancDied: it did not come back.
        """
        self._end(graceful=graceful)
        self.start()

    def kill(self) -> None:
        """Ends it as a crash would. Its files stay: `start` brings it back, `stop` removes them."""
        self._end()

    def log_size(self) -> int:
        """How many bytes it has printed so far."""
        return self.log_path.stat().st_size if self.log_path.exists() else 0

    def read_log(self, start: int = 0) -> str:
        """What it printed.

        Args:
            start: how many bytes to leave out at the beginning.
        """
        if not self.log_path.exists():
            return ""
        return self.log_path.read_bytes()[start:].decode(errors="replace")

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()  # nobody else will: there is no `__exit__` after a failure here
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = self.url if self.running else "stopped"
        return f"<OrthancServer {self.name} {self.version} {state}>"

    def _launch(self, began: int) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)  # `stop` removed it
        self._folder.mkdir(exist_ok=True)
        own = self._folder / "orthanc.json"
        own.write_text(json.dumps(self.configuration, indent=2))
        for name, text in self._files.items():
            (self._folder / name).write_text(text)
        self._process = process = Process(
            self.installation.command(self._folder if self._files else own),
            self.log_path,
            environment={**self.installation.environment, **self._environment},
            death_signal=self.installation.death_signal,
        )
        self._finalizer = weakref.finalize(self, Process.kill, process)
        deadline = time.monotonic() + _READY_TIMEOUT
        while not self._ready(began):
            if process.exit_status is not None:
                raise self._died(f"Orthanc ended with status {process.exit_status} before it answered")
            if time.monotonic() > deadline:
                raise self._died(f"Orthanc did not answer at {self.url} within {_READY_TIMEOUT:g} s")
            time.sleep(_READY_INTERVAL)

    def _ready(self, began: int) -> bool:
        if not probe.says_started(self.read_log(began)):
            return False
        # With TLS it may want a client's certificate, and Debian's would not survive the question.
        return bool(self._given.get("SslEnabled")) or probe.answers(self.http_port)

    def _end(self, *, graceful: bool = False) -> None:
        """Makes sure that nothing of the process is left."""
        process, self._process = self._process, None
        if process is None:
            return
        if not (graceful and process.terminate(_STOP_TIMEOUT)):
            self.installation.kill(self.directory / "orthanc.json")
        process.kill()
        if self._finalizer is not None:
            self._finalizer.detach()

    def _died(self, reason: str) -> OrthancDied:
        return OrthancDied(reason, "\n".join(self.read_log().splitlines()[-_LINES_OF_LOG:]))
