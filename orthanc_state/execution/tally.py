"""What became of the many single changes of one policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

EXAMPLES = 3
"""How many resources are named for each thing that went wrong."""


@dataclass(slots=True)
class Tally:
    """Counts, of several threads.

    Attributes:
        done: Written, and seen to be there.
        already: Done by somebody else since the plan.
        gone: Of resources that do not exist any more.
        moved: Of resources that the policy does not select any more; they were left alone.
        not_tried: Left over when it was interrupted.
        failures: Why some failed, each with how many and a few examples.
    """

    done: int = 0
    already: int = 0
    gone: int = 0
    moved: int = 0
    not_tried: int = 0
    failures: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    def fail(self, identifier: str, reason: str) -> None:
        """One has failed."""
        with self._lock:
            count, examples = self.failures.get(reason, (0, []))
            self.failures[reason] = count + 1, [*examples, identifier][:EXAMPLES]

    def skip(self, count: int = 1) -> None:
        """Some are not tried."""
        with self._lock:
            self.not_tried += count

    def lose(self) -> None:
        """One does not exist any more."""
        with self._lock:
            self.gone += 1

    @property
    def failed(self) -> int:
        """How many have failed."""
        return sum(count for count, _ in self.failures.values())

    @property
    def text(self) -> str:
        """All of it in one line."""
        words = {
            "done": self.done,
            "already so": self.already,
            "gone": self.gone,
            "not selected any more": self.moved,
            "not tried": self.not_tried,
            "failed": self.failed,
        }
        return ", ".join(f"{count:,} {word}" for word, count in words.items() if count) or "nothing to do"
