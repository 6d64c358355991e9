"""Orthanc as a container image, for machines on which Debian's packages cannot be had."""

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from orthanc_state.testing.command import run
from orthanc_state.testing.errors import OrthancUnavailable
from orthanc_state.testing.installation import Installation, read_version

# The first two images are tagged with Orthanc's own version. Nothing is tagged like a testing
# suite, which moves: the newest image stands for it.
IMAGES = {
    "bookworm": "jodogne/orthanc:1.10.1",
    "trixie": "jodogne/orthanc:1.12.7",
    "forky": "orthancteam/orthanc:latest",
}

_ENGINES = ("docker", "podman")
_ANSWER_TIMEOUT = 10.0
_PULL_TIMEOUT = 900.0


@dataclass(frozen=True)
class ContainerInstallation(Installation):
    """An image and the engine that runs it; `argv` ends with the image's name.

    The container shares the host's network, so that a server in it listens on the loopback alone
    and reaches others there, as a process would.
    """

    # The engine's client passes this one on to the container; KILL would orphan it.
    death_signal = "TERM"

    def command(self, configuration: Path) -> list[str]:
        """The engine's command line; the container sees the configuration's folder at its path."""
        folder = configuration.parent
        engine, *options, image = self.argv
        return [engine, *options, "--name", _name(folder), "--volume", f"{folder}:{folder}",
                image, str(configuration)]  # fmt: skip

    def kill(self, configuration: Path) -> None:
        """Kills and removes the container itself: its client may be gone without it."""
        with contextlib.suppress(OrthancUnavailable):  # it ended by itself
            run([self.argv[0], "rm", "--force", _name(configuration.parent)], timeout=_ANSWER_TIMEOUT)


def fetch(suite: str) -> Installation:
    """Pulls the image that stands for a suite.

    Raises:
        OrthancUnavailable: no image does, no engine answers or it could not be pulled.
    """
    if suite not in IMAGES:
        raise OrthancUnavailable(f"no container image stands for {suite}")
    engine = _answering_engine()
    run([engine, "pull", "--quiet", IMAGES[suite]], timeout=_PULL_TIMEOUT)
    # What it stores must belong to the user, who removes it. Under podman the container's root is the user.
    user = ("--user", f"{os.getuid()}:{os.getgid()}") if engine == "docker" else ()
    argv = (engine, "run", "--rm", "--init", "--network", "host", *user,
            "--security-opt", "label=disable", "--entrypoint", "Orthanc", IMAGES[suite])  # fmt: skip
    return ContainerInstallation(suite, read_version(argv, os.environ), argv)


def _answering_engine() -> str:
    """The first engine that answers: a client alone is often installed without one."""
    for engine in _ENGINES:
        if shutil.which(engine):
            with contextlib.suppress(OrthancUnavailable):
                run([engine, "info"], timeout=_ANSWER_TIMEOUT)
                return engine
    raise OrthancUnavailable("no container engine answers")


def _name(folder: Path) -> str:
    return f"orthanc-state-{folder.name}"
