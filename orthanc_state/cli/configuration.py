"""`import-config` and `render-config`: Orthanc's own configuration files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from orthanc_state.cli.documents import document_of
from orthanc_state.cli.failure import EXIT_OK
from orthanc_state.cli.output import print_json, print_lines
from orthanc_state.client.partial_file import PartialFile
from orthanc_state.engine import import_configuration, render_configuration
from orthanc_state.errors import UnwritableError, UsageError
from orthanc_state.render.data import problem_data
from orthanc_state.render.line import safe
from orthanc_state.render.text import warning_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from orthanc_state.cli.fleet_options import VariableOptions
    from orthanc_state.errors import Problem
    from orthanc_state.render.line import Line


def run_import(
    files: Sequence[Path], *, env_files: Sequence[Path], environment: bool, out: Path | None, json: bool
) -> int:
    """Print the document, and on standard error what is not in it."""
    found = import_configuration(files, env_files=env_files, environment=environment)
    if out is not None:
        write_whole(out, found.text)
    print_lines([warning_line(warning) for warning in found.warnings], error=True)
    print_lines(_listed("Not in the document:", found.left_out), error=True)
    if json:
        print_json(
            {
                "document": found.data,
                "variables": list(found.variables),
                "left_out": [problem_data(problem) for problem in found.left_out],
                "warnings": [problem_data(warning) for warning in found.warnings],
            }
        )
    elif out is None:
        sys.stdout.write(found.text)
    return EXIT_OK


def run_render(
    files: Sequence[Path],
    variables: VariableOptions,
    *,
    out: Path | None,
    env_file: Path | None,
    version: str,
    json: bool,
) -> int:
    """Print the fragment of `orthanc.json`, and on standard error what cannot be in it."""
    if version and not version[0].isdigit():
        raise UsageError(f"`{version}` is no version of Orthanc", hint="Give --orthanc 1.12.7, for example.")
    document = document_of(files, variables)
    found = render_configuration(document, with_environment=env_file is not None, version=version, previous=out)
    # The secrets first: a configuration without them would start a server that has none.
    if env_file is not None:
        write_whole(env_file, found.environment, mode=0o600)
    if out is not None:
        write_whole(out, found.text)
    print_lines([warning_line(warning) for warning in document.warnings], error=True)
    print_lines(_listed("Not in the configuration:", found.elsewhere), error=True)
    if json:
        print_json(
            {
                "configuration": found.data,
                "variables": list(found.variables),
                "elsewhere": [problem_data(problem) for problem in found.elsewhere],
            }
        )
    elif out is None:
        sys.stdout.write(found.text)
    return EXIT_OK


def write_whole(path: Path, text: str, *, mode: int = 0o666) -> None:
    """Write a file that appears under its name only when it is whole.

    Args:
        path: The file.
        text: What is written.
        mode: The rights that it gets, as far as the umask leaves them.

    Raises:
        UnwritableError: It cannot be written.
    """
    try:
        with PartialFile(path, mode) as file:
            file.write(text.encode())
            file.sync()
    except OSError as error:
        raise UnwritableError(f"cannot write {path}: {error.strerror or error}") from None


def _listed(title: str, problems: Iterable[Problem]) -> list[Line]:
    lines: list[Line] = [(("", f"  {safe(problem)}"),) for problem in problems]
    return [(("strong", title),), *lines] if lines else []
