"""A plan or a report as Markdown that fits a comment of GitHub or GitLab.

Every text that came from somewhere else stands in code (see `code`): it can neither break out nor call anybody.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import quote

from orthanc_state.render.code import LONGEST, clipped, fence, span
from orthanc_state.render.model import NOTES
from orthanc_state.render.role import Role
from orthanc_state.render.room import Entry, fitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from orthanc_state.kinds.live import Server
    from orthanc_state.render.model import ChangeView, PlanView, PolicyView, ReportView, ResultView

LIMIT = 60_000
"""Characters. GitHub takes 65,536 in a comment and GitLab 1,000,000; some are left for what a pipeline adds."""

SMALLEST_LIMIT = 10_000
"""Characters in which the head and the counts fit, whatever they are."""

FOLDED = 40
"""From how many lines on a block is folded."""

_MARGIN = 1_500
"""Characters kept free for what stands around a block and says how much of it is not shown."""

_IN_A_MARKER = ":/?#[]@!$&()*+,;=%~"

_SIGNS = {Role.CREATE: "+", Role.UPDATE: "!", Role.DELETE: "-", Role.ALREADY: "#", Role.ERROR: "!"}
"""What a block of differences colours."""

_HIDDEN = {Role.CREATE: "to create", Role.UPDATE: "to update", Role.DELETE: "to delete", Role.ERROR: "not applied"}


def plan_markdown(plan: PlanView, limit: int = LIMIT) -> str:
    """A plan as a comment, with a marker in its first line by which a pipeline finds it again.

    Args:
        plan: What is shown.
        limit: How many characters it may have. Where they are not enough, what is folded is left out first, then
            fields, then changes; it says how many.

    Raises:
        ValueError: The limit is below `SMALLEST_LIMIT`.
    """
    entries = [*map(_change, plan.changes), *map(_policy, plan.policies)]

    def blocks(folded: bool, room: int | None) -> Iterator[str]:
        yield from _head("plan", plan.server, plan.headline, f", {plan.unchanged_text}.")
        yield from _texts("**Needs `--allow-deletes`**", plan.limits, limit if room is None else limit // 8)
        yield from _texts("**Warnings**", plan.warnings, limit if room is None else limit // 8)
        yield from _texts(f"**{NOTES}**", plan.notes, limit if room is None else limit // 8)
        yield from _differences(entries, room, "Changes", (Role.DELETE,))
        examples = [line for policy in plan.policies for line in _examples(policy)]
        if examples and folded:
            yield _details("Examples of what policies change", fence(examples))
        if plan.unmanaged:
            count = f"{len(plan.unmanaged):,} left alone, since not declared"
            yield _details(count, fence(map(_item, plan.unmanaged))) if folded else f"{count}."
        if plan.restart:
            yield plan.restart

    return _fitting(blocks, limit)


def report_markdown(report: ReportView, limit: int = LIMIT) -> str:
    """A report as a comment: first what was not applied, and why; then, folded, what is in force.

    Args:
        report: What is shown.
        limit: As in `plan_markdown`.

    Raises:
        ValueError: The limit is below `SMALLEST_LIMIT`.
    """
    failed = [_result(result) for result in report.results if not result.ok]
    applied = [_result(result) for result in report.results if result.ok]

    def blocks(folded: bool, room: int | None) -> Iterator[str]:
        yield from _head("apply", report.server, report.headline, ".")
        yield from [report.advice] * bool(report.advice)
        yield from ["**Not applied**"] * bool(failed)
        yield from _differences(failed, room, "Not applied")
        if applied and folded:
            yield _details(f"In force: {len(applied):,}", fence([entry.head for entry in applied], "diff"))

    return _fitting(blocks, limit)


def marker(command: str, url: str) -> str:
    """The first line of a comment: the same for every comment of one command on one server.

    Args:
        command: `plan` or `apply`.
        url: Where the server is reached.
    """
    # Nothing is left in a quoted address that could end a comment of HTML.
    return f"<!-- orthanc-state {command}: {quote(url, safe=_IN_A_MARKER, errors='replace')[:LONGEST]} -->"


def _fitting(blocks: Callable[[bool, int | None], Iterator[str]], limit: int) -> str:
    """Blocks with as much in them as the limit allows.

    Args:
        blocks: Gives the blocks: with what is folded or without, and with the room for their entries.
        limit: Characters.
    """
    if limit < SMALLEST_LIMIT:
        raise ValueError(f"{limit} characters are too few for any plan: at least {SMALLEST_LIMIT}")
    text = ""
    for folded in (True, False):
        text = _joined(blocks(folded, None))
        if len(text) <= limit:
            return text
    room = limit - len(_joined(blocks(False, 0))) - _MARGIN
    return _joined(blocks(False, max(room, 0)))


def _joined(blocks: Iterator[str]) -> str:
    return "\n\n".join(blocks) + "\n"


def _head(command: str, server: Server, headline: str, rest: str) -> Iterator[str]:
    yield marker(command, server.url)
    name = f" {span(server.name)}" if server.name else ""
    yield f"### Orthanc{name} · {headline}"
    yield f"Version {span(server.version)} at {span(server.url)}{rest}"


def _texts(title: str, texts: Sequence[str], room: int) -> Iterator[str]:
    """Texts below each other, as many as there is room for."""
    if not texts:
        return
    fit = fitted([Entry(Role.UPDATE, _item(text)) for text in texts], room)
    more = [f"There is no room for {len(fit.hidden):,} more."] * bool(fit.hidden)
    yield "\n\n".join([title, fence(fit.lines), *more])


def _differences(entries: Sequence[Entry], room: int | None, what: str, first: Sequence[Role] = ()) -> Iterator[str]:
    """Entries as a block of differences, with how much of them is not shown."""
    fit = fitted(entries, room, first)
    if fit.lines:
        block = fence(fit.lines, "diff")
        yield _details(f"{what}: {len(entries) - len(fit.hidden):,}", block) if len(fit.lines) > FOLDED else block
    if fit.bare:
        yield f"There is no room for the fields of {fit.bare:,} of these."
    if fit.hidden:
        counts = Counter(entry.role for entry in fit.hidden)
        parts = [f"{counts[role]:,} {words}" for role, words in _HIDDEN.items() if counts[role]]
        yield f"**There is no room for {len(fit.hidden):,} more:** {', '.join(parts)}."


def _change(change: ChangeView) -> Entry:
    reason = f"  ({change.reason})" if change.reason else ""
    value = f": {', '.join(field.text for field in change.fields)}" if change.single else ""
    paths = [clipped(field.path) for field in change.fields]
    width = max(map(len, paths), default=0)
    details = []
    for field, path in zip(change.fields, paths, strict=True):
        if not change.single:
            details.append(_line(change.role, f"{path:<{width}}  {clipped(field.text)}", "    "))
        details += [_line(Role.DELETE, clipped(item), "    ") for item in field.removed]
        details += [_line(Role.CREATE, clipped(item), "    ") for item in field.added]
    return Entry(change.role, _line(change.role, clipped(f"{change.address}{value}{reason}")), tuple(details))


def _policy(policy: PolicyView) -> Entry:
    words = [clipped(effect.text) for effect in policy.effects]
    width = max(map(len, words), default=0)
    head = clipped(f"{policy.address}  ({policy.query}; {policy.selected:,} selected)")
    details = (
        _line(effect.role, f"{word:<{width}}  {effect.count:,}", "    ")
        for effect, word in zip(policy.effects, words, strict=True)
    )
    return Entry(policy.role, _line(policy.role, head), tuple(details))


def _result(result: ResultView) -> Entry:
    texts = [
        *(f"{failure.text}  {failure.examples_text}" for failure in result.failures),
        *(text for comparison in result.comparisons for text in comparison.texts),
    ]
    details = (_line(result.role, clipped(text), "    ") for text in texts)
    return Entry(result.role, _line(result.role, clipped(f"{result.address}  {result.text}")), tuple(details))


def _examples(policy: PolicyView) -> Iterator[str]:
    for effect in policy.effects:
        yield _item(f"{policy.address}: {effect.role.sign} {effect.text}")
        yield from (f"    {clipped(example)}" for example in effect.examples)
        if effect.count > len(effect.examples):
            yield f"    … {effect.count - len(effect.examples):,} more"


def _line(role: Role, text: str, indent: str = "") -> str:
    return f"{_SIGNS[role]} {indent}{text}"


def _item(text: str) -> str:
    # Not at the beginning of a line, where some bots look for commands also in code.
    return f"  {clipped(text)}"


def _details(summary: str, block: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n\n{block}\n\n</details>"
