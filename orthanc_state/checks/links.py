"""Which links work before something is changed, and which of them no longer do after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.checks.registry import reaching_checks
from orthanc_state.checks.result import Status
from orthanc_state.checks.run import run_checks
from orthanc_state.checks.subject import Subject
from orthanc_state.planning.change import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orthanc_state.checks.result import Result
    from orthanc_state.client import Orthanc
    from orthanc_state.planning.plan import Plan


class Links:
    """The links of some servers that work now. They are those that the servers have, whatever a document says.

    Args:
        subjects: The servers.
        plans: What is going to be done to them, by their names: what is deleted on purpose is no loss.
    """

    def __init__(self, subjects: Sequence[Subject], plans: Mapping[str, Plan]) -> None:
        self._subjects = subjects
        self._gone = {(name, address) for name, plan in plans.items() for address in _deleted(plan)}
        self._working = {
            (result.server, result.check, result.target)
            for result in run_checks(subjects, reaching_checks())
            if result.status is Status.OK
        }

    @classmethod
    def of(cls, orthanc: Orthanc, plan: Plan) -> Links:
        """The links of one server that work before a plan is applied to it."""
        return cls([Subject(orthanc.url, orthanc)], {orthanc.url: plan})

    @property
    def count(self) -> int:
        """How many work."""
        return len(self._working)

    def lost(self) -> list[Result]:
        """The links that worked and no longer do, but for those that were deleted on purpose."""

        def among(server: str, check: str, target: str) -> bool:
            return (server, check, target) in self._working

        found = {
            (result.server, result.check, result.target): result
            for result in run_checks(self._subjects, reaching_checks(), among=among)
        }
        # One that is not among the targets any more has vanished.
        return [
            found[key]
            for key in sorted(self._working)
            if key in found and found[key].status is not Status.OK and (key[0], key[2]) not in self._gone
        ]


def _deleted(plan: Plan) -> Iterable[str]:
    return (change.address for change in plan.changes if change.action is Action.DELETE)
