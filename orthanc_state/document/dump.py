"""Writes the state of a server as a canonical document."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from orthanc_state.document.explain import explained
from orthanc_state.document.load import VERSION
from orthanc_state.errors import Problem
from orthanc_state.kinds.fingerprint import Fingerprints
from orthanc_state.kinds.kind import Context
from orthanc_state.kinds.registry import resource_kinds
from orthanc_state.kinds.secret import Secret
from orthanc_state.kinds.state import Hidden

if TYPE_CHECKING:
    from ruamel.yaml.nodes import ScalarNode
    from ruamel.yaml.representer import RoundTripRepresenter

    from orthanc_state.kinds.kind import Kind
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


class _Reference(str):
    """The name of an environment variable, which is written with the tag `!env`."""


def dumped(live: Live) -> Dump:
    """The document of which a plan against the same server is empty.

    What the server never returns is written as a reference to an environment variable. Where the server holds no
    fingerprint of it, nobody can tell whether the value in that variable is the right one: such a field is put under
    `ignore`, which leaves it as it is until the author of the document takes it out.
    """
    data: dict[str, Any] = {"version": VERSION}
    variables: list[str] = []
    warnings: list[Problem] = []
    context = Context(live.server.number, Fingerprints())
    for kind in resource_kinds():
        if kind.lack(live.raw[kind.name]) is not None:
            continue
        section = kind.dump(kind.live(live.raw[kind.name], None, context), context)
        section = _without_invalid(kind, _referring(kind, section, variables), warnings)
        if section is None:
            continue
        group = data
        for key in kind.path[:-1]:
            group = group.setdefault(key, {})
        group[kind.path[-1]] = section
    text = _yaml(data, live, variables)
    return Dump(_plain(data), tuple(variables), tuple(warnings), text)


def _referring(kind: Kind, section: Any, variables: list[str]) -> Any:
    """A section with references in place of what is hidden."""
    if not kind.prunable:
        return section
    return {name: _referring_entry((*kind.path, name), entry, variables) for name, entry in section.items()}


def _referring_entry(path: tuple[str, ...], entry: Mapping[str, Any], variables: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    unknown: list[str] = []
    for name, value in entry.items():
        if isinstance(value, Hidden):
            # A password is there for every user; of the other fields nobody knows whether they are there at all.
            if value.secret and (value.digest is not None or name == "password"):
                result[name] = _reference((*path, name), variables)
            if value.digest is None or not value.secret:
                unknown.append(name)
        elif isinstance(value, Mapping) and any(isinstance(item, Hidden) for item in value.values()):
            if any(item.digest is None for item in value.values()):
                unknown.append(name)
            result[name] = {key: _reference((*path, name, key), variables) for key in value}
        else:
            result[name] = value
    if unknown:
        result["ignore"] = unknown
    return result


def _reference(path: tuple[str, ...], variables: list[str]) -> _Reference:
    name = re.sub(r"[^A-Za-z0-9]+", "_", "_".join(("orthanc", *path))).upper()
    while name in variables:
        name += "_"
    variables.append(name)
    return _Reference(name)


def _without_invalid(kind: Kind, section: Any, warnings: list[Problem]) -> Any:
    """A section without the entries that a server takes and a document does not, an AE title too long for one."""
    try:
        kind.parse(kind.canonical(_with_secrets(section)))
    except ValidationError as error:
        for path, _, problem in explained(error, kind):
            if isinstance(section, dict) and len(path) > len(kind.path):
                section = {name: entry for name, entry in section.items() if name != path[len(kind.path)]}
            else:
                section = None
            message = f"left out, since no document can declare it: {problem.message}"
            warnings.append(Problem(message, field=problem.field))
    return section


def _with_secrets(value: Any) -> Any:
    if isinstance(value, _Reference):
        return Secret("?", f"!env {value}")
    if isinstance(value, Mapping):
        return {key: _with_secrets(item) for key, item in value.items()}
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, _Reference):
        return f"!env {value}"
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _writable(value: Any) -> Any:
    """Data with every text quoted that would end a line where no editor shows one."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if isinstance(value, Mapping):
        return {_writable(key): _writable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_writable(item) for item in value]
    unseen = type(value) is str and re.search("[\x85\u2028\u2029\ufeff]", value)
    return DoubleQuotedScalarString(value) if unseen else value


def _yaml(data: Mapping[str, Any], live: Live, variables: list[str]) -> str:
    from ruamel.yaml import YAML

    class Representer(YAML().Representer):  # type: ignore[misc]
        """Writes references with their tag."""

    def represent(representer: RoundTripRepresenter, value: _Reference) -> ScalarNode:
        return representer.represent_scalar("!env", str(value))

    yaml = YAML()
    yaml.Representer = Representer
    yaml.representer.add_representer(_Reference, represent)
    yaml.default_flow_style = False
    yaml.width = 110
    out = io.StringIO()
    name, version = (re.sub(r"[^\x20-\x7e]", "?", text) for text in (live.server.name, live.server.version))
    out.write(f"# The state of the Orthanc {name!r} ({version}).\n")
    if variables:
        out.write(
            "# Orthanc never returns secrets: set these environment variables, or refer to files with !file PATH.\n"
        )
        out.writelines(f"#   {variable}\n" for variable in variables)
        out.write("# What stands under `ignore` is left as it is: take it out once the variable is set right.\n")
    yaml.dump(_writable(data), out)
    return out.getvalue()
