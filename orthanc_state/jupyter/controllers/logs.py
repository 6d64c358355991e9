"""How much a server logs, by category."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.jupyter.controllers.observable import Observable
from orthanc_state.jupyter.controllers.setting import make_so
from orthanc_state.kinds.log_levels import ALL, CATEGORIES

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.jupyter.controllers.session import Session


class LogsController(Observable):
    """The log levels of a server. What is set is lost when the server starts again.

    Args:
        session: The server.
        journal: Where changes are recorded; a new file in the user's folder for such if None.

    Attributes:
        levels: The level of each category; empty before the server was asked.
    """

    def __init__(self, session: Session, *, journal: Path | None = None) -> None:
        super().__init__()
        self.session = session
        self.levels: dict[str, str] = {}
        self._journal = journal
        session.watch(self._moved)

    def refresh(self) -> None:
        """Ask the server.

        Raises:
            OrthancStateError: There is none, or it does not answer.
        """
        orthanc = self.session.server().read_only()
        self.levels = {category: orthanc.tools.log_level.get(category=category) for category in CATEGORIES}
        self.changed()

    def set(self, category: str, level: str) -> None:
        """Set a category, or `all` of them.

        Raises:
            OrthancStateError: There is no such category or level, or it could not be set.
        """
        sections = {category: level} if category != ALL else dict.fromkeys(CATEGORIES, level)
        make_so(self.session.server(), {"logging": sections}, self._journal)
        self.refresh()

    def _moved(self) -> None:
        self.levels = {}
        self.changed()
