"""Several configuration files, or folders of them, as the one configuration that Orthanc makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orthanc_state.configuration.environment import Variable, container_sources
from orthanc_state.configuration.reader import MAX_BYTES, parse
from orthanc_state.document.merge import merged
from orthanc_state.document.source import Source
from orthanc_state.errors import Place, Problem, ProblemsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class ConfigurationError(ProblemsError):
    """A configuration cannot be read, or not be written; it holds everything that stands in the way."""

    code = "configuration-invalid"
    remedy = (
        "Orthanc would not start with these files. Each problem has its file, line and column. Variables that they "
        "refer to are given by `--env-file` or `--environment`."
    )


@dataclass(frozen=True, slots=True)
class Configuration:
    """One configuration.

    Attributes:
        data: Its options; the texts in it are `Text`. Secrets may stand in it, so it is never shown.
        sources: Where they stand.
        warnings: What Orthanc takes but was hardly meant.
        unread: What is configuration but could not be read.
    """

    data: Mapping[str, Any]
    sources: tuple[Source, ...]
    warnings: tuple[Problem, ...]
    unread: tuple[Problem, ...]


def read(paths: Iterable[Path], variables: Mapping[str, Variable], problems: Iterable[Problem] = ()) -> Configuration:
    """Read files and folders as Orthanc reads a folder: a section may stand in one file only.

    What the container images would take from the environment comes on top of them, key by key.

    Args:
        paths: The files, and folders of which every `.json` file is read.
        variables: The environment that the files refer to.
        problems: What was found wrong before.

    Raises:
        ConfigurationError: With everything for which Orthanc would not start.
    """
    found = list(problems)
    environment = {name: variable.value for name, variable in variables.items()}
    sources = [_read(file, environment) for path in paths for file in _files(path, found)]
    data: dict[str, Any] = {}
    first: dict[str, Source] = {}
    for source in sources:
        found += source.problems
        for section, value in (source.data or {}).items():
            if section in data:
                place = source.find((section,), lambda path: (), of_key=True)[1]
                message = f"the section `{section}` stands in {first[section].name} too: Orthanc would not start"
                found.append(Problem(message, place, section, "make one section of the two"))
            else:
                data[section], first[section] = value, source
    unread: list[Problem] = []
    overlays = container_sources(variables, unread)
    for overlay in overlays:
        found += overlay.problems
        data = merged(data, overlay.data or {}, lambda path: True)
    if found:
        count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
        raise ConfigurationError(f"{count} in the configuration", found)
    everything = (*sources, *overlays)
    warnings = tuple(warning for source in everything for warning in source.warnings)
    return Configuration(data, everything, warnings, tuple(unread))


def _files(path: Path, problems: list[Problem]) -> list[Path]:
    """A file itself, or the configuration files of a folder; Orthanc does not look into the folders in it."""
    if not path.is_dir():
        return [path]
    try:
        files = sorted(file for file in path.iterdir() if file.suffix.lower() == ".json" and file.is_file())
    except OSError as error:
        problems.append(Problem(f"cannot be read: {error.strerror}", Place(str(path))))
        return []
    if not files:
        problems.append(Problem("this folder holds no configuration file: none ends with .json", Place(str(path))))
    return files


def _read(path: Path, environment: Mapping[str, str]) -> Source:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file can have this name"
        return Source(str(path), problems=[Problem(f"cannot be read: {reason}", Place(str(path)))])
    return parse(content, str(path), environment)
