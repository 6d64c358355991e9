"""A plan as a file: saved, reviewed, and applied later as it was approved."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from orthanc_state.document.safety import Limits
from orthanc_state.document.secrets import SecretReader
from orthanc_state.errors import Place, Problem, ProblemsError
from orthanc_state.kinds.fingerprint import Fingerprints
from orthanc_state.kinds.kind import Context
from orthanc_state.kinds.match import is_identifying
from orthanc_state.kinds.policy import keywords_in
from orthanc_state.kinds.registry import all_kinds, resource_kind
from orthanc_state.kinds.secret import Secret
from orthanc_state.planning.change import Action
from orthanc_state.planning.encoding import (
    change_data,
    change_from,
    policy_change_data,
    policy_change_from,
    relative_reference,
    server_data,
    server_from,
)
from orthanc_state.planning.plan import Plan
from orthanc_state.planning.plan_data import FORMAT, WHAT, PlanData, ProblemData
from orthanc_state.planning.sealed import FileError, is_sealed, read_sealed, write_sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orthanc_state.planning.change import Change


class UnsavableError(ProblemsError):
    """A plan cannot be saved: a secret would stand in the file, or what may tell who a patient is."""

    code = "plan-unsavable"
    remedy = (
        "Refer to secrets by `!env NAME` or `!file PATH` in the document. Values that may tell who a patient is are "
        "saved only with `--store-identifying`; keep that file as you keep patient data."
    )


class SecretsChangedError(ProblemsError):
    """The secrets of a saved plan are not as they were when it was made, or are not there."""

    code = "secrets-changed"
    remedy = "Set the variables and files that are named as they were, or make the plan anew if a secret was rotated."


def save(plan: Plan, path: str | os.PathLike[str], *, store_identifying: bool = False) -> None:
    """Write a plan to a file that only its owner can read.

    Args:
        plan: The plan.
        path: The file.
        store_identifying: Whether values that may tell who a patient is can stand in it: what policies match on, and
            what metadata are made of.

    Raises:
        UnwritableError: It cannot be written.
        UnsavableError: It would hold a secret, or something that tells who a patient is.
    """
    if problems := unsavable(plan, store_identifying=store_identifying):
        raise UnsavableError("this plan cannot be saved", problems)
    folder = Path(os.path.abspath(path)).parent
    write_sealed(path, FORMAT, plan_content(plan, relative_reference(folder)))


def unsavable(plan: Plan, *, store_identifying: bool = False) -> list[Problem]:
    """Why a plan cannot be saved: a secret would stand in the file, or what tells who a patient is."""
    return [*_clear_secrets(plan), *(() if store_identifying else _identifying(plan))]


def plan_content(plan: Plan, reference: Callable[[Secret], str]) -> dict[str, Any]:
    """A plan as plain data; secrets are in it as their references and salted digests."""
    planned = {change.name for change in plan.by_policies}
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "server": server_data(plan.server),
        "document": {"digest": plan.document, "files": list(plan.files)},
        "fingerprints": fingerprints_data(plan, reference),
        "limits": {"deletes": plan.limits.deletes, "share": round(plan.limits.share * 100)},
        "existing": dict(plan.existing),
        "changes": [change_data(change, reference) for change in plan.changes],
        "by_policies": [policy_change_data(change) for change in plan.by_policies],
        "policies": [
            policy.model_dump(mode="json", exclude_unset=True) for policy in plan.policies if policy.name in planned
        ],
        "unchanged": list(plan.unchanged),
        "unmanaged": list(plan.unmanaged),
        "warnings": [problem_data(problem) for problem in plan.warnings],
        "notes": [problem_data(problem) for problem in plan.notes],
        "switches": dict(plan.switches),
    }


def fingerprints_data(plan: Plan, reference: Callable[[Secret], str]) -> dict[str, Any]:
    """How the secrets of a plan are told apart."""
    fingerprints = plan.context.fingerprints if plan.context else Fingerprints("off")
    return {"mode": fingerprints.mode, "key": reference(fingerprints.key) if fingerprints.key is not None else None}


def is_plan(path: str | os.PathLike[str]) -> bool:
    """Whether a file is a saved plan, be it whole or not."""
    return is_sealed(path, FORMAT)


def open_plan(
    path: str | os.PathLike[str], environment: Mapping[str, str] | None = None, *, secrets: bool = True
) -> Plan:
    """Read a saved plan, with the secrets that it refers to.

    Args:
        path: The file; a `!file` in it is relative to its folder.
        environment: Where `!env` looks; the environment of the process if None.
        secrets: Whether the secrets are read; a plan without can be shown, but not applied.

    Raises:
        FileError: It is no plan, is of another version, or is not as it was written.
        ProblemsError: A secret is missing, or is not the one that was planned with.
    """
    data = read_sealed(path, FORMAT, WHAT)
    for key in ("format", "format_version", "kit"):
        del data[key]
    return plan_from(data, path, environment, secrets=secrets)


def plan_from(
    data: Mapping[str, Any],
    path: str | os.PathLike[str],
    environment: Mapping[str, str] | None = None,
    *,
    secrets: bool = True,
) -> Plan:
    """What `plan_content` gave, with the secrets that it refers to.

    Args:
        data: The plan as it stands in a file.
        path: The file.
        environment: As for `open_plan`.
        secrets: As for `open_plan`.

    Raises:
        FileError: It is not what this kit writes.
        ProblemsError: A secret is missing, or is not the one that was planned with.
    """
    name = os.fspath(path)
    reader = SecretReader(Path(path).parent, os.environ if environment is None else environment)
    problems: dict[str, Problem] = {}

    def resolve(reference: str | None) -> Secret:
        if not secrets:
            return Secret("", reference or "")
        tag, _, where = (reference or "").partition(" ")
        read = {"!env": reader.env, "!file": reader.file}.get(tag)
        try:
            if read is None:
                raise ValueError(f"`{reference}` is no reference to a secret")
            return read(where, Place(name))
        except ValueError as error:
            problems[str(error)] = Problem(str(error), Place(name))
            return Secret("", reference or "")

    try:
        checked = PlanData.model_validate(data)
        plan = _plan(checked, data, resolve)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise _damaged(name, f"{where}: {first['msg']}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(name, str(error)) from None
    if secrets and not problems:
        problems |= {str(problem): problem for problem in _other_secrets(plan, name)}
    if problems:
        raise SecretsChangedError(f"the secrets of the plan {name} are not as they were", list(problems.values()))
    return plan


def _damaged(name: str, what: str) -> FileError:
    return FileError(f"the plan {name} is not one that this kit wrote: {what}", hint="Make the plan anew.")


def _plan(checked: PlanData, data: Mapping[str, Any], resolve: Callable[[str], Secret]) -> Plan:
    server = server_from(data["server"])
    mode, key = checked.fingerprints.mode, checked.fingerprints.key
    fingerprints = Fingerprints(mode, None if key is None else resolve(key))
    context = Context(server.number, fingerprints)
    changes = tuple(change_from(change, resolve) for change in data["changes"])
    for change in changes:
        _check_request(change, context)
    policies = all_kinds()["policies"].parse(data["policies"])
    by_policies = tuple(policy_change_from(change) for change in data["by_policies"])
    if not {change.name for change in by_policies} <= {policy.name for policy in policies}:
        raise ValueError("a policy is missing")
    return Plan(
        server=server,
        changes=changes,
        unchanged=tuple(data["unchanged"]),
        unmanaged=tuple(data["unmanaged"]),
        by_policies=by_policies,
        warnings=tuple(problem_from(problem) for problem in checked.warnings),
        context=context,
        policies=tuple(policies),
        limits=Limits(checked.limits.deletes, checked.limits.share / 100),
        existing=checked.existing,
        document=checked.document.digest,
        files=tuple(checked.document.files),
        notes=tuple(problem_from(problem) for problem in checked.notes),
        switches=checked.switches,
    )


def _check_request(change: Change, context: Context) -> None:
    """A plan is no way to send anything else than what it shows.

    Raises:
        ValueError: The request is not the one that its kind sends for what is shown.
    """
    kind = resource_kind(change.kind)
    operation = change.operation
    if kind.address(change.name) != change.address:
        raise ValueError(f"{change.address} is not the address of {change.kind} {change.name}")
    if (change.action is Action.CREATE, change.action is Action.DELETE) != (
        change.before is None,
        change.after is None,
    ):
        raise ValueError(f"{change.address} is no {change.action.value}")
    if operation.path != kind.request_path(change.name):
        raise ValueError(f"{operation.method} {operation.path} is not a request for {change.address}")
    if not kind.makes_so(change.name, change.after, operation, change.secrets, context):
        raise ValueError(f"what is sent for {change.address} is not what is shown of it")


def _clear_secrets(plan: Plan) -> Iterator[Problem]:
    hint = "use !env NAME or !file PATH, so that the plan can hold the reference"
    for change in plan.changes:
        data = change_data(change, lambda secret: secret.reference)
        for path, secret in data["secrets"].items():
            if secret.get("reference") == "":
                field = f"{change.address.replace('/', '.')}.{path}"
                yield Problem("a secret stands in the document in clear", field=field, hint=hint)
    key = plan.context.fingerprints.key if plan.context else None
    if key is not None and not key.reference:
        yield Problem("a secret stands in the document in clear", field="fingerprints.key", hint=hint)


def _identifying(plan: Plan) -> Iterator[Problem]:
    hint = "--store-identifying allows it"
    for change in plan.by_policies:
        for keyword in change.query:
            if is_identifying(keyword):
                message = f"it selects by {keyword}, which may tell who a patient is and would stand in the file"
                yield Problem(message, field=change.address, hint=hint)
        for name, template in change.templates.items():
            if is_identifying_template(template):
                message = f"the values of the metadata `{name}` may tell who a patient is and would stand in the file"
                yield Problem(message, field=change.address, hint=hint)


def is_identifying_template(template: str) -> bool:
    """Whether what is made of a template may tell who a patient is."""
    return any(is_identifying(keyword) for keyword in keywords_in(template))


def _other_secrets(plan: Plan, name: str) -> Iterator[Problem]:
    """The secrets that are not those that the plan was made with; the digests in it would be wrong ever after."""
    fingerprints = plan.context.fingerprints if plan.context else Fingerprints("off")
    records = {
        change.address: record
        for change in plan.changes
        if change.secrets and (record := resource_kind(change.kind).record_of(change.operation.body, plan.read_with))
    }
    todo = [change for change in plan.changes if change.address in records]
    fingerprints.prepare(
        (secret, records[change.address].salt) for change in todo for secret in change.secrets.values()
    )
    for change in todo:
        record = records[change.address]
        for path, secret in change.secrets.items():
            planned = record.digests.get(path)
            if planned is not None and planned != fingerprints.digest(secret, record.salt, f"{change.address}/{path}"):
                message = f"{secret.reference} is another secret than the one that was planned with"
                field = f"{change.address.replace('/', '.')}.{path}"
                yield Problem(message, Place(name), field, "make the plan anew")


def problem_data(problem: Problem) -> dict[str, Any]:
    """A problem as `ProblemData` has it."""
    place = problem.place or Place("")
    return {
        "message": problem.message,
        "file": problem.place.file if problem.place else None,
        "line": place.line,
        "column": place.column,
        "field": problem.field,
        "hint": problem.hint,
    }


def problem_from(data: ProblemData) -> Problem:
    """What `problem_data` gave."""
    place = None if data.file is None else Place(data.file, data.line, data.column)
    return Problem(data.message, place, data.field, data.hint)
