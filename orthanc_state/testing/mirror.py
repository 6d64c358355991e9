"""Where a Debian archive is, and the key that it is signed with, as this machine knows them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from orthanc_state.testing import apt
from orthanc_state.testing.command import run
from orthanc_state.testing.errors import OrthancUnavailable

MIRROR_VARIABLE = "ORTHANC_STATE_DEBIAN_MIRROR"

_TEMPLATE = Path("usr/share/python-apt/templates/Debian.info")
_KEYRINGS = (
    Path("usr/share/keyrings/debian-archive-keyring.gpg"),
    Path("usr/share/keyrings/debian-archive-keyring.pgp"),
)
_SYSTEM = Path("/")


def mirrors(scratch: Path, *, system: Path = _SYSTEM) -> Iterator[str]:
    """The addresses under which a Debian archive may be found, the likeliest first.

    No address is written in this package: it is the one in the environment, or else one that this
    machine's apt already uses, or else (on a derivative such as Ubuntu) the one that the
    distribution's own python-apt names for Debian.

    Args:
        scratch: an empty folder to download into; the caller removes it.
        system: the root of the machine's files.

    Yields:
        URIs without a trailing slash. It is lazy: a later one costs a download.
    """
    chosen = os.environ.get(MIRROR_VARIABLE, "").strip()
    if chosen:
        yield chosen.rstrip("/")
        return
    found: set[str] = set()
    for address in (*_signed_sources(), *_named_sources(), *_template_addresses(scratch, system)):
        if address not in found:
            found.add(address)
            yield address


def keyring(scratch: Path, *, system: Path = _SYSTEM) -> Path:
    """The file with the keys that Debian's archives are signed with.

    Args:
        scratch: an empty folder to download into; it must live as long as the keyring is used.
        system: the root of the machine's files.

    Raises:
        OrthancUnavailable: the machine has none and its distribution offers none.
    """
    installed = _first_file(system, _KEYRINGS)
    if installed is not None:
        return installed
    downloaded = _first_file(apt.machine_package("debian-archive-keyring", scratch), _KEYRINGS)
    if downloaded is None:
        raise OrthancUnavailable("debian-archive-keyring contains no keyring")
    return downloaded


def template_address(text: str) -> str | None:
    """The main archive that a python-apt template for Debian names, if it names one."""
    for address in re.findall(r"^BaseURI:\s*(\S+)", text, re.MULTILINE):
        if _is_main_archive(address):
            return str(address).rstrip("/")
    return None


def _signed_sources() -> list[str]:
    """What apt has fetched a Release file of, which says itself whose archive it is."""
    return _index_targets("$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)", "Debian|Debian|main|")


def _named_sources() -> list[str]:
    """What apt's sources list, fetched or not (container images ship without lists)."""
    addresses = _index_targets("$(COMPONENT)|$(REPO_URI)", "main|", "--no-release-info")
    return [address for address in addresses if _is_main_archive(address)]


def _index_targets(layout: str, start: str, *options: str) -> list[str]:
    try:
        printed = run(["apt-get", "indextargets", *options, "--format", layout], timeout=30)
    except OrthancUnavailable:
        return []
    lines = dict.fromkeys(printed.splitlines())
    return [line.removeprefix(start).rstrip("/") for line in lines if line.startswith(start)]


def _template_addresses(scratch: Path, system: Path) -> Iterator[str]:
    template = system / _TEMPLATE
    if not template.is_file():
        try:
            template = apt.machine_package("python-apt-common", scratch) / _TEMPLATE
        except OrthancUnavailable:
            return
    if template.is_file():
        address = template_address(template.read_text(errors="replace"))
        if address is not None:
            yield address


def _is_main_archive(address: str) -> bool:
    """Whether an address looks like Debian's main archive: not security, ports or a derivative's."""
    return urlsplit(address).path.rstrip("/").endswith("/debian")


def _first_file(root: Path, candidates: tuple[Path, ...]) -> Path | None:
    return next((root / each for each in candidates if (root / each).is_file()), None)
