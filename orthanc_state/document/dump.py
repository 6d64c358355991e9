"""Writes the state of a server as a canonical document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from orthanc_state.document.load import VERSION
from orthanc_state.document.write import References, as_yaml, placed_in, plain, without_invalid
from orthanc_state.errors import Problem
from orthanc_state.kinds.fingerprint import Fingerprints
from orthanc_state.kinds.kind import Context
from orthanc_state.kinds.registry import resource_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthanc_state.kinds.live import Live


@dataclass(frozen=True, slots=True)
class Dump:
    """The state of a server as a document.

    Attributes:
        data: The document as plain data; a secret stands in it as `!env NAME`.
        variables: The environment variables that have to be set before it can be used.
        warnings: What is on the server but could not be written.
        text: The document as YAML.
    """

    data: Mapping[str, Any]
    variables: tuple[str, ...]
    warnings: tuple[Problem, ...]
    text: str


def dumped(live: Live) -> Dump:
    """The document of which a plan against the same server is empty.

    What the server never returns is written as a reference to an environment variable.
    """
    data: dict[str, Any] = {"version": VERSION}
    warnings: list[Problem] = []
    references = References()
    context = Context(live.server.number, Fingerprints())
    for kind in resource_kinds():
        if kind.lack(live.raw[kind.name]) is not None:
            continue
        section = kind.dump(kind.live(live.raw[kind.name], None, context), context)
        section = without_invalid(kind, references.section(kind, section), partial(_left_out, warnings))
        if section is not None:
            placed_in(data, kind, section)
    variables = references.variables
    return Dump(plain(data), variables, tuple(warnings), as_yaml(data, _comments(live, variables)))


def _left_out(warnings: list[Problem], path: Sequence[str | int], problem: Problem) -> None:
    message = f"left out, since no document can declare it: {problem.message}"
    warnings.append(Problem(message, field=problem.field))


def _comments(live: Live, variables: Sequence[str]) -> list[str]:
    name, version = (re.sub(r"[^\x20-\x7e]", "?", text) for text in (live.server.name, live.server.version))
    first = f"The state of the Orthanc {name!r} ({version})."
    return [first, *secret_comments(variables, "Orthanc never returns secrets")] if variables else [first]


def secret_comments(variables: Sequence[str], why: str) -> list[str]:
    """What the reader of a document has to know of the secrets in it."""
    return [
        f"{why}: set these environment variables, or refer to files with !file PATH.",
        *(f"  {variable}" for variable in variables),
        "What stands under `ignore` is left as it is: take it out once the variable is set right.",
    ]
