"""`apply --verify` of a fleet: the links of its servers are looked at after each wave."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from orthanc_state.checks.links import Links
from orthanc_state.checks.subjects import fleet_subjects
from orthanc_state.cli.format import Format
from orthanc_state.cli.output import print_lines
from orthanc_state.cli.reconcile import undo
from orthanc_state.cli.verify import offer_rollback, show_links
from orthanc_state.fleet.report import Done
from orthanc_state.render.line import safe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Self

    from orthanc_state.cli.options import ApplyOptions
    from orthanc_state.fleet.member import Member
    from orthanc_state.fleet.plan import FleetPlan
    from orthanc_state.fleet.report import FleetReport, ServerReport


class Verification:
    """The links of the servers of a plan, from before its apply to after it.

    Args:
        plan: What is applied.
        members: The servers of the inventory.
        journals: Where what was sent to each server stands, by its name; it grows while it is applied.
        options: How it is applied.
        form: In which form the report is printed.
    """

    def __init__(
        self,
        plan: FleetPlan,
        members: Mapping[str, Member],
        journals: Mapping[str, Path],
        options: ApplyOptions,
        *,
        form: Format,
    ) -> None:
        self._plan = plan
        self._members = members
        self._journals = journals
        self._options = options
        self._form = form
        self._clients = ExitStack()
        self._wave: list[str] = []
        self._broken = False

    def __enter__(self) -> Self:
        planned = [self._members[server.name] for server in self._plan.servers if server.name in self._members]
        everybody = list(self._members.values())
        subjects, _ = self._clients.enter_context(fleet_subjects(everybody, planned))
        plans = {server.name: server.plan for server in self._plan.pending if server.plan is not None}
        self._links = Links(subjects, plans)
        return self

    def __exit__(self, *exception: object) -> None:
        self._clients.close()

    def after_wave(self, number: int, rows: Sequence[ServerReport]) -> bool:
        """Whether every link that worked before still does, after a wave."""
        self._wave = [row.name for row in rows]
        lost = self._links.lost()
        self._broken = bool(lost)
        show_links(self._links, lost, error=self._form is not Format.TEXT)
        return not lost

    def broken(self, report: FleetReport) -> bool:
        """Whether a link no longer works at the end; the last wave is undone if somebody says so."""
        if not self._broken and not report.ok:
            # A wave of which anything failed is not followed by a check of its own.
            touched = [row for row in report.servers if row.done in (Done.FAILED, Done.INTERRUPTED)]
            self.after_wave(report.waves, touched)
        if not self._broken:
            return False
        names = [name for name in self._wave if name in self._journals]
        ask = self._form is Format.TEXT and not self._options.yes
        if offer_rollback([self._journals[name] for name in names], ask=ask):
            for name in names:
                print_lines([(("strong", f"{safe(name)}:"),)])
                with self._members[name].connect() as orthanc:
                    undo(orthanc, self._journals[name], self._options, form=self._form)
        return True
