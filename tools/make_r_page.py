"""Makes `docs/r-package.md`: the methods of the R package and ours. With `--check`, only tells whether it is stale."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.client.operations import Method

PAGE = ROOT / "docs" / "r-package.md"

INTRODUCTION = """\
# From the R package `orthanc`

The R package has one class, with a method for each operation of Orthanc's REST API. Here an operation belongs to the
object that it is about. This page finds it: all {operations} operations have a method, of which the R package has
{r_methods}. It is made by `tools/make_r_page.py` of `operations.csv` and of what the methods say that they do.

- `orthanc` is an `Orthanc`, or an `AsyncOrthanc`, whose methods are awaited. `[id]` is an identifier of Orthanc's,
  `[name]` a name, `[index]` a number that counts from 0. To name an object asks the server for nothing.
- What is downloaded comes as an object with `read()`, `save(path)` and `stream()`: only these send the request.
- Of two methods of which one begins with `submit_`, that one gives a job; the other waits for its results.
- Options are keyword arguments in `snake_case`. Answers are typed, and in Orthanc's own spelling.
- What Orthanc refuses is an exception, with its status, its message and its details.
"""

OWN = {
    "new(url, username, password)": "`Orthanc(url, username, password)`, `AsyncOrthanc(url, username, password)`",
    "GET(route)": "`orthanc.get(path)`",
    "POST(route, json)": "`orthanc.post(path, body)`",
    "PUT(route, json)": "`orthanc.put(path, body)`",
    "DELETE(route)": "`orthanc.delete(path)`",
    "stream(method, route)": "`orthanc.stream(path)`, or `save(path)` of what is downloaded",
    "print()": "`print(orthanc)`, or `orthanc` alone in a notebook",
    "url": "`orthanc.url`",
    "api_version": '`orthanc.system()["ApiVersion"]`',
    "num_patients": '`orthanc.statistics()["CountPatients"]`',
    "num_studies": '`orthanc.statistics()["CountStudies"]`',
    "num_series": '`orthanc.statistics()["CountSeries"]`',
    "num_instances": '`orthanc.statistics()["CountInstances"]`',
}
"""What is of the R class itself: methods, fields and active bindings."""


ARGUMENTS = [
    (re.compile(r"/compressed-"), "compressed", "True"),
    (re.compile(r"/raw\.gz$"), "compress", "True"),
    (re.compile(r"-extended$"), "extended", "True"),
    (re.compile(r"/log-level-(\w+)$"), "category", r'"\1"'),
]
"""What makes a method use one operation instead of another: part of its path, and the argument."""


def page() -> str:
    """The whole page."""
    from orthanc_state import Orthanc
    from tests.client.operations import TABLE, methods

    found = methods(Orthanc("http://localhost"))
    lines = [INTRODUCTION.format(operations=len(TABLE), r_methods=sum(bool(row.r_method) for row in TABLE.values()))]
    lines += ["## The class itself", "", "| R | Python |", "| --- | --- |"]
    lines += [f"| `{theirs}` | {ours} |" for theirs, ours in OWN.items()]
    group = ""
    for name, row in TABLE.items():
        if row.path.split("/")[1] != group:
            group = row.path.split("/")[1]
            lines += ["", f"## `/{group}`", "", "| R | Python | operation |", "| --- | --- | --- |"]
        since = f", since {row.since}" if row.since else ""
        theirs = f"`{row.r_method}()`" if row.r_method else "none"
        lines.append(f"| {theirs} | {_ours(found, name)} | `{name}`{since} |")
    return "\n".join([*lines, ""])


def _ours(found: Iterable[Method], name: str) -> str:
    """The methods for an operation: those in its place, or else those that use it for something else."""
    all_of_them = [method for method in found if name in method.operations]
    in_place = [method for method in all_of_them if not method.elsewhere]
    if in_place:
        return ", ".join(f"`{_call(method, name)}`" for method in in_place)
    of_studies = [method for method in all_of_them if method.spelling.startswith("orthanc.studies")]
    return ", ".join(f"`{_call(method, name)}`" for method in of_studies) + ", and so for each level"


def _call(method: Method, name: str) -> str:
    from tests.client.operations import parameters

    names = {parameter.name for parameter in parameters(method.owner, method.name)}
    given = [
        f"{argument}={found.expand(value)}"
        for pattern, argument, value in ARGUMENTS
        if argument in names and (found := pattern.search(name))
    ]
    return f"{method.spelling}({', '.join(given)})"


def main() -> int:
    """Generate, or check; 1 when what is there is stale."""
    sys.path.insert(0, str(ROOT))
    made = page()
    if "--check" not in sys.argv:
        PAGE.write_text(made, encoding="utf-8")
        return 0
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made
    if stale:
        sys.stderr.write(f"stale, run tools/make_r_page.py: {PAGE.relative_to(ROOT)}\n")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
