"""Whether what was written to a running server is still there after its next start."""

from __future__ import annotations

ALWAYS = "always"
"""It is kept in the server's database."""

NEVER = "never"
"""It is forgotten: the server starts with what its configuration file says."""


def told(durability: str) -> str:
    """The same as a sentence's end: what becomes of it at a restart."""
    if durability == ALWAYS:
        return "kept, in the server's database"
    if durability == NEVER:
        return "forgotten, the server starts with what its configuration file says"
    return f"kept only where {durability} is true in the server's configuration (default: false)"


def flag_of(durability: str) -> str:
    """The switch of `orthanc.json` that has to be true for it to be kept; empty where none decides."""
    return "" if durability in (ALWAYS, NEVER) else durability
