"""`explain`: what can be said in a document, and what the code of an error means."""

from __future__ import annotations

import shutil

from orthanc_state.cli.failure import EXIT_OK
from orthanc_state.cli.output import print_json, print_lines
from orthanc_state.codes import codes
from orthanc_state.document.reference import find
from orthanc_state.render.remedy import code_data, code_lines
from orthanc_state.render.topic import section_lines, topic_data, topic_lines

NARROWEST, WIDEST = 40, 100
"""Columns between which lines are easy to read."""


def run_explain(path: str, *, json: bool) -> int:
    """Print a section or a field, or what a code means; without either the sections."""
    width = max(NARROWEST, min(shutil.get_terminal_size((80, 24)).columns, WIDEST))
    code = codes().get(path.strip("[]"))
    if code is not None:
        print_json(code_data(code)) if json else print_lines(code_lines(code, width))
        return EXIT_OK
    topic = find(path)
    if json:
        print_json(topic_data(topic))
        return EXIT_OK
    print_lines(topic_lines(topic, width) if topic.path else section_lines(topic, width))
    return EXIT_OK
