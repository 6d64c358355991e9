"""The server that panels are about, and how one comes to it: from the environment, an inventory, or a form."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from orthanc_state.client import Orthanc
from orthanc_state.errors import OrthancStateError
from orthanc_state.jupyter.controllers.observable import Observable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.fleet.inventory import Inventory


class Session(Observable):
    """A connection that several panels share.

    Args:
        orthanc: A server to begin with.
        environment: Where `ORTHANC_URL` and its like are looked for; the environment of the process if None.

    Attributes:
        orthanc: The server; None while there is none.
        inventory: The servers to choose from; None where no inventory was opened.
        member: The name of the server in the inventory; empty for one that is not of it.
    """

    def __init__(self, orthanc: Orthanc | None = None, *, environment: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.orthanc = orthanc
        self.inventory: Inventory | None = None
        self.member = ""
        self._environment = os.environ if environment is None else environment
        self._own = False

    @property
    def connected(self) -> bool:
        """Whether there is a server."""
        return self.orthanc is not None

    @property
    def name(self) -> str:
        """What the server is called: its name in the inventory, or its URL."""
        return self.member or (self.orthanc.url if self.orthanc is not None else "")

    @property
    def environment_url(self) -> str:
        """The URL in the environment; empty where there is none."""
        return self._environment.get("ORTHANC_URL", "")

    def server(self) -> Orthanc:
        """The server.

        Raises:
            OrthancStateError: There is none.
        """
        if self.orthanc is None:
            raise OrthancStateError("no server is connected", hint="Connect to one first.")
        return self.orthanc

    def connect_environment(self) -> None:
        """Connect to the server that the environment names, by the variables that the command line reads too.

        Raises:
            OrthancStateError: It names none, or that one cannot be reached.
        """
        get = self._environment.get
        if not self.environment_url:
            raise OrthancStateError("the environment names no server", hint="Set ORTHANC_URL, or use the form.")
        username = get("ORTHANC_USERNAME") or None
        self._take(
            Orthanc(
                self.environment_url,
                username,
                get("ORTHANC_PASSWORD", "") if username else None,
                token=None if username else get("ORTHANC_TOKEN") or None,
                ca_file=get("ORTHANC_CA_FILE") or None,
                client_certificate=get("ORTHANC_CLIENT_CERTIFICATE") or None,
                client_key=get("ORTHANC_CLIENT_KEY") or None,
                client_key_password=get("ORTHANC_CLIENT_KEY_PASSWORD") or None,
            )
        )

    def connect(self, url: str, username: str = "", password: str = "", *, ca_file: str = "") -> None:
        """Connect to a server.

        Args:
            url: Its base URL.
            username: The user; empty for none.
            password: The password of that user.
            ca_file: PEM file of the authorities to trust instead of the system's; empty for those.

        Raises:
            OrthancStateError: It cannot be reached, or does not let one in.
        """
        if not url.strip():
            raise OrthancStateError("no server was given", hint="Write its URL: http://HOST:8042.")
        user = username.strip() or None
        self._take(Orthanc(url.strip(), user, password if user else None, ca_file=ca_file.strip() or None))

    def open_inventory(self, path: str) -> None:
        """Open an inventory, to choose a server of it.

        Raises:
            OrthancStateError: It cannot be used.
        """
        from orthanc_state.fleet.inventory import Inventory

        if not path.strip():
            raise OrthancStateError("no inventory was given", hint="Write the name of its file: fleet.yaml.")
        self.inventory = Inventory.load(path.strip())
        self.changed()

    def connect_member(self, name: str) -> None:
        """Connect to a server of the inventory.

        Raises:
            OrthancStateError: There is no such server, or it cannot be reached.
        """
        if self.inventory is None:
            raise OrthancStateError("no inventory is open", hint="Open one first.")
        member = self.inventory.select([name])[0]
        self._take(member.connect(), name)

    def disconnect(self) -> None:
        """Have no server any more."""
        if self.orthanc is not None and self._own:
            self.orthanc.close()
        self.orthanc, self.member, self._own = None, "", False
        self.changed()

    def _take(self, orthanc: Orthanc, member: str = "") -> None:
        """Use a server from now on, if it answers."""
        try:
            orthanc.read_only().system()
        except OrthancStateError:
            orthanc.close()
            raise
        before, own = self.orthanc, self._own
        self.orthanc, self.member, self._own = orthanc, member, True
        if before is not None and own:
            before.close()
        self.changed()


def session_of(server: Session | Orthanc) -> Session:
    """The session that a panel is about, by what it was given."""
    return server if isinstance(server, Session) else Session(server)
