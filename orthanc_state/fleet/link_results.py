"""What the last check of each link said, as a file holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from orthanc_state.document.explain import nearest, short
from orthanc_state.errors import Place, Problem, ProblemsError, UnreadableError

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.fleet.network import Network


class Result(StrEnum):
    """What became of a link when it was last checked."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


_CHECKS = {"echo": False, "echo-back": True}
"""The checks of `check` that are of a link, and whether they are of the one to the server that was checked."""

_STATUSES = {"ok": Result.OK, "warning": Result.OK, "failed": Result.FAILED}
"""What is neither was not found out."""

EXPECTED = 'Expected what `check --json` prints, or such as {"ct1 -> pacs": "ok"}: ok, failed or unknown for each link.'


class LinkResultsError(ProblemsError):
    """A file of results of links holds what is no result."""

    code = "link-results-invalid"
    remedy = "It is what `check --json` printed, or an object of links and `ok`, `failed` or `unknown`."


def read_results(path: Path, network: Network) -> tuple[dict[str, Result], list[Problem]]:
    """The results of links, by their names, and what of the file tells nothing of this network.

    Args:
        path: A JSON file: what `check --json` prints, or an object of names of links, `"ct1 -> pacs"`, and results.
        network: The network that is drawn.

    Raises:
        UnreadableError: The file cannot be read, or holds something else.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnreadableError(f"{path} is not text in UTF-8", hint=EXPECTED) from None
    except (json.JSONDecodeError, RecursionError) as error:
        where = f":{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise UnreadableError(f"{path}{where} is not JSON", hint=EXPECTED) from None
    if not isinstance(data, Mapping):
        raise UnreadableError(f"{path} does not hold the results of links", hint=EXPECTED)
    if isinstance(data.get("results"), list):
        return _of_checks(data["results"], network), []
    return _named(data, path, network)


def _of_checks(rows: list[Any], network: Network) -> dict[str, Result]:
    """The results of C-ECHO that a check found; what is of no link of the network is not shown in it."""
    results: dict[str, Result] = {}
    for row in rows:
        if not isinstance(row, Mapping) or row.get("check") not in _CHECKS:
            continue
        node = network.node_of(str(row.get("server")))
        pair = (node.name if node is not None else "", str(row.get("target")).removeprefix("modalities/"))
        links = network.between.get(pair[::-1] if _CHECKS[row["check"]] else pair, ())
        result = _STATUSES.get(str(row.get("status")), Result.UNKNOWN)
        if links and results.get(links[0].name) is not Result.FAILED:
            results[links[0].name] = result
    return results


def _named(data: Mapping[str, Any], path: Path, network: Network) -> tuple[dict[str, Result], list[Problem]]:
    names = [link.name for link in network.links]
    results: dict[str, Result] = {}
    wrong: list[Problem] = []
    unknown: list[Problem] = []
    for name, value in data.items():
        if value not in list(Result):
            hint = nearest(str(value), list(Result)) or f"expected {', '.join(Result)}"
            wrong.append(Problem("this is no result", Place(str(path)), short(name), hint))
        elif name not in names:
            unknown.append(Problem("the network has no such link", Place(str(path)), short(name), nearest(name, names)))
        else:
            results[name] = Result(value)
    if wrong:
        raise LinkResultsError(f"{path} does not hold the results of links", wrong)
    return results, unknown
