"""`init`: a document to begin with, and the schema that editors check it with."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from orthanc_state.cli.failure import EXIT_OK
from orthanc_state.cli.files import write_files
from orthanc_state.cli.output import print_json, print_lines
from orthanc_state.document.schema import SCHEMA_FAMILY, schema_text
from orthanc_state.document.starter import starter
from orthanc_state.errors import UnwritableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA_FILE = "orthanc-state.schema.json"


def run_init(file: Path, schema: str, *, json: bool) -> int:
    """Write the document, and its schema beside it where none is named."""
    if os.path.lexists(file):
        raise UnwritableError(
            f"{file} is there already: nothing was written", hint="Name another file, or move that one away."
        )
    texts = _texts(file, schema)
    write_files(texts)
    names = [str(path) for path in texts]
    if json:
        print_json({"written": names})
    else:
        print_lines([(("strong", "Wrote "), ("", " and ".join(names)))])
        print_lines([(("dim", f"Edit it, then: orthanc-state plan {file} --url http://localhost:8042"),)])
    return EXIT_OK


def _texts(file: Path, schema: str) -> Mapping[Path, str]:
    if not schema:
        beside = file.parent / SCHEMA_FILE
        _check_is_ours(beside)
        return {beside: schema_text(), file: starter(file.name, f"./{SCHEMA_FILE}")}
    if not schema.isprintable() or " " in schema:
        raise UsageError(
            "editors read the name of a schema up to the first blank", hint="Write a blank as %20 in a URL."
        )
    return {file: starter(file.name, schema)}


def _check_is_ours(path: Path) -> None:
    """Only a schema that a command like this one wrote is written again."""
    if not os.path.lexists(path):
        return
    try:
        found = json.loads(path.read_bytes())
        ours = isinstance(found, dict) and str(found.get("$id", "")).startswith(SCHEMA_FAMILY)
    except (OSError, ValueError, RecursionError):
        ours = False
    if not ours:
        raise UnwritableError(
            f"{path} is there already, and is no schema of documents: nothing was written",
            hint="Name the schema with --schema, or move that file away.",
        )
