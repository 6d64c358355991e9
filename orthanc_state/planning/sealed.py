"""Files of the kit's own: JSON with the name and the version of its format, and a digest over all of it.

The digest shows that a file was changed, cut short or damaged. It is no signature: whoever may write the file can
compute it anew. Who may write a plan must be decided by who may write where it is kept.
"""

from __future__ import annotations

import json
import os
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orthanc_state
from orthanc_state.client.partial_file import PartialFile
from orthanc_state.errors import OrthancStateError, UnwritableError

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
MAX_BYTES = 512 * 2**20
MAX_DEPTH = 40
"""How deep a file may be nested; what the kit writes is not half as deep."""


class FileError(OrthancStateError):
    """A file of the kit's own cannot be written, or cannot be relied on."""

    code = "file-refused"
    remedy = (
        "A saved plan, a snapshot or the plan of a fleet is used as it was written, by the version that wrote it, or "
        "not at all. Make it anew."
    )


def write_sealed(path: str | os.PathLike[str], format: str, content: Mapping[str, Any]) -> None:
    """Write a file that only its owner can read, whole or not at all.

    Args:
        path: The file.
        format: The name of the format: `orthanc-state/plan`.
        content: What stands in it.

    Raises:
        FileError: It cannot be written.
    """
    data = {"format": format, "format_version": VERSION, "kit": orthanc_state.__version__, **content}
    data["digest"] = _digest(data)
    text = json.dumps(data, ensure_ascii=True, indent=1) + "\n"
    try:
        with PartialFile(path, 0o600) as file:
            file.write(text.encode("ascii"))
            file.sync()
    except (OSError, ValueError) as error:
        reason = "no file can have this name"
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
        raise UnwritableError(f"cannot write {os.fspath(path)}: {reason}") from None


def sealed_schema(format: str) -> dict[str, Any]:
    """The JSON Schema of what every file of the kit has."""
    return {
        "format": {"const": format},
        "format_version": {"const": VERSION, "description": "The version of the format."},
        "kit": {"type": "string", "description": "The version of orthanc-state that wrote it; no other one reads it."},
        "digest": {
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
            "description": "SHA-256 of the rest, as JSON with sorted keys, no blanks and nothing but ASCII.",
        },
    }


def is_sealed(path: str | os.PathLike[str], format: str) -> bool:
    """Whether a file begins as one of a format does, be it whole or not."""
    try:
        with Path(path).open("rb") as file:
            return re.match(rb'\s*\{\s*"format"\s*:\s*"' + re.escape(format.encode()), file.read(256)) is not None
    except (OSError, ValueError):
        return False


def read_sealed(path: str | os.PathLike[str], format: str, what: str) -> dict[str, Any]:
    """Read a file and check that it is what was written.

    Args:
        path: The file.
        format: The name of the format.
        what: What it is called in messages: `plan`.

    Raises:
        FileError: It cannot be read, is something else, is of another version, or was changed; with the reason.
    """
    name = os.fspath(path)
    try:
        with Path(path).open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file can have this name"
        raise FileError(f"cannot read the {what} {name}: {reason}") from None
    if len(text) > MAX_BYTES:
        raise FileError(f"the {what} {name} has more than {MAX_BYTES // 2**20} MiB")
    try:
        data = json.loads(text, object_pairs_hook=unique_keys, parse_constant=_no_number, parse_float=_no_number)
    except (ValueError, RecursionError):
        hint = f"Was it cut short or edited? Make the {what} anew."
        raise FileError(f"{name} is not a whole {what}: it is no JSON", hint=hint) from None
    if _is_deep(data):
        raise FileError(
            f"the {what} {name} is not one that this kit wrote: it is nested deeper than {MAX_DEPTH} levels"
        )
    if not isinstance(data, dict) or data.get("format") != format:
        hint = f"A {what} says `format: {format}`."
        raise FileError(f"{name} is no {what}", hint=hint)
    if data.get("format_version") != VERSION:
        found = data.get("format_version")
        raise FileError(f"the {what} {name} has version {found!r} of its format, and this one reads {VERSION}")
    if data.get("kit") != orthanc_state.__version__:
        found = data.get("kit")
        message = f"the {what} {name} was made by orthanc-state {found!r}, and this is {orthanc_state.__version__}"
        raise FileError(message, hint=f"Make the {what} anew with the version that uses it.")
    digest = data.pop("digest", None)
    if digest != _digest(data):
        hint = f"It was edited, damaged or cut short since: make the {what} anew."
        raise FileError(f"the {what} {name} is not as it was written: its digest does not fit", hint=hint)
    return data


def _digest(data: Mapping[str, Any]) -> str:
    return sha256(json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping as JSON has it, each key of which is given once.

    Raises:
        ValueError: One is given twice.
    """
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key is given twice")
    return data


def _is_deep(data: Any) -> bool:
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for each in level
            if isinstance(each, dict | list)
            for item in (each.values() if isinstance(each, dict) else each)
        ]
    return bool(level)


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} stands in no file of this kind")
