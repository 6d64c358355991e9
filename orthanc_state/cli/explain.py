"""`explain`: what can be said in a document."""

from __future__ import annotations

import shutil

from orthanc_state.cli.failure import EXIT_OK
from orthanc_state.cli.output import print_json, print_lines
from orthanc_state.document.reference import find
from orthanc_state.render.topic import section_lines, topic_data, topic_lines

NARROWEST, WIDEST = 40, 100
"""Columns between which lines are easy to read."""


def run_explain(path: str, *, json: bool) -> int:
    """Print a section or a field; without a path the sections."""
    topic = find(path)
    if json:
        print_json(topic_data(topic))
        return EXIT_OK
    width = max(NARROWEST, min(shutil.get_terminal_size((80, 24)).columns, WIDEST))
    print_lines(topic_lines(topic, width) if topic.path else section_lines(topic, width))
    return EXIT_OK
