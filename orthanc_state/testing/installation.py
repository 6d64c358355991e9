"""One Orthanc that can be run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orthanc_state.testing.command import run
from orthanc_state.testing.errors import OrthancUnavailable

PLUGINS = {"dicomweb": "libOrthancDicomWeb.so"}
"""The plugins that can be asked for, with their libraries."""


@dataclass(frozen=True)
class Installation:
    """An Orthanc that can be run on this machine.

    Attributes:
        name: the suite (``trixie``), or ``local`` for a binary that the user named.
        version: what the binary itself says, such as ``1.12.7``.
        argv: the program with its first arguments; the configuration file follows.
        environment: variables to set for it, beside the inherited ones.
        root: the folder with the unpacked packages (plugins are below it), if there is one.
    """

    name: str
    version: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    root: Path | None = None

    def plugin(self, name: str) -> Path:
        """The shared library of a plugin, to be named in ``Plugins``.

        Args:
            name: one of `PLUGINS`.

        Raises:
            OrthancUnavailable: this Orthanc came without it.
        """
        library = PLUGINS[name]
        path = self.root / "usr/share/orthanc/plugins" / library if self.root is not None else None
        if path is None or not path.exists():
            raise OrthancUnavailable(f"the Orthanc of {self.name} comes without {library}")
        return path

    # What the server receives when the process that started it is gone.
    death_signal = "KILL"

    def command(self, configuration: Path) -> list[str]:
        """The program and arguments that run a server with a configuration file.

        The server may read and write the folder which that file is in.
        """
        return [*self.argv, str(configuration)]

    def kill(self, configuration: Path) -> None:
        """Kills the server started by `command` where a signal to that program would not."""


def read_version(argv: tuple[str, ...], environment: Mapping[str, str]) -> str:
    """Asks a binary for its version, which also shows that it can be run at all.

    Args:
        argv: the program with its first arguments.
        environment: the whole environment to run it in.

    Raises:
        OrthancUnavailable: it does not run here, or it is not an Orthanc.
    """
    printed = run([*argv, "--version"], timeout=20, environment=environment)
    found = re.match(r"\S*Orthanc (\d\S*)", printed)  # its own path comes first
    if found is None:
        raise OrthancUnavailable(f"{argv[-1]} is not an Orthanc: it says {printed[:60]!r}")
    return found[1]
