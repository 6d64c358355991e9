"""Orthanc as Debian packages it, fetched into the user's cache without root."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from orthanc_state.testing import apt, mirror
from orthanc_state.testing.errors import OrthancUnavailable
from orthanc_state.testing.installation import Installation, read_version

CORE = "orthanc"

DEFAULT_PACKAGES = (CORE, "orthanc-dicomweb")
"""The server, and the plugins that it can be asked to load: 5 MB more, where a second root would be 160."""

# Nothing of these is read when Orthanc runs; they are a fifth of the size.
_UNUSED = (
    *("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian", "usr/share/info"),
    *("usr/share/i18n", "usr/include", "usr/lib/*/*.a"),
)


def cache_folder() -> Path:
    """Where fetched suites are kept: ``orthanc-state/debian`` in the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification says that a relative path is to be ignored.
    root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return root / "orthanc-state" / "debian"


def fetch(suite: str, packages: tuple[str, ...] = DEFAULT_PACKAGES) -> Installation:
    """Finds a suite's Orthanc in the cache, or fetches it there.

    Any number of processes may call this at once: one fetches and the others wait for it. What was
    left half-made by a killed process, or was damaged since, is fetched anew.

    Args:
        suite: Debian's name of it, such as ``trixie``.
        packages: what to install; each set of packages is kept in a folder of its own.

    Raises:
        OrthancUnavailable: the packages cannot be had here; the reason says why.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise OrthancUnavailable("apt-get and dpkg-deb are not both installed")
    extra = sorted(set(packages) - {CORE})
    name = "+".join([f"{suite}-{apt.architecture()}", *extra])
    final = cache_folder() / name
    began = time.time()
    found = _usable(suite, final)
    if found is not None:
        return found
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        with _locked(final.parent / f".{name}.lock"):
            return _usable(suite, final) or _fetch_locked(suite, packages, final, began)
    except OSError as error:
        raise OrthancUnavailable(f"the cache {final.parent} cannot be written: {error}") from error


def _fetch_locked(suite: str, packages: tuple[str, ...], final: Path, began: float) -> Installation:
    failure = final.parent / f".{final.name}.failed"
    if failure.exists() and failure.stat().st_mtime >= began:
        # Another process failed while this one waited for it: do not repeat its long timeouts.
        raise OrthancUnavailable(failure.read_text())
    for leftover in (final, *final.parent.glob(f".{final.name}.tmp-*")):
        shutil.rmtree(leftover, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=f".{final.name}.tmp-", dir=final.parent))
    try:
        root = assemble(suite, packages, work)
        installation(suite, root)  # it runs, or it does not become the cached one
        root.rename(final)
    except OrthancUnavailable as error:
        failure.write_text(error.reason)
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    failure.unlink(missing_ok=True)
    return installation(suite, final)


def assemble(suite: str, packages: tuple[str, ...], work: Path) -> Path:
    """Downloads a suite's packages and unpacks them together.

    Args:
        suite: Debian's name of it.
        packages: what to install; all that they depend on comes with them.
        work: an empty folder for all of this; the caller removes it.

    Returns:
        The folder below `work` that they were unpacked in.

    Raises:
        OrthancUnavailable: no archive is known, or none has the packages.
    """
    keyring = mirror.keyring(work / "keyring")
    reasons = []
    for number, address in enumerate(mirror.mirrors(work / "mirror")):
        options = f"arch={apt.architecture()} signed-by={keyring} target=Packages"
        own = apt.Apt.prepare(work / f"apt-{number}", source=f"deb [{options}] {address} {suite} main")
        try:
            own.update()
            archives = own.install_download(packages)
        except OrthancUnavailable as error:
            reasons.append(error.reason)
            continue
        root = work / "root"
        root.mkdir(mode=0o755)
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            list(pool.map(partial(apt.unpack, root=root), archives))
        for unused in (each for pattern in _UNUSED for each in root.glob(pattern)):
            shutil.rmtree(unused) if unused.is_dir() else unused.unlink()
        return root
    raise OrthancUnavailable(
        "\n".join(reasons) or f"no Debian archive is known here: set {mirror.MIRROR_VARIABLE} to one"
    )


def installation(suite: str, root: Path) -> Installation:
    """Describes what was unpacked in a folder.

    Debian's binaries are run by the loader and the libraries beside them, so that neither the
    machine's distribution nor its C library matters.

    Raises:
        OrthancUnavailable: something is missing there, or it does not run.
    """
    folders = sorted((*root.glob("lib/*-linux-gnu*"), *root.glob("usr/lib/*-linux-gnu*")))
    loader = next((each for folder in folders for each in _loaders(folder)), None)
    binary = root / "usr/sbin/Orthanc"
    dictionary = next(root.glob("usr/share/*dcmtk*/dicom.dic"), None)
    if loader is None or dictionary is None or not binary.is_file():
        raise OrthancUnavailable(f"{root} is not a complete Orthanc")
    # The framework that plugins are linked with lies outside the folder of the architecture.
    libraries = ":".join(map(str, [*folders, root / "usr/lib"]))
    argv = (str(loader), "--library-path", libraries, str(binary))
    # Locales and character sets belong to one C library: the machine's are for another one.
    environment = {"DCMDICTPATH": str(dictionary), "LOCPATH": str(root / "usr/lib/locale")}
    conversions = next((folder / "gconv" for folder in folders if (folder / "gconv").is_dir()), None)
    if conversions is not None:
        environment["GCONV_PATH"] = str(conversions)
    version = read_version(argv, {**os.environ, **environment})
    return Installation(suite, version, argv, environment, root)


def _usable(suite: str, root: Path) -> Installation | None:
    if not root.is_dir():
        return None
    try:
        return installation(suite, root)
    except OrthancUnavailable:
        return None


def _loaders(folder: Path) -> Iterator[Path]:
    yield from folder.glob("ld-linux*.so.*")
    yield from folder.glob("ld64.so.*")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
