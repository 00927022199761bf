"""What the strict count of a true score refused, and why: told to a teacher who peeks, never to a learner."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.task import Bools, Readings

MOST_KEPT = 4096
"""So many refusals for one reason are kept, the newest: a live view counts for hours."""


@dataclass(slots=True)
class Refusal:
    """Why the strict count refused an attempt. What goes on after that may make its value worse."""

    reason: str
    """A format string, such as `torso came down to {:.2f} m`; one without braces has no value."""
    value: float = 0.0
    """In the unit that `reason` names."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often a policy attempted what the true score counts, and what was counted of it."""

    made: int
    counted: int
    seconds: float
    """Of simulation that they were made in."""
    made_name: str
    """What an attempt is called, such as `turns`."""
    counted_name: str
    """What is said of those that count, such as `landed`."""
    refused: int = 0
    """Those refused for the most frequent reason,"""
    reason: str = ""
    """which is said with the median of their values; empty if none was refused."""

    @property
    def words(self) -> str:
        """Such as `13 turns in 256 s, 0 landed: torso came down to 0.41 m (limit: at least 0.45 m)`."""
        said = f"{self.made} {self.made_name} in {self.seconds:.0f} s, {self.counted} {self.counted_name}"
        if not self.reason:
            return said
        refused = "" if self.refused == self.made else f"; {self.refused} refused"
        return f"{said}{refused}: {self.reason}"


class AttemptCounter(ABC):
    """Looks on while a `Scorer` counts, for `n` simulations at once, and keeps why it refused what looks alike."""

    made_name: str
    one_name: str
    """The same of a single one."""
    counted_name: str

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Counts from here; attempts under way go on."""
        self.made = self.counted = 0
        self._refusals: dict[str, list[Refusal]] = {}

    @abstractmethod
    def update(self, readings: Readings, counted: NDArray[np.int64], rows: Bools) -> None:
        """Takes in the state after a control step.

        Args:
            readings: of n simulations.
            counted: (n,) what the scorer counted at this step.
            rows: (n,) the simulations whose step can count.
        """

    @abstractmethod
    def reset(self, rows: Bools) -> None:
        """The simulations in `rows` (n,) are about to start anew: what they had begun is over."""

    def refuse(self, refusal: Refusal) -> None:
        """Counts an attempt that the scorer did not count."""
        self.made += 1
        refusals = self._refusals.setdefault(refusal.reason, [])
        refusals.append(refusal)
        del refusals[:-MOST_KEPT]

    def accept(self, count: int) -> None:
        """Counts attempts that the scorer counted."""
        self.made += count
        self.counted += count

    def attempts(self, seconds: float) -> Attempts:
        """All since the last `clear`, made in so many seconds of simulation."""
        name = self.one_name if self.made == 1 else self.made_name
        said = (self.made, self.counted, seconds, name, self.counted_name)
        if not self._refusals:
            return Attempts(*said)
        reason, refusals = max(self._refusals.items(), key=lambda item: len(item[1]))
        median = float(np.median([refusal.value for refusal in refusals]))
        return Attempts(*said, len(refusals), reason.format(median + 0.0))


def rows_of(mask: Bools) -> Iterator[int]:
    """The numbers of the simulations in `mask` (n,)."""
    return map(int, np.flatnonzero(mask))
