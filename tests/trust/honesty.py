"""What has to hold of the report and the journal of an apply, whatever happened to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.client import ClientError

if TYPE_CHECKING:
    from orthanc_state import Report
    from orthanc_state.execution.history import History


def assert_honest(report: Report | ClientError, history: History, left: list[str], planned: int) -> None:
    """What is said of an apply is what there is of it, and its journal says the same.

    Args:
        report: What it gave.
        history: Its journal.
        left: The addresses of what is still to be done.
        planned: How many changes it was given.
    """
    if isinstance(report, ClientError):
        # It was not even found out which server it is: nothing was written, nor noted.
        assert history.lines == 0
        assert len(left) == planned
        return
    [run] = history.runs
    assert history.torn == 0
    assert run.ended is not None
    assert run.ended["ok"] is report.ok
    said = {result.change.address: result.outcome.value for result in report.results}
    assert {address: line["outcome"] for address, line in run.settled.items()} == said
    applied = {address for address, outcome in said.items() if outcome == "applied"}
    assert applied.isdisjoint(left)
    assert not (report.ok and left)
    assert all(result.reason for result in report.results if not result.outcome.ok)
    assert {line["address"] for line in run.sent} >= applied
