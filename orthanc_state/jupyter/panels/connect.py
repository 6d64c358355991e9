"""Connect: the server that the panels are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from orthanc_state.jupyter.controllers.session import Session
from orthanc_state.jupyter.controls import bar, button, choice, facts, form, labelled, submit, text
from orthanc_state.jupyter.panels.panel import Panel
from orthanc_state.render.element import element

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from xml.etree.ElementTree import Element

    from orthanc_state.client import Orthanc


class ConnectPanel(Panel):
    """Chooses the server: from the environment, an inventory, or a form.

    Args:
        session: What is connected.
    """

    title: ClassVar[str] = "Server"
    name: ClassVar[str] = "connect"

    def __init__(self, session: Session) -> None:
        self.session = session
        self._typed = {"url": session.environment_url or "http://localhost:8042", "username": "", "inventory": ""}
        super().__init__(session)

    @property
    def orthanc(self) -> Orthanc:
        """The server that is connected.

        Raises:
            OrthancStateError: There is none.
        """
        return self.session.server()

    def try_environment(self) -> None:
        """Connect to the server that the environment names, if it names one; what goes wrong is shown."""
        if self.session.environment_url:
            self.dispatch("environment")

    def body(self) -> Iterable[Element | None]:
        """What is connected, or the ways to connect."""
        if self.session.orthanc is not None:
            rows: list[tuple[str, Element | str]] = [("URL", self.session.orthanc.url)]
            if self.session.member:
                rows.insert(0, ("Name", self.session.member))
            connected = element("span", "Connected", css="tag ok")
            yield bar(connected, facts(rows), button("Disconnect", "disconnect"))
            return
        if self.session.environment_url:
            said = element("p", "The environment names ", element("bdi", self.session.environment_url), ".")
            yield bar(said, button("Connect from the environment", "environment", css="primary"))
        yield from self._inventory()
        yield self._form()

    def on_connect(self, value: Any, values: Mapping[str, Any]) -> None:
        """The form was handed in."""
        self._typed |= {name: str(values.get(name, "")) for name in ("url", "username", "ca_file")}
        self.session.connect(
            str(values.get("url", "")),
            str(values.get("username", "")),
            str(values.get("password", "")),
            ca_file=str(values.get("ca_file", "")),
        )

    def on_environment(self, value: Any, values: Mapping[str, Any]) -> None:
        """The server that the environment names was chosen."""
        self.session.connect_environment()

    def on_inventory(self, value: Any, values: Mapping[str, Any]) -> None:
        """An inventory was named."""
        self._typed["inventory"] = str(values.get("inventory", ""))
        self.session.open_inventory(self._typed["inventory"])

    def on_member(self, value: Any, values: Mapping[str, Any]) -> None:
        """A server of the inventory was chosen."""
        self.session.connect_member(str(values.get("member", "")))

    def on_disconnect(self, value: Any, values: Mapping[str, Any]) -> None:
        """It is to be left."""
        self.session.disconnect()

    def _inventory(self) -> Iterable[Element]:
        opened = self.session.inventory
        if opened is None:
            field = text("inventory", self._typed["inventory"], placeholder="fleet.yaml")
            yield form("inventory", bar(labelled(self._id("inventory"), "Inventory", field), submit("Open", css="")))
            return
        names = {name: f"{name} ({member.url})" for name, member in opened.members.items()}
        field = choice("member", next(iter(names)), names)
        yield form("member", bar(labelled(self._id("member"), "Server of the inventory", field), submit("Connect")))

    def _form(self) -> Element:
        fields = [
            labelled(self._id("url"), "URL", text("url", self._typed["url"])),
            labelled(self._id("username"), "User", text("username", self._typed["username"])),
            labelled(
                self._id("password"),
                "Password",
                text("password", kind="password"),
            ),
            labelled(
                self._id("ca_file"),
                "CA file",
                text("ca_file", self._typed.get("ca_file", ""), placeholder="the system's"),
            ),
        ]
        note = element(
            "p", "The password leaves its field when you connect, and nothing shown here keeps it.", css="help"
        )
        return form("connect", element("div", *fields, css="grid"), bar(submit("Connect"), note))


def connect(
    url: str = "", *, inventory: str | os.PathLike[str] = "", environment: Mapping[str, str] | None = None
) -> ConnectPanel:
    """The panel with which a notebook begins.

    Where the environment names a server (`ORTHANC_URL`, as for the command line), that one is connected at once.

    Args:
        url: What stands in the form to begin with.
        inventory: An inventory to choose a server of.
        environment: Where `ORTHANC_URL` and its like are looked for; the environment of the process if None.

    Raises:
        OrthancStateError: The inventory cannot be used.
    """
    session = Session(environment=environment)
    if inventory:
        session.open_inventory(str(inventory))
    panel = ConnectPanel(session)
    if not inventory and not url:
        panel.try_environment()
    if url:
        panel._typed["url"] = url
        panel.show()
    return panel
