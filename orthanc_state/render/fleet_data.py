"""The plan, the report and the inventory of a fleet as plain data, for `--json`; no secret is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.fleet.plan import Standing
from orthanc_state.render.data import error_data, plan_data, problem_data, report_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthanc_state.fleet.inventory import Inventory
    from orthanc_state.fleet.member import Member
    from orthanc_state.fleet.plan import FleetPlan
    from orthanc_state.fleet.report import FleetReport


def fleet_plan_data(plan: FleetPlan) -> dict[str, Any]:
    """The plans of a fleet."""
    standings = [server.standing for server in plan.servers]
    return {
        "inventory": plan.inventory,
        "in_sync": plan.in_sync,
        "summary": {standing.value.replace(" ", "_"): standings.count(standing) for standing in Standing},
        "servers": [
            {
                "name": server.name,
                "url": server.url,
                "state": server.standing.value,
                "error": None if server.error is None else error_data(server.error),
                "plan": None if server.plan is None else plan_data(server.plan),
            }
            for server in plan.servers
        ],
        "warnings": [problem_data(warning) for warning in plan.warnings],
    }


def fleet_report_data(report: FleetReport) -> dict[str, Any]:
    """What an apply did to a fleet."""
    return {
        "ok": report.ok,
        "interrupted": report.interrupted,
        "stopped": report.stopped,
        "waves": report.waves,
        "servers": [
            {
                "name": server.name,
                "url": server.url,
                "wave": server.wave,
                "state": server.done.value,
                "reason": server.reason,
                "error": None if server.error is None else error_data(server.error),
                "report": None if server.report is None else report_data(server.report),
            }
            for server in report.servers
        ],
    }


def inventory_data(inventory: Inventory, members: Sequence[Member]) -> dict[str, Any]:
    """Servers of an inventory."""
    return {
        "inventory": str(inventory.path),
        "groups": list(inventory.groups),
        "servers": [
            {
                "name": member.name,
                "url": member.url,
                "groups": list(member.groups),
                "documents": list(map(inventory.shown, member.documents)),
                "variables": list(member.variables),
            }
            for member in members
        ],
    }
