"""In which waves the servers of a fleet are applied: `1,25%,100%`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from orthanc_state.errors import OrthancStateError

if TYPE_CHECKING:
    from collections.abc import Sequence

Item = TypeVar("Item")

_STEP = re.compile(r"([1-9][0-9]{0,5})(\s?%)?\Z")


class WavesError(OrthancStateError):
    """Waves that are none, or do not come to all servers."""

    code = "waves-invalid"
    remedy = (
        "Write how many servers are done after each wave, growing, as numbers or shares, and up to all of them: "
        "`1,25%,100%`."
    )

    hint = "Write how many servers are done after each wave, as numbers or shares: 1,25%,100%."


@dataclass(frozen=True, slots=True)
class Waves:
    """How many servers are done after each wave.

    Attributes:
        steps: A number of servers, or a share in percent, each with whether it is a share.
    """

    steps: tuple[tuple[int, bool], ...] = ((100, True),)

    @classmethod
    def parse(cls, text: str) -> Waves:
        """Waves as they are written.

        Raises:
            WavesError: They are none, or one of them is smaller than the one before.
        """
        steps: list[tuple[int, bool]] = []
        for part in text.split(","):
            found = _STEP.match(part.strip())
            if found is None or (found[2] and int(found[1]) > 100):
                raise WavesError(f"`{part.strip()[:20]}` is neither a number of servers nor a share of 1% to 100%")
            step = int(found[1]), bool(found[2])
            before = next((size for size, is_share in reversed(steps) if is_share is step[1]), 0)
            if step[0] <= before:
                raise WavesError(f"the waves {text} do not grow: {part.strip()} comes after {before}{'%' * step[1]}")
            steps.append(step)
        return cls(tuple(steps))

    def split(self, items: Sequence[Item]) -> list[list[Item]]:
        """The items of each wave, in their order; a wave that would add nothing is left out.

        Raises:
            WavesError: Some would be in no wave.
        """
        waves: list[list[Item]] = []
        done = 0
        for size, is_share in self.steps:
            # A share is rounded up, so that the first wave has somebody in it.
            end = min(-(-size * len(items) // 100) if is_share else size, len(items))
            if end > done:
                waves.append(list(items[done:end]))
                done = end
        if done < len(items):
            left = len(items) - done
            raise WavesError(f"the waves {self} leave out {left} of {len(items)} servers", hint="End them with 100%.")
        return waves

    def __str__(self) -> str:
        return ",".join(f"{size}{'%' * is_share}" for size, is_share in self.steps)
