"""The switches of `orthanc.json` that no endpoint tells, and the one script that reads them where scripts are allowed.

The whole configuration holds secrets: the script prints what is true or false of the switches named here, and nothing
else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SWITCHES: Mapping[str, bool] = {
    "DicomModalitiesInDatabase": False,
    "OrthancPeersInDatabase": False,
    "DicomWeb.ServersInDatabase": False,
    "DicomAlwaysAllowEcho": True,
    "DicomAlwaysAllowStore": True,
    "DicomAlwaysAllowFind": False,
    "DicomAlwaysAllowFindWorklist": False,
    "DicomAlwaysAllowGet": False,
    "DicomAlwaysAllowMove": False,
    "HttpsVerifyPeers": True,
    "RemoteAccessAllowed": False,
}
"""Each by its name, dotted, with what it is where the configuration does not say."""

_SCRIPT = """\
local c = GetOrthancConfiguration()
local function say(name, value)
  if type(value) == "boolean" or value == nil then print(name .. "=" .. tostring(value)) end
end
{lines}
"""


def _line(name: str) -> str:
    section, dot, key = name.rpartition(".")
    return f'say("{name}", (c["{section}"] or {{}})["{key}"])' if dot else f'say("{name}", c["{name}"])'


READING_SCRIPT = _SCRIPT.format(lines="\n".join(map(_line, SWITCHES)))
"""Prints `NAME=true`, `NAME=false`, or `NAME=nil` where the configuration does not say."""


def switches_in(printed: str) -> dict[str, bool]:
    """What the script printed: each switch by its name; one that is not as it should be is left out."""
    found: dict[str, bool] = {}
    for line in printed.splitlines():
        name, _, value = line.strip().partition("=")
        if name in SWITCHES and value in ("true", "false", "nil"):
            found[name] = SWITCHES[name] if value == "nil" else value == "true"
    return found
