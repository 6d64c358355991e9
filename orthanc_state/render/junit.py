"""What checks found as JUnit XML, which continuous integration shows as tests.

There is one suite for each server and one case for each result, in the order and with the attributes that the schemas
of Ant and of Jenkins both take. A warning is no failure there: it stands in the output of its suite.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from orthanc_state.checks.result import Result, Status
from orthanc_state.render.line import safe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_NO_XML = re.compile("[\ufffe\uffff]")
"""What XML does not take, besides what `safe` escapes."""


def check_junit(results: Sequence[Result], now: datetime) -> str:
    """Results as a document.

    Args:
        results: The results, those of one server together.
        now: When the checks were made.
    """
    root = ElementTree.Element("testsuites")
    for number, (server, found) in enumerate(groupby(results, lambda result: result.server)):
        rows = list(found)
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            {
                "package": "orthanc-state",
                "id": str(number),
                "name": _text(server),
                "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}",
                "hostname": "localhost",
                "tests": str(len(rows)),
                "failures": str(sum(row.status is Status.FAILED for row in rows)),
                "errors": "0",
                "skipped": str(sum(row.status in (Status.SKIPPED, Status.UNKNOWN) for row in rows)),
                "time": _seconds(sum(row.seconds for row in rows)),
            },
        )
        ElementTree.SubElement(suite, "properties")
        for row in rows:
            _case(suite, row)
        warnings = [f"{row.check} {row.target}: {_said(row)}" for row in rows if row.status is Status.WARNING]
        ElementTree.SubElement(suite, "system-out").text = "\n".join(map(_text, warnings))
        ElementTree.SubElement(suite, "system-err")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _case(suite: ElementTree.Element, row: Result) -> None:
    attributes = {"name": _text(row.target), "classname": row.check, "time": _seconds(row.seconds)}
    case = ElementTree.SubElement(suite, "testcase", attributes)
    if row.status is Status.FAILED:
        failure = ElementTree.SubElement(case, "failure", {"message": _text(row.message), "type": row.check})
        failure.text = _text(_said(row))
    elif row.status in (Status.SKIPPED, Status.UNKNOWN):
        words = "not known: " if row.status is Status.UNKNOWN else ""
        ElementTree.SubElement(case, "skipped", {"message": _text(words + row.message)})


def _said(row: Result) -> str:
    place = f"{row.place}: " if row.place else ""
    return f"{place}{row.message}{f' ({row.hint})' if row.hint else ''}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"


def _text(text: str) -> str:
    return _NO_XML.sub("?", safe(text))
