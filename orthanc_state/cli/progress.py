"""A progress display on standard error, for long work on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar

from orthanc_state.cli.output import print_lines

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from orthanc_state.render.line import Line


class Progress:
    """Counts steps; it shows a bar when there are many and somebody looks.

    Attributes:
        SHOWN_SINGLY: Up to how many steps each is printed on a line of its own, and no bar is shown.
    """

    SHOWN_SINGLY: ClassVar[int] = 30

    def __init__(self, total: int) -> None:
        self._total = total
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if self._total > self.SHOWN_SINGLY and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TimeRemainingColumn
            from rich.progress import Progress as Bar
            from rich.text import Text

            class _Rate(ProgressColumn):
                """Steps in a second."""

                def render(self, task: Task) -> Text:
                    return Text(f"{task.speed:,.0f}/s" if task.speed else "")

            columns = ("Applying", BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("", total=self._total)
            self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, steps: int = 1) -> None:
        """Some steps are done."""
        if self._bar is not None:
            self._bar.advance(self._task, steps)

    def print(self, lines: Iterable[Line]) -> None:
        """Print lines above the bar."""
        if self._bar is not None:
            self._bar.stop()
            print_lines(lines)
            self._bar.start()
        else:
            print_lines(lines)
            sys.stdout.flush()
