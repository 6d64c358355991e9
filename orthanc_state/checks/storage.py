"""Whether there is room yet below the limits of the storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.checks.check import Check
from orthanc_state.checks.result import Finding, failed, ok, unknown, warning

if TYPE_CHECKING:
    from orthanc_state.checks.subject import Subject

NEAR = 0.9
"""The part of a limit from which on it is near."""

LIMITS = {"MaximumStorageSize": ("TotalDiskSizeMB", "MB"), "MaximumPatientCount": ("CountPatients", "patients")}
"""Each limit of `/system` with what of `/statistics` it limits, and in which unit. 0 is no limit."""


def _look(subject: Subject, target: str) -> Finding:
    system: dict[str, Any] = dict(subject.system)
    if not LIMITS.keys() <= system.keys():
        return unknown("the server does not tell its limits", "newer versions do: see MaximumStorageSize there")
    limits = {name: system[name] for name in LIMITS if system[name]}
    if not limits:
        return ok("there is no limit but the disk")
    statistics: dict[str, Any] = dict(subject.reader.statistics())
    used = {name: int(statistics[LIMITS[name][0]]) for name in limits}
    fullest = max(limits, key=lambda name: used[name] / limits[name])
    share = used[fullest] / limits[fullest]
    said = f"{used[fullest]:,} of {limits[fullest]:,} {LIMITS[fullest][1]} ({share:.0%} of {fullest})"
    if share < NEAR:
        return ok(said)
    hint = f"raise {fullest}, or delete what is not needed"
    if system.get("MaximumStorageMode") == "Reject":
        if share >= 1:
            return failed(f"{said}: what arrives is rejected", hint)
        return warning(f"{said}: soon what arrives is rejected", hint)
    return warning(f"{said}: for what arrives the oldest patients that are not protected are deleted", hint)


CHECK = Check("storage", "What is stored is below the limits.", _look)
