"""Makes the fragment of `orthanc.json` with which a server starts as a document says.

Orthanc puts the values of environment variables into the text of its files before it reads them as JSON. So a secret
can stand there as a reference, its value has to be written as in a JSON text, and no other text may look like one.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from orthanc_state.configuration.files import ConfigurationError
from orthanc_state.document.explain import dotted
from orthanc_state.document.source import snake_case
from orthanc_state.document.write import variable_for
from orthanc_state.errors import Problem
from orthanc_state.kinds.collection import Collection
from orthanc_state.kinds.kind import Context
from orthanc_state.kinds.secret import Secret
from orthanc_state.kinds.version import MAINLINE, Version

if TYPE_CHECKING:
    from orthanc_state.document.document import Document
    from orthanc_state.kinds.kind import Kind

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DANGEROUS = re.compile(r"[$#'`]|^ | $")
"""What one or the other reader of environment files takes for more than itself."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A fragment of `orthanc.json`.

    Attributes:
        data: What it says; a secret stands in it as `${NAME}`.
        text: The file. It holds no secret.
        variables: The environment variables that it refers to.
        elsewhere: What the document says and no configuration file can hold, and what can be done instead.
    """

    data: Mapping[str, Any]
    text: str
    variables: tuple[str, ...]
    elsewhere: tuple[Problem, ...]
    _lines: tuple[str, ...]

    @property
    def environment(self) -> str:
        """The file of the variables, for containers. It holds the secrets."""
        return "".join(self._lines)

    def __repr__(self) -> str:
        return f"<Rendered {', '.join(self.data)}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("the secrets in it are not to be stored")


def rendered(
    document: Document,
    *,
    with_environment: bool = False,
    version: Version = MAINLINE,
    previous: Mapping[str, Any] | None = None,
) -> Rendered:
    """The fragment of `orthanc.json` for a document.

    Args:
        document: The document.
        with_environment: Whether the file of the variables is written too, so that every secret can have one.
        version: The version of Orthanc that is to read it.
        previous: The fragment that it replaces: its salts are used again, so that nothing changes without a reason.

    Raises:
        ConfigurationError: A secret cannot be referred to, or the version is too old for something.
    """
    return _Renderer(document, version, with_environment=with_environment).run(previous or {})


class _Renderer:
    def __init__(self, document: Document, version: Version, *, with_environment: bool) -> None:
        self._document = document
        self._context = Context(version, document.fingerprints)
        self._with_environment = with_environment
        self._values: dict[str, Secret] = {}
        self._problems: list[Problem] = []
        # Stands before the name of a variable until the text is made: no text of a document holds it.
        self._mark = secrets.token_hex(16)

    def run(self, previous: Mapping[str, Any]) -> Rendered:
        data: dict[str, Any] = {}
        elsewhere: list[Problem] = []
        for kind in self._document.kinds:
            section = self._document.sections[kind.name]
            self._check_version(kind, section)
            for path, value in kind.configured(section, self._context, _at(previous, kind.orthanc_path)).items():
                group = data
                for key in path[:-1]:
                    group = group.setdefault(key, {})
                group[path[-1]] = self._referring(kind, value, ())
            for where, message in kind.elsewhere(section):
                elsewhere.append(self._problem((*kind.path, *where), message))
        if self._problems:
            count = "1 problem stands" if len(self._problems) == 1 else f"{len(self._problems)} problems stand"
            raise ConfigurationError(f"{count} in the way; nothing was written", self._problems)
        text = json.dumps(data, indent=2, ensure_ascii=False).replace("${", "\\u0024{")
        text = re.sub(self._mark + r"(\w+)", r"${\1}", text, flags=re.ASCII)
        lines = tuple(f"{name}={escaped(secret.reveal())}\n" for name, secret in self._values.items())
        return Rendered(self._plain(data), text + "\n", tuple(self._values), tuple(elsewhere), lines)

    def _check_version(self, kind: Kind, section: Any) -> None:
        if not isinstance(kind, Collection):
            return
        version = ".".join(map(str, self._context.version))
        for wanted in kind.wanted(section, kind.as_read({}), {}, self._context):
            for needed in wanted.requirements:
                message = f"`{needed.what}` needs Orthanc {needed.since}, and this is for {version}"
                self._problems.append(self._problem((*kind.path, *needed.path), message))

    def _referring(self, kind: Kind, value: Any, path: tuple[str, ...]) -> Any:
        """What is to be written, with marks in place of secrets."""
        if isinstance(value, Mapping):
            return {key: self._referring(kind, item, (*path, key)) for key, item in value.items()}
        if not isinstance(value, Secret):
            return value
        entry, field, *rest = path
        where = (*kind.path, entry, snake_case(field), *rest)
        name = value.reference.removeprefix("!env ")
        if name == value.reference or not _VARIABLE.fullmatch(name):
            name = variable_for(where, set(self._values))
            if not self._with_environment:
                message = "this secret comes from no environment variable that Orthanc could be told of"
                self._problems.append(self._problem(where, message, "use !env NAME, or give --env-file"))
        elif not self._with_environment and re.search(r'["\\\x00-\x1f]', value.reveal()):
            message = f"Orthanc cannot take the value of {name} as it is: it has a quote, a backslash or a line break"
            hint = "give --env-file, where it is written as Orthanc needs it"
            self._problems.append(self._problem(where, message, hint))
        if self._values.get(name, value) != value:
            message = f"two secrets would have the variable {name}"
            self._problems.append(self._problem(where, message, "give the other one a variable by !env"))
        self._values[name] = value
        return self._mark + name

    def _plain(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self._plain(item) for key, item in value.items()}
        if isinstance(value, str) and value.startswith(self._mark):
            return f"${{{value.removeprefix(self._mark)}}}"
        return value

    def _problem(self, path: tuple[str | int, ...], message: str, hint: str = "") -> Problem:
        return Problem(message, self._document.place(path), dotted(path), hint)


def escaped(value: str) -> str:
    """A secret as it has to be in the environment of Orthanc: as in a JSON text, and plain to who reads the file."""
    text = json.dumps(value)[1:-1]
    return _DANGEROUS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _at(data: Any, path: tuple[str, ...]) -> Any:
    """What stands at a path; None when nothing does."""
    for key in path:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data if path and isinstance(data, Mapping) else None
