"""Many single changes in one request: a Lua script on the server, where it allows that (`ExecuteLuaEnabled`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from orthanc_state.client import ApiError
from orthanc_state.kinds.effect import Verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthanc_state.client import Orthanc
    from orthanc_state.kinds.effect import Effect

_PLAIN = re.compile(rb"[^A-Za-z0-9_-]")

_REQUEST = {
    Verb.ADD_LABEL: 'RestApiPut(base .. id .. "/labels/" .. key, "") ~= nil',
    Verb.REMOVE_LABEL: 'RestApiDelete(base .. id .. "/labels/" .. key) ~= nil',
    Verb.SET_METADATA: 'RestApiPut(base .. id .. "/metadata/" .. key, value) ~= nil',
    Verb.REMOVE_METADATA: 'RestApiDelete(base .. id .. "/metadata/" .. key) ~= nil',
    Verb.PROTECT: 'RestApiPut(base .. id .. "/protected", "1") ~= nil',
    Verb.UNPROTECT: 'RestApiPut(base .. id .. "/protected", "0") ~= nil',
}

_TEMPLATE = """\
local base, key, values, which = {base}, {key}, {{{values}}}, {{{which}}}
local done = {{}}
for index, id in ipairs({{{ids}}}) do
  local value = values[which[index]]
  done[index] = ({request}) and "1" or "0"
end
print(table.concat(done))
"""


class Script:
    """Runs scripts on one server. They print a 0 or 1 for each resource, which lands in the server's log too."""

    BATCH: ClassVar[int] = 1000
    """How many resources one script changes; it takes some 30 ms, in which no other script runs."""

    PATIENCE: ClassVar[float] = 120
    """Seconds that one script is waited for, which is a thousand times what it takes: a server that is stalled is not
    waited for as for other work."""

    def __init__(self, orthanc: Orthanc) -> None:
        self._orthanc = orthanc

    @classmethod
    def allowed(cls, orthanc: Orthanc) -> Script | None:
        """Scripts on a server that allows them; None on one that does not."""
        try:
            printed = orthanc.tools.execute_script('print("1")', patient=False)
        except ApiError:
            return None
        return cls(orthanc) if printed.strip() == "1" else None

    def run(self, segment: str, tasks: Sequence[tuple[Effect, str]]) -> list[bool]:
        """Do one thing to some resources, to each with its own value: for each, whether the server did it.

        Args:
            segment: Their level, as a part of a path.
            tasks: What is done, the same verb and key in all, and the resource that it is done to.

        Raises:
            ConnectionFailedError: The server is gone, and what was done is not known.
        """
        effect, _ = tasks[0]
        values: dict[str, int] = {}
        which = [values.setdefault(each.value, len(values) + 1) for each, _ in tasks]
        script = _TEMPLATE.format(
            base=_quoted(f"/{segment}/"),
            key=_quoted(effect.key),
            values=",".join(map(_quoted, values)),
            which=",".join(map(str, which)),
            ids=",".join(_quoted(resource) for _, resource in tasks),
            request=_REQUEST[effect.verb],
        )
        try:
            printed = self._orthanc.tools.execute_script(script, patient=self.PATIENCE).strip()
        except ApiError:
            return [False] * len(tasks)
        if len(printed) != len(tasks) or set(printed) - set("01"):
            return [False] * len(tasks)
        return [digit == "1" for digit in printed]


def _quoted(text: str) -> str:
    """A text as Lua reads it: every other byte than a letter or a digit as its number."""
    escaped = _PLAIN.sub(lambda match: b"\\%03d" % match.group()[0], text.encode())
    return f'"{escaped.decode("ascii")}"'
