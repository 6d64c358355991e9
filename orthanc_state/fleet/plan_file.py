"""The plans of a fleet as one file: saved, reviewed, and applied later as they were approved."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from orthanc_state.errors import OrthancStateError, Problem, ProblemsError
from orthanc_state.fleet.plan import FleetPlan, ServerPlan
from orthanc_state.planning.encoding import relative_reference
from orthanc_state.planning.plan_data import FileData, ProblemData
from orthanc_state.planning.plan_file import (
    UnsavableError,
    plan_content,
    plan_from,
    problem_data,
    problem_from,
    unsavable,
)
from orthanc_state.planning.sealed import FileError, is_sealed, read_sealed, write_sealed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORMAT = "orthanc-state/fleet-plan"
WHAT = "fleet plan"


class ErrorData(FileData):
    """Why a server has no plan."""

    code: str
    message: str
    hint: str
    problems: list[ProblemData]


class ServerPlanData(FileData):
    """One server."""

    name: str
    url: str
    plan: dict[str, Any] | None = Field(description="As in a saved plan of one server; null where there is none.")
    error: ErrorData | None


class FleetPlanData(FileData):
    """A saved plan of a fleet, but for what every file of the kit begins and ends with."""

    created: str
    inventory: str = Field(description="The inventory's file, relative to this one.")
    servers: list[ServerPlanData]


def save_fleet_plan(plan: FleetPlan, path: str | os.PathLike[str], *, store_identifying: bool = False) -> None:
    """Write the plans of a fleet to a file that only its owner can read.

    Credentials are not in it: they are those of the inventory when it is applied.

    Args:
        plan: The plans.
        path: The file.
        store_identifying: Whether values that may tell who a patient is can stand in it.

    Raises:
        UnwritableError: It cannot be written.
        UnsavableError: It would hold a secret, or something that tells who a patient is.
    """
    problems = [
        Problem(problem.message, problem.place, f"{server.name}: {problem.field}", problem.hint)
        for server in plan.servers
        if server.plan is not None
        for problem in unsavable(server.plan, store_identifying=store_identifying)
    ]
    if problems:
        raise UnsavableError("these plans cannot be saved", problems)
    folder = Path(os.path.abspath(path)).parent
    reference = relative_reference(folder)
    rows = [
        {
            "name": server.name,
            "url": server.url,
            "plan": None if server.plan is None else plan_content(server.plan, reference),
            "error": None if server.error is None else _error_data(server.error),
        }
        for server in plan.servers
    ]
    content = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "inventory": os.path.relpath(plan.inventory, folder) if plan.inventory else "",
        "servers": rows,
    }
    write_sealed(path, FORMAT, content)


def is_fleet_plan(path: str | os.PathLike[str]) -> bool:
    """Whether a file holds the plans of a fleet, be it whole or not."""
    return is_sealed(path, FORMAT)


def open_fleet_plan(
    path: str | os.PathLike[str], environment: Mapping[str, str] | None = None, *, secrets: bool = True
) -> FleetPlan:
    """Read the plans of a fleet, with the secrets that they refer to.

    A server of which a secret is missing, or is not the one that was planned with, has no plan but this error.

    Args:
        path: The file.
        environment: Where `!env` looks; the environment of the process if None.
        secrets: Whether the secrets are read; plans without can be shown, but not applied.

    Raises:
        FileError: It holds no such plans, is of another version, or is not as it was written.
    """
    data = read_sealed(path, FORMAT, WHAT)
    for key in ("format", "format_version", "kit"):
        del data[key]
    try:
        checked = FleetPlanData.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        message = f"the {WHAT} {os.fspath(path)} is not one that this kit wrote: {where}: {first['msg']}"
        raise FileError(message, hint="Make the plan anew.") from None
    inventory = os.path.join(os.path.dirname(path), checked.inventory) if checked.inventory else ""
    return FleetPlan(inventory, tuple(_rows(checked, path, environment, secrets=secrets)))


def _rows(
    checked: FleetPlanData, path: str | os.PathLike[str], environment: Mapping[str, str] | None, *, secrets: bool
) -> Iterator[ServerPlan]:
    for row in checked.servers:
        plan, error = None, None if row.error is None else _error(row.error)
        if row.plan is not None:
            try:
                plan = plan_from(row.plan, path, environment, secrets=secrets)
            except ProblemsError as problems:
                error = problems
            if plan is not None and plan.server.url != row.url:
                raise FileError(f"the {WHAT} {os.fspath(path)} is not one that this kit wrote: {row.name}: its URL")
        yield ServerPlan(row.name, row.url, plan, error)


def _error_data(error: OrthancStateError) -> dict[str, Any]:
    problems = getattr(error, "problems", ())
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "problems": [problem_data(problem) for problem in problems],
    }


def _error(data: ErrorData) -> OrthancStateError:
    error = (
        ProblemsError(data.message, [problem_from(problem) for problem in data.problems])
        if data.problems
        else OrthancStateError(data.message)
    )
    error.code = data.code
    error.hint = data.hint
    return error
