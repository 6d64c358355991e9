"""What the last check of each link said, as a file holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from orthanc_state.document.explain import nearest, short
from orthanc_state.errors import OrthancStateError, Place, Problem, ProblemsError

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.fleet.network import Network


class Result(StrEnum):
    """What became of a link when it was last checked."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


def read_results(path: Path, network: Network) -> tuple[dict[str, Result], list[Problem]]:
    """The results of links, by their names, and what of the file tells nothing of this network.

    Args:
        path: A JSON file with an object of names of links, `"ct1 -> pacs"`, and results: `ok`, `failed` or `unknown`;
            it may stand in the key `links` of a larger one.
        network: The network that is drawn.

    Raises:
        OrthancStateError: The file cannot be read, or holds something else.
    """
    expected = 'Expected such as {"ct1 -> pacs": "ok"}: ok, failed or unknown for each link.'
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OrthancStateError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise OrthancStateError(f"{path} is not text in UTF-8", hint=expected) from None
    except (json.JSONDecodeError, RecursionError) as error:
        where = f":{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise OrthancStateError(f"{path}{where} is not JSON", hint=expected) from None
    if isinstance(data, Mapping) and isinstance(data.get("links"), Mapping):
        data = data["links"]
    if not isinstance(data, Mapping):
        raise OrthancStateError(f"{path} does not hold the results of links", hint=expected)
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
        raise ProblemsError(f"{path} does not hold the results of links", wrong)
    return results, unknown
