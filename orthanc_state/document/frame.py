"""What stands in a document beside the sections of the kinds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orthanc_state.document.load import VERSION
from orthanc_state.document.requirements import PLUGIN, UID
from orthanc_state.document.safety import PERCENT, Limits
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.kinds.secret import Secret
from orthanc_state.kinds.switches import ASSUMABLE

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Part:
    """One section that belongs to no kind.

    Attributes:
        name: Its key.
        summary: What it is, in one sentence.
        schema: Its JSON Schema; of alternatives (`anyOf`) the first is the way to write it. Its `examples` replace the
            example below.
        example: A section as plain data; where a secret belongs stands a `Secret` that knows only its reference.
        required: Whether every document has it.
    """

    name: str
    summary: str
    schema: Mapping[str, Any]
    example: Any
    required: bool = False


GROUPS = {"dicom": "What the server accepts over DICOM, and how it reads it."}
"""What the sections that hold several kinds are."""


def parts() -> tuple[Part, ...]:
    """Every section that belongs to no kind, in the order in which they are shown."""
    return _version(), _prune(), _protected(), _limits(), _fingerprints(), _require(), _assume()


def _version() -> Part:
    return Part("version", "The version of the format of the document.", {"const": VERSION}, VERSION, required=True)


def _prune() -> Part:
    prunable = [kind for kind in all_kinds().values() if kind.prunable]
    schema = {
        "type": "object",
        "properties": {
            kind.name: {
                "type": "boolean",
                "default": False,
                "description": f"Remove the {kind.name} that the document does not declare. "
                f"Takes the section {kind.name}; an empty one removes nothing.",
            }
            for kind in prunable
        },
        "additionalProperties": False,
        "default": {},
    }
    summary = "Where what is not declared is removed. Elsewhere it is left alone, and listed."
    return Part("prune", summary, schema, {"modalities": True})


def _protected() -> Part:
    kinds = ["/".join(kind.path) for kind in all_kinds().values() if kind.prunable]
    items = {
        "description": "addresses, with the wildcards `*` and `?`",
        "type": "string",
        "pattern": f"^({'|'.join(map(re.escape, kinds))})/.+$",
        "patternErrorMessage": f"KIND/NAME, where KIND is one of {', '.join(kinds)}; the name may have wildcards.",
    }
    summary = "What is never deleted. An entry may say so of itself, too: `protected: true`."
    example = [f"{kind}/*" for kind in kinds[:1]]
    return Part("protected", summary, {"type": "array", "items": items, "default": []}, example)


def _limits() -> Part:
    default = Limits()
    share = f"{default.share:.0%}"
    schema = {
        "type": "object",
        "properties": {
            "deletes": {
                "type": "integer",
                "minimum": 0,
                "default": default.deletes,
                "description": "How many things of one kind.",
            },
            "share": {
                "type": "string",
                "pattern": f"^{PERCENT}$",
                "patternErrorMessage": "A percentage, such as 30%.",
                "default": share,
                "description": "Which part of the things of one kind. It does not stop a single deletion.",
            },
        },
        "additionalProperties": False,
        "default": {},
    }
    summary = "How much one apply may delete. Above either limit it needs `--allow-deletes`."
    return Part("limits", summary, schema, {"deletes": default.deletes, "share": share})


def _fingerprints() -> Part:
    key = {
        "type": "object",
        "description": "With a key of the site's own: fast, and nothing to guess without it.",
        "properties": {
            "key": {
                "description": "The key of the site's own, as !env NAME or !file PATH.",
                "type": "string",
                "format": "password",
            }
        },
        "required": ["key"],
        "additionalProperties": False,
    }
    words = {"type": "string", "enum": ["scrypt", "off"]}
    # The other example holds a secret, of which a schema sees nothing.
    schema = {"anyOf": [words, key], "default": "scrypt", "examples": ["off"]}
    summary = (
        "How a rotated secret is told from an unchanged one. Orthanc never returns secrets: salted slow hashes are "
        "kept beside each peer (scrypt), or fast ones with a key of the site's own ({key: !env NAME}), or none (off)."
    )
    return Part("fingerprints", summary, schema, {"key": Secret("", "!env ORTHANC_STATE_KEY")})


def _require() -> Part:
    schema = {
        "type": "object",
        "properties": {
            "version": {
                "type": "string",
                "default": "",
                "description": "The versions of Orthanc that it may be, as Python writes them; empty for any.",
            },
            "plugins": _list(PLUGIN, "names of plugins", "What it has to have loaded, as `GET /plugins` names it."),
            "sop_classes": _list(
                UID, "UIDs", "The SOP classes that it has to accept. Only Orthanc 1.12.6 and later tells."
            ),
        },
        "additionalProperties": False,
        "default": {},
    }
    summary = "What the server itself has to be. `check` tells whether it is; nothing makes it so."
    return Part("require", summary, schema, {"version": ">=1.12.0,<2", "plugins": ["dicom-web"]})


def _list(pattern: str, items: str, description: str) -> dict[str, Any]:
    item = {"type": "string", "pattern": f"^{pattern}$", "description": items}
    return {"type": "array", "items": item, "default": [], "description": description}


def _assume() -> Part:
    schema = {
        "type": "object",
        "properties": {
            word: {"type": "boolean", "description": f"That {switch} is true, or false, in its configuration."}
            for word, switch in ASSUMABLE.items()
        },
        "additionalProperties": False,
        "default": {},
    }
    summary = (
        "What is taken for true of the server's configuration. A server tells it only where it allows scripts. It "
        "decides what a plan says of restarts, and what `check` says of fields without effect."
    )
    return Part("assume", summary, schema, {"modalities_in_database": True})
