# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the writing modules have in common: a document is planned, shown, and applied unless it is only checked."""

from __future__ import annotations

from contextlib import nullcontext
from shlex import quote
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import env_fallback

from ansible_collections.orthanc.state.plugins.module_utils.links import lost, reason
from ansible_collections.orthanc.state.plugins.module_utils.module import in_words
from ansible_collections.orthanc.state.plugins.module_utils.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ansible_collections.orthanc.state.plugins.module_utils.module import StateModule
    from orthanc_state import Document, Orthanc, Plan, Report
    from orthanc_state.checks.links import Links
    from orthanc_state.execution.journal import Journal

WRITE: dict[str, Any] = {
    "allow_deletes": {"type": "bool", "default": False},
    "journal": {"type": "path", "fallback": (env_fallback, ["ORTHANC_STATE_JOURNAL"])},
    "keep_journal": {"type": "bool", "default": True},
    "verify": {"type": "bool", "default": False},
}
"""How a plan is applied: the doc fragment `write`."""

ASSUME: dict[str, Any] = {"assume": {"type": "dict"}}
"""What is taken for true of the server's configuration: the doc fragment `assume`."""

LIMITS: dict[str, Any] = {
    "limits": {"type": "dict", "options": {"deletes": {"type": "int"}, "share": {"type": "str"}}},
}
"""How much may be deleted."""

SCRIPTS: dict[str, Any] = {"lua": {"type": "bool", "default": True}}
"""How policies are applied: the doc fragment `scripts`."""

FINGERPRINTS: dict[str, Any] = {
    "fingerprints": {"type": "str", "choices": ["scrypt", "key", "off"], "default": "scrypt", "no_log": False},
    "fingerprint_key": {"type": "str", "no_log": True, "fallback": (env_fallback, ["ORTHANC_STATE_KEY"])},
}
"""How secrets are told apart: the doc fragment `fingerprints`."""


def reconcile(
    module: StateModule, document: Document, *, target: Sequence[str] = (), exclude: Sequence[str] = ()
) -> dict[str, Any]:
    """Plan a document and, unless it is only checked, apply it; the result of a writing module.

    Args:
        module: The module, with the options of `WRITE`.
        document: What the server should be.
        target: As for `plan`.
        exclude: As for `plan`.

    Raises:
        OrthancStateError: The document cannot be brought about, or the server cannot be reached.
    """
    from orthanc_state import apply, plan
    from orthanc_state.render.data import plan_data, report_data

    with module.connect() as orthanc:
        found = plan(orthanc, document, targets=target, excludes=exclude)
        for warning in found.warnings:
            module.warn(str(warning))
        allow_deletes = module.params["allow_deletes"]
        result: dict[str, Any] = {"changed": not found.empty, "plan": plan_data(found, with_defaults=False)}
        if module._diff:
            result["diff"] = differences(found)
        if module.check_mode or found.empty:
            # A check says what the task would do, and that may be to refuse.
            _check_limits(module, orthanc, found, result)
            return result
        links = _links(orthanc, found) if module.params["verify"] else None
        with _journal(module, found) as journal:
            report = apply(
                orthanc, found, journal=journal, allow_deletes=allow_deletes, scripts=module.params.get("lua", True)
            )
        silent = lost(links) if links is not None else []
    result |= {"report": report_data(report), "journal": report.journal, "changed": report.written}
    if links is not None:
        result["lost_links"] = silent
    if not report.ok or silent:
        reasons = [] if report.ok else [failure(report)]
        module.fail_json(msg="\n".join([*reasons, *_silence(silent, report.journal)]), **result)
    return result


def _links(orthanc: Orthanc, found: Plan) -> Links:
    from orthanc_state.checks.links import Links

    return Links.of(orthanc, found)


def _silence(silent: Sequence[Mapping[str, Any]], journal: str) -> Iterator[str]:
    if silent:
        yield from (f"No longer answers: {reason(row)}" for row in silent)
        undone = f"This undoes it: orthanc-state rollback {quote(journal)}" if journal else "No journal was kept."
        yield undone


def _check_limits(module: StateModule, orthanc: Any, found: Plan, result: Mapping[str, Any]) -> None:
    from orthanc_state.execution.executor import ExecutionError, check

    try:
        check(orthanc, found, allow_deletes=module.params["allow_deletes"])
    except ExecutionError as error:
        text = in_words("\n".join(filter(None, [error.message, error.hint])))
        module.fail_json(msg=text, **{**result, "changed": False})


def _journal(module: StateModule, found: Plan) -> AbstractContextManager[Journal | None]:
    if not module.params["keep_journal"]:
        return nullcontext()
    from orthanc_state.execution.journal import Journal, default_path

    return Journal(module.params["journal"] or default_path(found.server))


def failure(report: Report) -> str:
    """What of an apply has failed, and what to do about it."""
    from orthanc_state.render.line import plain
    from orthanc_state.render.reported import report_view, result_view
    from orthanc_state.render.text import result_lines

    view = report_view(report)
    failed = [result for result in report.results if not result.outcome.ok]
    lines = [plain(line).strip() for result in failed for line in result_lines(result_view(result))]
    return in_words("\n".join(filter(None, [f"{view.headline}.", *lines, view.advice])))


def differences(plan: Plan) -> dict[str, Any]:
    """What `--diff` shows: what changes, field by field; a secret is never more than the word, on both sides."""
    from orthanc_state.planning.change import Action
    from orthanc_state.render.planned import plan_view

    view = plan_view(plan)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for change, shown in zip(plan.changes, view.changes, strict=True):
        if change.action is not Action.CREATE:
            before[shown.address] = {field.path: field.removed or field.before for field in shown.fields}
        if change.action is not Action.DELETE:
            after[shown.address] = {field.path: field.added or field.after for field in shown.fields}
    for policy in view.policies:
        after[policy.address] = {effect.text: effect.count for effect in policy.effects}
    where = plan.server.url
    return {
        "before": before,
        "after": after,
        "before_header": f"{where} as it is",
        "after_header": f"{where} as planned",
    }


def section(
    module: StateModule, path: Sequence[str], value: Any, *, prune: bool = False, limits: Any = None
) -> Document:
    """A document of one section, with what the options say beside it.

    Args:
        module: The module.
        path: Where the section stands.
        value: The section.
        prune: Whether what is not in it is deleted.
        limits: How much may be deleted.

    Raises:
        DocumentError: It cannot be used.
    """
    from orthanc_state import from_data

    data: dict[str, Any] = {"version": 1, **hidden({**_nested(path, value), **_beside(module)})}
    if prune:
        data["prune"] = {".".join(path): True}
    if limits:
        data["limits"] = given(limits)
    return from_data(data)


def _nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    return dict(value)


def _beside(module: StateModule) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if module.params.get("assume"):
        found["assume"] = module.params["assume"]
    way = module.params.get("fingerprints")
    if way == "key":
        found["fingerprints"] = {"key": module.params["fingerprint_key"]}
    elif way:
        found["fingerprints"] = way
    return found


def given(options: Any) -> Any:
    """Options without those that were left out, which Ansible gives as null."""
    if isinstance(options, dict):
        return {key: given(value) for key, value in options.items() if value is not None}
    return [given(item) for item in options] if isinstance(options, list) else options
