"""Many servers: their plans, and which of them are applied."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orthanc_state.errors import OrthancStateError
from orthanc_state.fleet.apply import apply_fleet
from orthanc_state.fleet.plan import FleetPlan, plan_fleet
from orthanc_state.jupyter.controllers.confirmation import phrase
from orthanc_state.jupyter.controllers.observable import Observable
from orthanc_state.jupyter.controllers.work import Work

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from orthanc_state.execution.journal import Journal
    from orthanc_state.fleet.inventory import Inventory
    from orthanc_state.fleet.plan import ServerPlan
    from orthanc_state.fleet.report import FleetReport, ServerReport
    from orthanc_state.jupyter.controllers.session import Session


class FleetController(Observable):
    """The servers of an inventory with their plans.

    Args:
        session: Whose inventory it is, where none is given.
        inventory: The inventory.
        journals: The folder where applies are recorded; the user's for such if None.

    Attributes:
        plan: The plans; None before they were made.
        rows: What is known of each server by now, while plans are made or applied.
        report: What the last apply did; None before it.
        work: What is being done.
    """

    def __init__(self, session: Session, inventory: Inventory | None = None, *, journals: Path | None = None) -> None:
        super().__init__()
        self.session = session
        self.plan: FleetPlan | None = None
        self.rows: dict[str, str] = {}
        self.report: FleetReport | None = None
        self.work = Work(self.changed)
        self._inventory = inventory
        self._journals = journals
        self._chosen: set[str] = set()
        session.watch(self.changed)

    @property
    def inventory(self) -> Inventory | None:
        """The inventory; None where there is none."""
        return self._inventory or self.session.inventory

    def open(self, path: str) -> None:
        """Open an inventory.

        Raises:
            OrthancStateError: It cannot be used.
        """
        self._inventory, self.plan, self.report, self.rows = None, None, None, {}
        self.session.open_inventory(path)

    def make(self) -> None:
        """Begin to plan every server; only questions are sent. `work.wait` waits for the end.

        Raises:
            OrthancStateError: There is no inventory, or something is being done already.
        """
        inventory = self.inventory
        if inventory is None:
            raise OrthancStateError("there is no inventory", hint="Open one first.")
        members = inventory.select()
        self.report, self.plan = None, None
        self.rows = {member.name: "planning" for member in members}

        def job() -> None:
            self.plan = plan_fleet(members, inventory=str(inventory.path), on_planned=self._planned)
            self.rows = {}
            self._chosen = {server.name for server in self.plan.pending}

        self.work.start(job)

    def chosen(self, name: str) -> bool:
        """Whether a server is to be applied."""
        return name in self._chosen

    def pick(self, name: str, *, on: bool) -> None:
        """Choose a server on which there is something to do, or leave it out."""
        if on and self.plan is not None and any(server.name == name for server in self.plan.pending):
            self._chosen.add(name)
        elif not on:
            self._chosen.discard(name)
        self.changed()

    @property
    def narrowed(self) -> FleetPlan | None:
        """The plans of the servers that are chosen."""
        if self.plan is None:
            return None
        return replace(self.plan, servers=tuple(each for each in self.plan.servers if each.name in self._chosen))

    @property
    def taken_away(self) -> int:
        """How much is taken away from the servers that are chosen."""
        servers = self.narrowed.servers if self.narrowed is not None else ()
        return sum(server.plan.taken_away for server in servers if server.plan is not None)

    @property
    def phrase(self) -> str:
        """What has to be typed before it is applied; empty where nothing is taken away."""
        return phrase(self.taken_away)

    def apply(self, typed: str = "") -> None:
        """Begin to make the plans of the chosen servers so; `work.wait` waits for the end.

        Args:
            typed: What was typed to confirm what is taken away.

        Raises:
            OrthancStateError: Nothing is chosen, it was applied already, or it was not confirmed.
        """
        plan, inventory = self.narrowed, self.inventory
        if plan is None or inventory is None or not plan.servers:
            raise OrthancStateError("nothing is chosen", hint="Plan, and choose a server first.")
        if self.report is not None:
            raise OrthancStateError("these plans were applied", hint="Plan again.")
        if self.phrase and typed.strip() != self.phrase:
            raise OrthancStateError("what is taken away was not confirmed", hint=f"Type `{self.phrase}`.")
        allow_deletes = bool(self.phrase)
        self.rows = {server.name: "applying" for server in plan.servers}

        def job() -> None:
            self.report = apply_fleet(
                plan,
                inventory.members,
                journal=self._journal,
                on_server=self._applied,
                stop=self.work.stop,
                allow_deletes=allow_deletes,
            )
            self.rows = {}

        self.work.start(job)

    def cancel(self) -> None:
        """Each server finishes what it has in hand, and the rest is left."""
        self.work.cancel()

    def _planned(self, server: ServerPlan) -> None:
        self.rows[server.name] = server.standing.value
        self.changed()

    def _applied(self, server: ServerReport) -> None:
        self.rows[server.name] = server.done.value
        self.changed()

    def _journal(self, server: ServerPlan) -> AbstractContextManager[Journal | None]:
        from orthanc_state.execution.journal import Journal, default_path

        if server.plan is None:
            raise ValueError(f"{server.name} has no plan")
        if self._journals is not None:
            return Journal(self._journals / f"{server.name}.jsonl")
        return Journal(default_path(server.plan.server, server.name))
