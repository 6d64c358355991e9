"""The examples of sections and fields, as they stand in a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.document.emit import yaml_text

if TYPE_CHECKING:
    from orthanc_state.document.topic import Topic


def example_text(topic: Topic, example: Any) -> str:
    """One example as YAML: of a section below the keys that lead to it, of a field below its own."""
    for key in reversed(topic.path if topic.is_section else topic.path[-1:]):
        example = {key: example}
    return yaml_text(example)
