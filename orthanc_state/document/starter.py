"""A document to begin with: every section with an example, commented out."""

from __future__ import annotations

from textwrap import indent, wrap
from typing import TYPE_CHECKING

from orthanc_state.document.emit import yaml_text
from orthanc_state.document.example import example_text
from orthanc_state.document.load import VERSION
from orthanc_state.document.reference import reference
from orthanc_state.kinds.durability import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.document.topic import Topic

WIDTH = 100

_HEAD = """\
# yaml-language-server: $schema={schema}
## What one Orthanc should be. Take the `#` away from what you need; what begins with `##` only tells.
## A section that is left out is not managed; in an entry, a field that is left out has Orthanc's default.
##
{commands}
##
## Editors read the line at the top. They have to be told of the tags of secrets, in Visual Studio Code by
## "yaml.customTags": ["!env scalar", "!file scalar"]
version: {version}
"""

_COMMANDS = {
    "orthanc-state validate {name}": "finds what is wrong without a server",
    "orthanc-state plan {name} --url http://localhost:8042": "shows what would change",
    "orthanc-state explain modalities.allow_store": "tells what a field means",
}


def starter(name: str, schema: str) -> str:
    """A document that is valid as it is, and also with every example in it.

    Args:
        name: What it will be called.
        schema: Where editors find its JSON Schema: a URL, or a path from its own folder.
    """
    commands = {command.format(name=name): what for command, what in _COMMANDS.items()}
    column = max(map(len, commands)) + 2
    lines = "\n".join(f"##   {command:<{column}}{what}" for command, what in commands.items())
    blocks = [_HEAD.format(schema=schema, commands=lines, version=VERSION)]
    blocks += ["".join(_block(topic)) for topic in reference().parts if topic.name != "version"]
    return "\n".join(blocks)


def _block(topic: Topic) -> Iterator[str]:
    if topic.is_section:
        yield from _remarks(topic)
        yield _commented(example_text(topic, topic.examples[0]))
        return
    # A section that holds several kinds.
    yield from _remarks(topic)
    yield _commented(f"{topic.name}:\n")
    for part in topic.parts:
        yield from _remarks(part, "  ")
        yield _commented(indent(yaml_text({part.path[-1]: part.examples[0]}), "  "))


def _remarks(topic: Topic, margin: str = "") -> Iterator[str]:
    lines = wrap(topic.summary, WIDTH)
    if topic.durability:
        lines += wrap(f"After a restart it is {told(topic.durability)}.", WIDTH)
    yield from (f"## {margin}{line}\n" for line in lines)


def _commented(text: str) -> str:
    return indent(text, "# ")
