"""A document as text: canonical YAML, with references in place of secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from orthanc_state.document.emit import yaml_text
from orthanc_state.document.explain import explained
from orthanc_state.kinds.secret import Secret
from orthanc_state.kinds.state import Hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orthanc_state.errors import Problem
    from orthanc_state.kinds.kind import Kind


class _Reference(str):
    """The name of an environment variable, which is written with the tag `!env`."""


class References:
    """The environment variables that a document refers to.

    Args:
        names: The variables that are known already, by the path of the secret.
    """

    def __init__(self, names: Mapping[tuple[str, ...], str] | None = None) -> None:
        self._names = names or {}
        self._used: dict[str, None] = {}

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that have to be set before the document can be used."""
        return tuple(self._used)

    def section(self, kind: Kind, section: Any) -> Any:
        """A section with references in place of what is hidden.

        Where the server holds no fingerprint, nobody can tell whether the value in a variable is the right one: such a
        field is put under `ignore`, which leaves it as it is until the author of the document takes it out.
        """
        if not kind.prunable:
            return section
        return {name: self._entry((*kind.path, name), entry) for name, entry in section.items()}

    def _entry(self, path: tuple[str, ...], entry: Mapping[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        unknown: list[str] = []
        for name, value in entry.items():
            if isinstance(value, Hidden):
                # A password is there for every user; of the other fields nobody knows whether they are there at all.
                given = (*path, name) in self._names
                if given or (value.secret and (value.digest is not None or name == "password")):
                    result[name] = self._reference((*path, name))
                if value.digest is None or not value.secret:
                    unknown.append(name)
            elif isinstance(value, Mapping) and any(isinstance(item, Hidden) for item in value.values()):
                if any(item.digest is None for item in value.values()):
                    unknown.append(name)
                result[name] = {key: self._reference((*path, name, key)) for key in value}
            else:
                result[name] = value
        if unknown:
            result["ignore"] = unknown
        return result

    def _reference(self, path: tuple[str, ...]) -> _Reference:
        name = self._names.get(path)
        if name is None:
            name = variable_for(path, {*self._used, *self._names.values()})
        self._used[name] = None
        return _Reference(name)


def variable_for(path: Sequence[str], taken: set[str]) -> str:
    """The environment variable for the secret at a path: `ORTHANC_PEERS_BACKUP_PASSWORD`."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", "_".join(("orthanc", *path))).upper()
    while name in taken:
        name += "_"
    return name


def without_invalid(kind: Kind, section: Any, left: Callable[[tuple[str | int, ...], Problem], None]) -> Any:
    """A section without the entries that a server takes and a document does not, an AE title too long for one.

    Args:
        kind: The kind.
        section: Its section.
        left: Called with the path and the problem of each that is left out.
    """
    try:
        kind.parse(kind.canonical(_with_secrets(section)))
    except ValidationError as error:
        for path, _, problem in explained(error, kind):
            left(path, problem)
            if isinstance(section, dict) and len(path) > len(kind.path):
                section = {name: entry for name, entry in section.items() if name != path[len(kind.path)]}
            else:
                section = None
    return section


def placed_in(data: dict[str, Any], kind: Kind, section: Any) -> None:
    """Put a section where it stands in a document."""
    group = data
    for key in kind.path[:-1]:
        group = group.setdefault(key, {})
    group[kind.path[-1]] = section


def plain(value: Any) -> Any:
    """A document as plain data; a secret stands in it as `!env NAME`."""
    if isinstance(value, _Reference):
        return f"!env {value}"
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value


def as_yaml(data: Mapping[str, Any], comments: Sequence[str]) -> str:
    """A document as YAML.

    Args:
        data: The document.
        comments: The lines that stand above it.
    """
    return "".join([*(f"# {comment}\n" for comment in comments), yaml_text(_writable(_with_secrets(data)))])


def _with_secrets(value: Any) -> Any:
    if isinstance(value, _Reference):
        return Secret("?", f"!env {value}")
    if isinstance(value, Mapping):
        return {key: _with_secrets(item) for key, item in value.items()}
    return value


def _writable(value: Any) -> Any:
    """Data with every text quoted that would end a line where no editor shows one, and no variable in any."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if isinstance(value, Mapping):
        return {_writable(key): _writable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_writable(item) for item in value]
    if type(value) is str:
        value = value.replace("${", "$${")
    unseen = type(value) is str and re.search("[\x85\u2028\u2029\ufeff]", value)
    return DoubleQuotedScalarString(value) if unseen else value
