"""What all panels have in common."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

from orthanc_state.errors import OrthancStateError
from orthanc_state.jupyter.controls import failure
from orthanc_state.jupyter.surface import Surface
from orthanc_state.render.element import element

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from xml.etree.ElementTree import Element

    from orthanc_state.jupyter.controllers.observable import Observable

_numbers = count(1)


class Panel(Surface):
    """A thin view of a controller: it shows what that says, and tells it what somebody does.

    Args:
        watched: What it shows; it is shown anew whenever one of them changes.

    Attributes:
        title: Its heading.
        error: What went wrong with the last thing that was done; None where nothing did.
    """

    title: ClassVar[str]
    name: ClassVar[str]

    def __init__(self, *watched: Observable) -> None:
        super().__init__()
        self.error: OrthancStateError | None = None
        self._number = next(_numbers)
        self.add_class(f"orthanc-{self.name}")
        for each in watched:
            each.watch(self.show)
        self.show()

    @property
    def heading(self) -> str:
        """What stands at its top."""
        return self.title

    def body(self) -> Iterable[Element | None]:
        """What stands below the heading."""
        raise NotImplementedError

    def draw(self) -> Element:
        """The whole panel."""
        heading = self._id("title")
        return element(
            "section",
            # No `h3`: JupyterLab would write into it, for its table of contents.
            element("div", self.heading, id=heading, css="title", role="heading", aria_level="3"),
            failure(self.error),
            *self.body(),
            css="orthanc-state orthanc-panel",
            aria_labelledby=heading,
        )

    def dispatch(self, action: str, value: Any = "", values: Mapping[str, Any] | None = None) -> None:
        """Do what somebody has asked for, and show what became of it, be it an error."""
        self.error = None
        try:
            super().dispatch(action, value, values)
        except OrthancStateError as error:
            self.error = error
        self.show()

    def text(self) -> str:
        """What it is, in a line."""
        return f"<{self.heading} of orthanc-state>"

    def _id(self, name: str) -> str:
        """An identifier that no other panel on the page has."""
        return f"orthanc-{self._number}-{name}"
