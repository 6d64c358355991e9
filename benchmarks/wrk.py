"""wrk, a load generator in C: how many small requests a server takes in a second, whoever sends them."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness import UnmeasurableError

_SECONDS = 1
"""For how long it runs: it cannot be told how many requests to send."""

_SCRIPT = """\
local requests, position = {{}}, 0
function init()
  for id in io.lines("{identifiers}") do
    requests[#requests + 1] = wrk.format("PUT", "/studies/" .. id .. "/labels/{label}", nil, "")
  end
end
function request()
  position = position % #requests + 1
  return requests[position]
end
"""


def available() -> bool:
    """Whether it is installed: Debian and Ubuntu have it as `wrk`."""
    return shutil.which("wrk") is not None


def seconds_to_label(url: str, studies: Sequence[str], label: str, connections: int) -> float:
    """How long it takes to give a label to studies, at the rate that it reaches.

    Args:
        url: The server.
        studies: Orthanc's identifiers. When it is through with them it begins again, which is less work for the server.
        label: The label.
        connections: How many requests are under way at once; one thread sends them all.

    Raises:
        UnmeasurableError: The server refused some of the requests, or nothing was counted.
    """
    with tempfile.TemporaryDirectory(prefix="wrk-") as name:
        identifiers, script = Path(name, "identifiers"), Path(name, "labels.lua")
        identifiers.write_text("\n".join(studies))
        script.write_text(_SCRIPT.format(identifiers=identifiers, label=label))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{_SECONDS}s", "-s", str(script), url]
        printed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    rate = re.search(r"^Requests/sec: +([\d.]+)$", printed, re.MULTILINE)
    if rate is None or "Non-2xx" in printed or "Socket errors" in printed:
        raise UnmeasurableError(f"wrk could not label the studies: {printed.strip()}")
    return len(studies) / float(rate[1])
