"""Which versions of Orthanc there are to test with, and where to get them."""

import os

from orthanc_state.testing import container, debian
from orthanc_state.testing.errors import OrthancUnavailable
from orthanc_state.testing.installation import Installation, read_version

SUITES = {"bookworm": "1.10.1", "trixie": "1.12.7", "forky": "1.13"}
"""Debian's suites with the version of Orthanc that is expected there (a prefix of it)."""

DEFAULT_SUITE = "trixie"
"""The one that is taken where a test does not care: Debian's stable."""

BINARY_VARIABLE = "ORTHANC_BIN"
LOCAL = "local"


def names() -> list[str]:
    """The suites that can be asked for: all of `SUITES`, or ``local`` where the user named a binary."""
    return [LOCAL] if os.environ.get(BINARY_VARIABLE) else list(SUITES)


def find(version_or_suite: str, packages: tuple[str, ...] = debian.DEFAULT_PACKAGES) -> Installation:
    """Finds an Orthanc, fetching it when this machine has none yet (10 s, once).

    ``ORTHANC_BIN`` in the environment names a binary that is used as it is, and alone. Otherwise
    it comes from Debian's packages, or from a container image where these cannot be had.

    Args:
        version_or_suite: ``trixie``, ``1.12`` or ``local``.
        packages: Debian packages, for plugins beside the server.

    Raises:
        OrthancUnavailable: it cannot be had here; the reason says why.
    """
    binary = os.environ.get(BINARY_VARIABLE)
    if binary:
        return _local(binary, version_or_suite)
    suite = suite_of(version_or_suite)
    if suite == LOCAL:
        raise OrthancUnavailable(f"{BINARY_VARIABLE} is not set")
    try:
        return debian.fetch(suite, packages)
    except OrthancUnavailable as error:
        if packages != debian.DEFAULT_PACKAGES:
            raise
        try:
            return container.fetch(suite)
        except OrthancUnavailable as other:
            reason = f"{suite} cannot be had from Debian ({error.reason}) nor as a container ({other.reason})"
            raise OrthancUnavailable(reason) from None


def _local(binary: str, wanted: str) -> Installation:
    version = read_version((binary,), os.environ)
    prefix = SUITES.get(wanted, wanted)
    if wanted != LOCAL and not _is_version(version, prefix):
        raise OrthancUnavailable(f"{BINARY_VARIABLE} is Orthanc {version}, not {prefix}")
    return Installation(LOCAL, version, (binary,))


def suite_of(version_or_suite: str) -> str:
    """The suite that has a version of Orthanc.

    Raises:
        OrthancUnavailable: none of the known ones has it.
    """
    wanted = version_or_suite
    if wanted in (*SUITES, LOCAL):
        return wanted
    for suite, version in SUITES.items():
        if _is_version(version, wanted) or _is_version(wanted, version):
            return suite
    known = ", ".join(f"{suite} ({version})" for suite, version in SUITES.items())
    raise OrthancUnavailable(f"no suite has Orthanc {wanted!r}; there are {known}")


def _is_version(version: str, prefix: str) -> bool:
    return (version + ".").startswith(prefix + ".")
