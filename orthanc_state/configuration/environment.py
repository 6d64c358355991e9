"""Where the environment of an Orthanc is known from: a file of `NAME=value` lines, and this process's own.

The container images of Orthanc also take their configuration from it: `ORTHANC__DICOM_WEB__ROOT` is `Root` of
`DicomWeb`, `ORTHANC_JSON` a whole configuration. A value is JSON where it can be read as such, and text otherwise.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from orthanc_state.configuration.reader import Text, nodes_of, parse, text_of
from orthanc_state.configuration.variables import Reference
from orthanc_state.document.source import Source
from orthanc_state.errors import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

PREFIX = "ORTHANC__"
WHOLE = "ORTHANC_JSON"
SECRET = "_SECRET"  # noqa: S105
"""How the name of a variable ends of which the value is the name of a file in the container."""

SPECIAL = {
    "ORTHANC__CASE_SENSITIVE_PN": "CaseSensitivePN",
    "ORTHANC__HTTPS_CA_CERTIFICATES": "HttpsCACertificates",
    "ORTHANC__STORE_MD5_FOR_ATTACHMENTS": "StoreMD5ForAttachments",
}
"""The names that do not follow the rule; of plugins other than DICOMweb there are more."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: its value, and where that stands."""

    value: str
    place: Place


def from_process() -> dict[str, Variable]:
    """The environment of this process."""
    return {name: Variable(value, Place(f"environment variable {name}")) for name, value in os.environ.items()}


def from_file(path: Path, problems: list[Problem]) -> dict[str, Variable]:
    """The variables of a file as Docker and Podman read it; quotes around a value are taken off, as Compose does.

    Args:
        path: The file.
        problems: What is wrong with it is added to.
    """
    name = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        problems.append(Problem(f"cannot be read: {reason}", Place(name)))
        return {}
    found: dict[str, Variable] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, equals, value = line.partition("=")
        key = key.strip().removeprefix("export ").strip()
        if not equals or not key:
            # The line is not quoted: it may be a secret that lost its beginning.
            problems.append(Problem("expected a line such as NAME=value", Place(name, number, 1)))
            continue
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
        found[key] = Variable(value[1:-1] if quoted else value, Place(name, number, 1))
    return found


def container_sources(variables: Mapping[str, Variable], unread: list[Problem]) -> list[Source]:
    """What the container images would make of the environment, as one source for each variable.

    Args:
        variables: The environment.
        unread: What is configuration but cannot be read is added to.
    """
    environment = {name: variable.value for name, variable in variables.items()}
    return [
        source
        for name, variable in variables.items()
        if name == WHOLE or name.startswith(PREFIX)
        for source in _sources(name, variable, environment, unread)
    ]


def _sources(name: str, variable: Variable, environment: Mapping[str, str], unread: list[Problem]) -> Iterable[Source]:
    place = variable.place
    if name == WHOLE:
        whole = parse(variable.value.encode("utf-8", "surrogatepass"), f"{place} {name}", environment)
        yield whole
        return
    if name.endswith(SECRET):
        unread.append(Problem("a file in the container holds the value", place, name))
        return
    keys = SPECIAL[name].split(".") if name in SPECIAL else [_camel_case(part) for part in name[9:].split("__")]
    if not all(keys):
        unread.append(Problem("this is not the name of an option", place, name))
        return
    data: Any = reduce(lambda value, key: {key: value}, reversed(keys), _value(name, variable))
    yield Source(place.file, data, nodes_of(data, place))


def _value(name: str, variable: Variable) -> Any:
    try:
        return _placed(json.loads(variable.value), variable.place)
    except (ValueError, RecursionError):
        reference = Reference(name, False, True, (0, len(variable.value)), (0, 0))
        return text_of(variable.value, variable.place, (reference,), whole=True)


def _placed(data: Any, place: Place) -> Any:
    """Data with every text knowing its place."""
    if isinstance(data, dict):
        return {key: _placed(value, place) for key, value in data.items()}
    if isinstance(data, list):
        return [_placed(item, place) for item in data]
    return text_of(data, place, (), whole=False) if isinstance(data, str) and not isinstance(data, Text) else data


def _camel_case(words: str) -> str:
    """`DICOM_MODALITIES` as `DicomModalities`."""
    return "".join(word[:1] + word[1:].lower() for word in words.split("_"))
