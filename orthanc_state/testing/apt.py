"""An apt of our own: it installs nothing, needs no root and leaves the machine's apt untouched."""

from dataclasses import dataclass
from pathlib import Path

from orthanc_state.testing.command import run
from orthanc_state.testing.errors import OrthancUnavailable

_UPDATE_TIMEOUT = 180.0
_DOWNLOAD_TIMEOUT = 600.0
_UNPACK_TIMEOUT = 120.0

# The machine's own apt.conf.d is still read before this (it may name a proxy). What it says about
# pinned releases, other architectures and hooks that write to system folders must not reach us.
_CONFIGURATION = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
Dir::State "{root}/state";
Dir::State::Lists "{root}/state/lists";
Dir::State::status "{root}/state/status";
Dir::Cache "{root}/cache";
Dir::Cache::archives "{root}/cache/archives";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Default-Release "";
APT::Sandbox::User "";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
Debug::NoLocking "1";
"""

_OWN_SOURCES = """\
Dir::Etc::SourceList "{root}/sources.list";
Dir::Etc::SourceParts "/dev/null";
"""


@dataclass(frozen=True)
class Apt:
    """apt-get with its state, lists and archives in one private folder."""

    directory: Path

    @classmethod
    def prepare(cls, directory: Path, *, source: str | None = None) -> "Apt":
        """Lays out the folders and the configuration file.

        Args:
            directory: a folder that is the caller's to remove.
            source: one line of a sources.list; None uses the sources of this machine.
        """
        (directory / "state" / "lists" / "partial").mkdir(parents=True)
        (directory / "cache" / "archives" / "partial").mkdir(parents=True)
        (directory / "state" / "status").touch()
        configuration = _CONFIGURATION
        if source is not None:
            (directory / "sources.list").write_text(source + "\n")
            configuration += _OWN_SOURCES
        (directory / "apt.conf").write_text(configuration.format(root=directory))
        return cls(directory)

    def update(self) -> None:
        """Fetches the package lists.

        Raises:
            OrthancUnavailable: no list could be fetched, or its signature is not Debian's.
        """
        # Without this apt-get warns of a failed download and exits with 0.
        self._get("-o", "APT::Update::Error-Mode=any", "update", timeout=_UPDATE_TIMEOUT)

    def install_download(self, packages: tuple[str, ...]) -> list[Path]:
        """Downloads packages and all that they depend on, as for an empty machine.

        Raises:
            OrthancUnavailable: a package does not exist or could not be downloaded.
        """
        self._get("-y", "--download-only", "--no-install-recommends", "install", *packages,
                  timeout=_DOWNLOAD_TIMEOUT)  # fmt: skip
        return sorted((self.directory / "cache" / "archives").glob("*.deb"))

    def download(self, package: str) -> Path:
        """Downloads one package without what it depends on.

        Raises:
            OrthancUnavailable: it does not exist or could not be downloaded.
        """
        self._get("download", package, timeout=_DOWNLOAD_TIMEOUT)
        return next(self.directory.glob(f"{package}_*.deb"))

    def _get(self, *arguments: str, timeout: float) -> None:
        run(
            ["apt-get", "-q", "-c", str(self.directory / "apt.conf"), *arguments],
            timeout=timeout,
            directory=self.directory,
        )


def unpack(archive: Path, root: Path) -> None:
    """Unpacks the files of one .deb under a folder, running none of its scripts.

    Raises:
        OrthancUnavailable: dpkg-deb is missing or the archive is damaged.
    """
    run(["dpkg-deb", "-x", str(archive), str(root)], timeout=_UNPACK_TIMEOUT)


def architecture() -> str:
    """Debian's name of this machine's architecture, such as ``amd64``."""
    return run(["dpkg", "--print-architecture"], timeout=10).strip()


def machine_package(package: str, directory: Path) -> Path:
    """Unpacks one package of this machine's own distribution, without installing it.

    Args:
        package: its name.
        directory: an empty folder; the files come to lie in its ``root``.

    Returns:
        The folder under which the package's files are.

    Raises:
        OrthancUnavailable: this distribution has no such package or it could not be fetched.
    """
    apt = Apt.prepare(directory / "apt")
    try:
        # The lists that the machine has are enough most of the time, and cost nothing.
        run(["apt-get", "-q", "download", package], timeout=_UPDATE_TIMEOUT, directory=apt.directory)
        archive = next(apt.directory.glob(f"{package}_*.deb"))
    except (OrthancUnavailable, StopIteration):
        apt.update()
        archive = apt.download(package)
    root = directory / "root"
    root.mkdir()
    unpack(archive, root)
    return root
