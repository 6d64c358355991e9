"""Makes `docs/document.md`: everything that a document can say. With `--check`, only tells whether it is stale."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.document.topic import Topic

PAGE = ROOT / "docs" / "document.md"

INTRODUCTION = """\
# The document

{summary}

This page is made by `tools/make_document_page.py` of what the sections say of themselves. `orthanc-state explain` tells
the same on a terminal, `orthanc-state schema` to other tools.

## In an editor

`orthanc-state init` writes a document to begin with, and the JSON Schema (2020-12) of documents beside it. Editors with
the YAML language server (Visual Studio Code with its YAML extension, Neovim, Helix, Zed and others) read the first
line,

```yaml
# yaml-language-server: $schema=./orthanc-state.schema.json
```

complete and check what is written, and show what each field means. They have to be told once of the tags of secrets:

```json
{{"yaml.customTags": ["!env scalar", "!file scalar"]}}
```

The schema takes what `orthanc-state` takes, and refuses what a schema can see: unknown keys, wrong types, numbers out
of range, malformed names, what is missing. What only several values together can get wrong, two policies of one name or
a password without a user, `orthanc-state validate` finds. A file that only overrides others is no whole document, and
may be marked for what it leaves to them.

## Spelling

The names below are the canonical ones, which `dump` writes. Orthanc's own are read too, for sections and fields alike,
so that a fragment of an `orthanc.json` can be pasted in; not both of one in the same place. True and false may be
`yes`, `no`, `on`, `off`, `1` and `0`, and numbers may be quoted.
"""


def page() -> str:
    """The whole page."""
    from orthanc_state.document.reference import reference

    document = reference()
    lines = [INTRODUCTION.format(summary=document.summary)]
    for topic in document.parts:
        lines += _section(topic, 2)
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(topic: Topic, depth: int) -> Iterator[str]:
    from orthanc_state.document.example import example_text
    from orthanc_state.render.topic import facts

    yield f"{'#' * depth} `{topic.name}`"
    yield ""
    yield topic.summary
    yield ""
    if not topic.is_section:
        for part in topic.parts:
            yield from _section(part, depth + 1)
        return
    yield from (f"- {label}: {', '.join(_shown(label, value) for value in values)}" for label, values in facts(topic))
    yield ""
    for example in topic.examples:
        yield from ("```yaml", example_text(topic, example).rstrip("\n"), "```", "")
    if topic.parts:
        yield from ("| field | type | default | in Orthanc | meaning |", "| --- | --- | --- | --- | --- |")
        yield from _rows(topic, len(topic.path))
        yield ""


def _rows(topic: Topic, base: int) -> Iterator[str]:
    from orthanc_state.render.topic import value_text

    for part in topic.parts:
        name = ".".join(part.path[base:])
        default = f"`{value_text(part.default)}`" if part.has_default else "required" if part.required else ""
        spelling = f"`{part.orthanc_name}`" if part.orthanc_name else ""
        yield f"| `{name}` | {_cell(part.type)} | {default} | {spelling} | {_cell(_meaning(part))} |"
        # Of the keywords of DICOM there are too many.
        if part.name != "policies.match":
            yield from _rows(part, base)


def _meaning(topic: Topic) -> str:
    parts = [topic.summary]
    if topic.since:
        parts.append(f"Since Orthanc {topic.since}.")
    parts += [f"`{value}` since Orthanc {since}." for value, since in topic.values_since.items()]
    if topic.secret:
        parts.append("Secret.")
    elif topic.write_only:
        parts.append("The server never returns it.")
    return " ".join(parts)


def _shown(label: str, value: str) -> str:
    """A fact: names and requests as code, words as words."""
    return f"`{value}`" if label in ("Default", "In Orthanc", "Request") else value


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """Generate, or check; 1 when what is there is stale."""
    sys.path.insert(0, str(ROOT))
    made = page()
    if "--check" not in sys.argv:
        PAGE.write_text(made, encoding="utf-8")
        return 0
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made
    if stale:
        sys.stderr.write(f"stale, run tools/make_document_page.py: {PAGE.relative_to(ROOT)}\n")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
