"""Ten real servers of three versions, and inventories that name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthanc_state import Orthanc
from orthanc_state.fleet.inventory import Inventory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from orthanc_state.testing import OrthancServer, OrthancServers

SUITES = ("bookworm", "trixie", "forky")
BASE = """\
version: 1
modalities:
  pacs: {aet: "${aet}", host: 10.0.0.5, port: 11112}
  ct: [CT, 10.0.0.9, 104]
metrics: true
"""


class Hospital:
    """A folder with an inventory of running servers, and the documents that it names.

    Args:
        folder: The folder.
        servers: The servers, which are called s0, s1 and so on.
        orthanc_servers: What starts others.
    """

    def __init__(self, folder: Path, servers: list[OrthancServer], orthanc_servers: OrthancServers) -> None:
        self.folder = folder
        self.servers = servers
        self._all = orthanc_servers
        self.urls = {f"s{number}": server.url for number, server in enumerate(servers)}
        self.fields: dict[str, str] = {}
        self.write("base.yaml", BASE)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the folder."""
        path = self.folder / name
        path.write_text(text)
        return path

    @property
    def file(self) -> Path:
        """The inventory, as it is now."""
        lines = [
            f"  {name}: {{url: '{url}', groups: [{'even' if int(name[1:]) % 2 == 0 else 'odd'}], "
            f"variables: {{aet: AET{name[1:]}}}{self.fields.get(name, '')}}}\n"
            for name, url in self.urls.items()
        ]
        text = f"version: 1\ndocuments: [base.yaml]\ngroups: {{even: , odd: }}\nservers:\n{''.join(lines)}"
        return self.write("fleet.yaml", text)

    @property
    def inventory(self) -> Inventory:
        """The inventory, read anew."""
        return Inventory.load(self.file)

    def server(self, name: str) -> OrthancServer:
        """A server by its name."""
        return self.servers[int(name[1:])]

    def revive(self, name: str) -> None:
        """Start a server in the place of one that was killed, whose port may be somebody else's by now."""
        number = int(name[1:])
        self._all.stop(self.servers[number])
        self.servers[number] = started = self._all.start(SUITES[number % 3], {"Name": name})
        self.urls[name] = started.url

    def aets(self) -> dict[str, str | None]:
        """What each server that runs says of the modality `pacs`."""
        found: dict[str, str | None] = {}
        for name, url in self.urls.items():
            if self.server(name).running:
                with Orthanc(url) as orthanc:
                    configurations = orthanc.modalities.configurations()
                    found[name] = configurations["pacs"]["AET"] if "pacs" in configurations else None
        return found


@pytest.fixture(scope="module")
def ten_servers(orthanc_servers: OrthancServers) -> Iterator[list[OrthancServer]]:
    """Ten servers, which the tests of one file share."""
    servers = [orthanc_servers.start(SUITES[number % 3], {"Name": f"s{number}"}) for number in range(10)]
    yield servers
    for server in servers:
        orthanc_servers.stop(server)


@pytest.fixture
def ten(ten_servers: list[OrthancServer], orthanc_servers: OrthancServers, tmp_path: Path) -> Hospital:
    """Ten servers as they are when they have just been started."""
    hospital = Hospital(tmp_path, ten_servers, orthanc_servers)
    for number, server in enumerate(list(ten_servers)):
        if not server.running:
            hospital.revive(f"s{number}")
            continue
        with Orthanc(server.url) as orthanc:
            for remotes in (orthanc.modalities, orthanc.peers):
                for name in remotes.names():
                    remotes[name].delete()
    return hospital
