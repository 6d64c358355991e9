"""A plan made, chosen from, confirmed, applied, stopped and kept."""

from __future__ import annotations

import time
from contextlib import nullcontext
from threading import Lock
from typing import TYPE_CHECKING

from orthanc_state.engine import apply, plan
from orthanc_state.errors import OrthancStateError
from orthanc_state.jupyter.controllers.confirmation import phrase
from orthanc_state.jupyter.controllers.observable import Observable
from orthanc_state.jupyter.controllers.work import Work
from orthanc_state.planning.choice import Choice

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from orthanc_state.execution.journal import Journal
    from orthanc_state.execution.report import Report, Result
    from orthanc_state.jupyter.controllers.document import DocumentController
    from orthanc_state.jupyter.controllers.session import Session
    from orthanc_state.planning.plan import Plan

MAX_AGE = 15 * 60.0
"""Seconds after which a plan is not fresh any more."""

TOLD_EVERY = 0.2
"""Seconds between two signs of progress."""


class PlanController(Observable):
    """The plan of a document for a server.

    Args:
        session: The server.
        document: The document; None for a plan that was made elsewhere.
        journal: Where applies are recorded; a new file in the user's folder for such if None.
        clock: What time it is, in seconds.

    Attributes:
        choice: The plan, and which changes of it are chosen; None while there is none.
        report: What the last apply did; None before it.
        work: What is being done.
        done: How many steps of the apply in hand are done.
        total: How many it has.
        filter: What addresses have to hold to be shown.
    """

    def __init__(
        self,
        session: Session,
        document: DocumentController | None = None,
        *,
        journal: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.session = session
        self.document = document
        self.choice: Choice | None = None
        self.report: Report | None = None
        self.work = Work(self.changed)
        self.done = self.total = 0
        self.filter = ""
        self._journal = journal
        self._clock = clock
        self._made = 0.0
        self._text: str | None = None
        self._stale = ""
        self._told = 0.0
        # Policies are applied by several threads.
        self._counting = Lock()
        session.watch(self.changed)
        if document is not None:
            document.watch(self.changed)

    @property
    def plan(self) -> Plan | None:
        """The plan, with all of its changes."""
        return self.choice.plan if self.choice is not None else None

    @property
    def stale(self) -> str:
        """Why the plan may not be applied any more, in words; empty while it is fresh."""
        if self.choice is None:
            return "there is no plan yet"
        if self._stale:
            return self._stale
        if not self.session.connected:
            return "no server is connected"
        if self.session.server().url != self.choice.plan.server.url:
            return f"it was made for {self.choice.plan.server.url}"
        if self._text is not None and self.document is not None and self.document.text != self._text:
            return "the document was changed since"
        if self._text is not None and self._clock() - self._made > MAX_AGE:
            return f"it was made more than {MAX_AGE / 60:.0f} minutes ago"
        return ""

    @property
    def chosen(self) -> Plan | None:
        """The plan of what is chosen."""
        return self.choice.narrowed if self.choice is not None else None

    @property
    def phrase(self) -> str:
        """What has to be typed before it is applied; empty where nothing is taken away."""
        return phrase(self.choice.narrowed.taken_away) if self.choice is not None else ""

    @property
    def applicable(self) -> bool:
        """Whether it can be applied now, but for what has to be typed."""
        return not self.work.running and not self.stale and self.chosen is not None and not self.chosen.empty

    def make(self) -> None:
        """Compare the document with the server. Only questions are sent.

        Raises:
            OrthancStateError: There is no server or no valid document, or it cannot be brought about.
        """
        orthanc = self.session.server()
        if self.document is None:
            raise OrthancStateError("there is no document to plan", hint="Open one, or open a saved plan.")
        if self.document.document is None:
            count = len(self.document.problems)
            raise OrthancStateError(
                f"the document cannot be planned: {count} problem{'' if count == 1 else 's'}", hint="Mend it first."
            )
        text = self.document.text
        # Only what is asked for, as a plan is made: what failed before is not shown beside it.
        self.work.error = None
        self._take(plan(orthanc, self.document.document), text)

    def use(self, plan: Plan) -> None:
        """Take a plan that was made elsewhere."""
        self._take(plan, None)

    def open(self, path: str) -> None:
        """Open a saved plan: what was approved.

        Raises:
            OrthancStateError: It is none, or its secrets are not as they were.
        """
        from orthanc_state.planning.plan_file import open_plan

        if not path.strip():
            raise OrthancStateError("no file was given", hint="Write the name of a saved plan: plan.json.")
        self._take(open_plan(path.strip()), None)

    def save(self, path: str, *, store_identifying: bool = False) -> None:
        """Save what is chosen of the plan.

        Args:
            path: The file.
            store_identifying: Whether values that may tell who a patient is can stand in it.

        Raises:
            OrthancStateError: There is no plan, or it cannot be saved.
        """
        from orthanc_state.planning.plan_file import save

        if self.chosen is None:
            raise OrthancStateError("there is no plan to save", hint="Make one first.")
        if not path.strip():
            raise OrthancStateError("no file was given", hint="Write its name: plan.json.")
        save(self.chosen, path.strip(), store_identifying=store_identifying)

    def pick(self, address: str, *, on: bool) -> None:
        """Choose a change with what it depends on, or leave it out with what depends on it."""
        if self.choice is not None:
            (self.choice.choose if on else self.choice.leave)(address)
            self.changed()

    def pick_all(self, *, on: bool) -> None:
        """Choose every change, or none."""
        if self.choice is not None:
            self.choice.choose_all(on=on)
            self.changed()

    def apply(self, typed: str = "") -> None:
        """Begin to make it so, in a thread of its own; `work.wait` waits for its end.

        Args:
            typed: What was typed to confirm what is taken away.

        Raises:
            OrthancStateError: It is not fresh, or was not confirmed.
        """
        if self.stale:
            raise OrthancStateError(f"this plan cannot be applied: {self.stale}", hint="Make the plan anew.")
        chosen = self.chosen
        if chosen is None or chosen.empty:
            raise OrthancStateError("nothing is chosen", hint="Choose a change first.")
        if self.phrase and typed.strip() != self.phrase:
            raise OrthancStateError("what is taken away was not confirmed", hint=f"Type `{self.phrase}`.")
        orthanc = self.session.server()
        self.done, self.total, self.report = 0, chosen.steps, None

        def job() -> None:
            try:
                with self._open_journal(chosen) as journal:
                    self.report = apply(
                        orthanc,
                        chosen,
                        on_result=self._settled,
                        stop=self.work.stop,
                        on_progress=self._advance,
                        journal=journal,
                        allow_deletes=bool(self.phrase),
                    )
            finally:
                # Whatever became of it, the server is not any more what was planned from.
                self._stale = "it was applied"

        self.work.start(job)

    def cancel(self) -> None:
        """Finish what is in hand, and leave the rest."""
        self.work.cancel()

    def _take(self, plan: Plan, text: str | None) -> None:
        self.choice = Choice(plan)
        self.report = None
        self._text, self._made, self._stale = text, self._clock(), ""
        self.changed()

    def _open_journal(self, plan: Plan) -> AbstractContextManager[Journal | None]:
        if plan.empty:
            return nullcontext()
        from orthanc_state.execution.journal import Journal, default_path

        return Journal(self._journal or default_path(plan.server))

    def _settled(self, result: Result) -> None:
        self._advance(1)

    def _advance(self, steps: int) -> None:
        now = time.monotonic()
        with self._counting:
            self.done += steps
            due = now - self._told > TOLD_EVERY
            if due:
                self._told = now
        if due:
            self.changed()
