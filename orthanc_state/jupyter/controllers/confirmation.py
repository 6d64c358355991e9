"""What has to be typed before something is taken away."""

from __future__ import annotations


def phrase(count: int) -> str:
    """What has to be typed before so much is taken away; empty where nothing is."""
    return f"delete {count}" if count else ""
