"""What can be said in a document, as lines of text or as data."""

from __future__ import annotations

import json
from textwrap import shorten, wrap
from typing import TYPE_CHECKING, Any

from orthanc_state.document.example import example_text
from orthanc_state.kinds.durability import told
from orthanc_state.kinds.secret import Secret
from orthanc_state.render.line import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthanc_state.document.topic import Topic

LABELS = 15
"""Columns of what stands before a fact."""

LONGEST_NAME = 24
"""Columns up to which the summaries of parts stand beside their names."""


def topic_lines(topic: Topic, width: int) -> Iterator[Line]:
    """A topic with what it is made of.

    Args:
        topic: A section or a field.
        width: Columns of the terminal.
    """
    yield (("strong", topic.name),)
    yield from _indented(topic.summary, width)
    yield ()
    for label, values in facts(topic):
        first, *others = [line for value in values for line in wrap(value, width - LABELS - 2, break_on_hyphens=False)]
        yield (("dim", f"  {label:<{LABELS}}"), ("", first))
        yield from ((("", " " * (LABELS + 2) + line),) for line in others)
    for number, example in enumerate(topic.examples):
        yield from ((), (("strong", "Examples" if len(topic.examples) > 1 else "Example"),)) if not number else ()
        yield from ((("", f"  {line}"),) for line in example_text(topic, example).splitlines())
    if topic.parts:
        yield ()
        yield (("strong", "Fields of each entry" if topic.entries else "Fields"),)
        yield from _part_lines(topic.parts, width)


def section_lines(document: Topic, width: int) -> Iterator[Line]:
    """The sections of a document, one line each."""
    yield (("strong", "Sections of a document"),)
    column = max(len(section.name) for section in document.parts) + 4
    for section in document.parts:
        line = shorten(section.headline, width - column, placeholder=" ...")
        yield (("strong", f"  {section.name:<{column - 2}}"), ("", line))
    yield ()
    yield (("dim", "More of each: orthanc-state explain modalities"),)
    yield (("dim", "and of a field: orthanc-state explain modalities.allow_store"),)
    yield (("dim", "What the code of an error means: orthanc-state explain server-unreachable"),)


def facts(topic: Topic) -> Iterator[tuple[str, Sequence[str]]]:
    """What is known of a topic besides its summary: what it is called, and one value or several."""
    yield "Type", (topic.type,)
    if topic.required:
        yield "Required", ("yes",)
    elif topic.has_default:
        yield "Default", (value_text(topic.default),)
    elif topic.requests:
        yield "Left out", ("not managed: it stays as it is on the server",)
    if topic.orthanc_name:
        yield "In Orthanc", (topic.orthanc_name,)
    if topic.requests or topic.since:
        since = f"Orthanc {topic.since}" if topic.since else "every version that is supported"
        yield "Since", (since, *(f"{value}: Orthanc {since}" for value, since in topic.values_since.items()))
    if topic.secret:
        yield "Secret", ("yes: never shown, and never returned by the server",)
    elif topic.write_only:
        yield "Write-only", ("yes: the server never returns it",)
    if topic.durability:
        yield "After restart", (told(topic.durability),)
    if topic.requests:
        yield "Request", topic.requests


def topic_data(topic: Topic) -> dict[str, Any]:
    """A topic and everything that it is made of, as plain data."""
    default = {"default": topic.default} if topic.has_default else {}
    return {
        "path": topic.name,
        "summary": topic.summary,
        "type": topic.type,
        "required": topic.required,
        **default,
        "orthanc_name": topic.orthanc_name or None,
        "since": topic.since or None,
        "values_since": dict(topic.values_since),
        "secret": topic.secret,
        "write_only": topic.write_only or topic.secret,
        "durability": topic.durability or None,
        "requests": list(topic.requests),
        "examples": [_plain(example) for example in topic.examples],
        "parts": [topic_data(part) for part in topic.parts],
    }


def _part_lines(parts: Sequence[Topic], width: int) -> Iterator[Line]:
    column = max(min(LONGEST_NAME, max(len(part.path[-1]) for part in parts)) + 4, 12)
    for part in parts:
        name = part.path[-1]
        summary = f"{part.summary} Required." if part.required else part.summary
        first, *others = wrap(summary, width - column, break_on_hyphens=False) or [""]
        if len(name) > column - 4:
            yield (("strong", f"  {name}"),)
            others = [first, *others]
        else:
            yield (("strong", f"  {name:<{column - 2}}"), ("", first))
        yield from ((("", " " * column + line),) for line in others)


def _indented(text: str, width: int) -> Iterator[Line]:
    return ((("", f"  {line}"),) for line in wrap(text, width - 2, break_on_hyphens=False))


def value_text(value: Any) -> str:
    """A value as a document has it."""
    return value if isinstance(value, str) and value else json.dumps(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.reference
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
