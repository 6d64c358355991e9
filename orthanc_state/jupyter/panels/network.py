"""Network: the DICOM nodes and their links as a drawing; a link that is clicked sends a C-ECHO."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from orthanc_state.jupyter.controls import bar, button, failure, table
from orthanc_state.jupyter.panels.panel import Panel
from orthanc_state.render.element import element
from orthanc_state.render.network_svg import network_picture

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from xml.etree.ElementTree import Element

    from orthanc_state.fleet.link import Link
    from orthanc_state.fleet.network import Network
    from orthanc_state.jupyter.controllers.network import NetworkController
    from orthanc_state.render.network_drawing import Arrow


class NetworkPanel(Panel):
    """Draws a network, and asks over its links.

    Args:
        controller: The network.
    """

    title: ClassVar[str] = "Network"
    name: ClassVar[str] = "network"

    def __init__(self, controller: NetworkController) -> None:
        self.controller = controller
        super().__init__(controller)

    def body(self) -> Iterable[Element | None]:
        """The commands, the drawing, and the links as a table."""
        controller = self.controller
        working = controller.work.running
        yield bar(
            button("Read the network", "refresh", css="" if controller.network else "primary"),
            button("Echo all", "echo", disabled=working or controller.network is None),
            element("span", "Asking…", css="soft", role="status") if working else None,
            button("Stop", "stop", css="danger") if working else None,
        )
        yield failure(controller.work.error)
        if controller.network is None:
            return
        if not controller.network.links:
            yield element("p", "No links: the server has no modalities.", css="soft")
            return
        drawing = network_picture(controller.network, controller.results, self._beside)
        # What it holds can be used, and is not one picture.
        drawing.set("role", "group")
        drawing.set("aria-label", "DICOM network")
        yield element("div", drawing, css="network")
        links = [self._row(link) for link in controller.network.links]
        listed = table(["Link", "Asks for", "Last C-ECHO", ""], links)
        yield element("details", element("summary", f"Links ({len(links)})"), listed, css="folded links")

    def on_shown(self, value: Any, values: Mapping[str, Any]) -> None:
        """It is on somebody's screen now."""
        if self.controller.network is None and (self.controller.session.connected or self.controller.inventory):
            self.controller.refresh()

    def on_refresh(self, value: Any, values: Mapping[str, Any]) -> None:
        """The network is to be read."""
        self.controller.refresh()

    def on_echo(self, value: Any, values: Mapping[str, Any]) -> None:
        """A link, or with none every link, is to be tried."""
        self.controller.echo([str(value)] if value else ())

    def on_stop(self, value: Any, values: Mapping[str, Any]) -> None:
        """No more are to be tried."""
        self.controller.work.cancel()

    def _beside(self, arrow: Arrow) -> Mapping[str, str]:
        """What makes an arrow something to be clicked, where one of its ends can be asked."""
        network = self.controller.network
        names = [link.name for link in _links(network, arrow) if self.controller.can_ask(link)] if network else []
        if not names:
            return {}
        return {
            "data_action": "echo",
            "data_value": names[0],
            "tabindex": "0",
            "role": "button",
            "aria_label": f"C-ECHO over {names[0]}: {arrow.result.value}",
        }

    def _row(self, link: Link) -> list[Element | str]:
        result = self.controller.results.get(link.name)
        message = self.controller.messages.get(link.name, "")
        css = {"ok": "tag ok", "failed": "tag error"}.get(result.value if result else "", "tag")
        told = element("span", element("span", result.value, css=css), f" {message}") if result else "not tried"
        echo = ""
        if self.controller.can_ask(link):
            return [
                link.name,
                ", ".join(link.words()),
                told,
                button("Echo", "echo", link.name, label=f"Echo {link.name}"),
            ]
        return [link.name, ", ".join(link.words()), told, echo]


def _links(network: Network, arrow: Arrow) -> list[Link]:
    """The links that an arrow stands for."""
    links = list(network.between.get((arrow.start, arrow.end), ()))
    return [*links, *(network.between.get((arrow.end, arrow.start), ()) if arrow.both else ())]
