"""What a journal tells: which applies wrote it, and what became of what they sent."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from orthanc_state.render.line import Line, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.execution.history import History, Run

UNKNOWN = "unknown"
"""What became of a change that was in hand when the apply was killed."""


def history_lines(history: History) -> Iterator[Line]:
    """A journal, an apply a line."""
    yield (("strong", safe(history.path)), ("", f": {history.lines} lines, each as it was written"))
    for run in history.runs:
        data = _run(run)
        counts = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in data["outcomes"].items())
        end = "" if data["ended"] else "; cut short"
        head = f"  {data['run']}  {data['time']}  {data['server']}"
        yield (("", safe(head)), ("dim" if data["ended"] else "warning", f"  {counts or 'nothing sent'}{end}"))
    if history.torn:
        yield (("warning", "  half a line at the end: it was killed while it wrote"),)


def history_data(history: History) -> dict[str, Any]:
    """A journal as plain data."""
    return {
        "file": str(history.path),
        "valid": True,
        "lines": history.lines,
        "torn": history.torn,
        "runs": [_run(run) for run in history.runs],
    }


def _run(run: Run) -> dict[str, Any]:
    outcomes = Counter(str(line.get("outcome")) for line in run.settled.values())
    in_hand = {line["address"] for line in run.sent if "address" in line} - run.settled.keys()
    if in_hand:
        outcomes[UNKNOWN] += len(in_hand)
    return {
        "run": str(run.head.get("run")),
        "time": str(run.head.get("time")),
        "server": str(run.head.get("server", {}).get("url")),
        "outcomes": dict(outcomes),
        "ended": run.ended is not None,
    }
