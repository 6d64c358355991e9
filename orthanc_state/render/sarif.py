"""What checks found as SARIF 2.1.0 (OASIS), which forges show beside the lines of the documents."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orthanc_state
from orthanc_state.checks.result import Result, Status
from orthanc_state.render.line import safe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthanc_state.checks.check import Check

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_KINDS = {
    Status.OK: ("pass", "none"),
    Status.WARNING: ("fail", "warning"),
    Status.FAILED: ("fail", "error"),
    Status.SKIPPED: ("notApplicable", "none"),
    Status.UNKNOWN: ("open", "none"),
}
"""The kind and the level of a result; only what fails has a level."""


def check_sarif(results: Sequence[Result], checks: Sequence[Check], files: Mapping[str, str]) -> dict[str, Any]:
    """Results as a log with one run.

    Args:
        results: The results.
        checks: The checks that were made.
        files: For each server the file that stands for it, where nothing in it is meant.
    """
    names = [check.name for check in checks]
    rules = [{"id": check.name, "shortDescription": {"text": _text(check.summary)}} for check in checks]
    driver = {"name": "orthanc-state", "version": orthanc_state.__version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": [_result(result, names.index(result.check), files.get(result.server, "")) for result in results],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(result: Result, rule: int, file: str) -> dict[str, Any]:
    kind, level = _KINDS[result.status]
    hint = f" ({result.hint})" if result.hint else ""
    identity = " ".join((result.check, result.server, result.target)).encode("utf-8", "surrogatepass")
    return {
        "ruleId": result.check,
        "ruleIndex": rule,
        "kind": kind,
        "level": level,
        "message": {"text": _text(f"{result.server} {result.target}: {result.message}{hint}")},
        "locations": [_location(result, file)],
        "partialFingerprints": {"orthancState/v1": sha256(identity).hexdigest()},
    }


def _location(result: Result, file: str) -> dict[str, Any]:
    name = safe(f"{result.server}/{result.target}")
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": name, "kind": "resource"}]}
    place = result.place
    if place is not None or file:
        physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.file if place is not None else file)}}
        if place is not None and place.line:
            physical["region"] = {"startLine": place.line, "startColumn": max(place.column, 1)}
        location["physicalLocation"] = physical
    return location


def _uri(file: str) -> str:
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _text(text: str) -> str:
    """A message: braces stand for values in SARIF unless they are doubled, and `[text](address)` is a link."""
    return safe(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")
