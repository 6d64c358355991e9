"""Answers of a real server, recorded once and given again: for more servers than a machine carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.fault_proxy import Answer

if TYPE_CHECKING:
    from tests.faults.fault_proxy import Exchange


class Recording:
    """What one real server answered. It knows no other questions, and nothing can be written to it."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, bytes], Answer] = {}

    def record(self, exchange: Exchange) -> None:
        """Ask the real server, and remember what it says."""
        asked = exchange.request
        answer = self._answers[asked.method, asked.target, asked.body] = exchange.forward()
        exchange.reply(answer)

    def replay(self, exchange: Exchange) -> None:
        """Say what the real server said."""
        asked = exchange.request
        exchange.reply(self._answers[asked.method, asked.target, asked.body])
