"""Counting how far a robot has got forward, for as long as it goes as it should."""

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from sim.attempts import AttemptCounter, Refusal, rows_of
from sim.task import Bools, Readings, Scorer

BODY_TOUCHED = "another part than the feet touched the floor"
"""What is said of a stretch that a sliding robot did not complete."""


class DistanceScorer(Scorer):
    """Stretches forward of one length, strictly: every one gone well from its beginning to its end.

    Whoever does not go well at an instant starts measuring anew from there.
    """

    stretch: float
    """What is counted is every so many metres forward."""

    def __init__(self, n: int) -> None:
        self._from_x = np.full(n, np.nan)

    @abstractmethod
    def goes_well(self, readings: Readings) -> Bools:
        """(n,) whether this instant counts."""

    def update(self, readings: Readings) -> NDArray[np.int64]:
        """Takes in the state after a control step; returns (n,) stretches completed."""
        x, well = readings.qpos[:, 0], self.goes_well(readings)
        self._from_x = np.where(well, np.where(np.isnan(self._from_x), x, self._from_x), np.nan)
        stretches = np.where(well, np.floor((x - self._from_x) / self.stretch), 0.0)
        stretches = np.maximum(stretches, 0.0)
        self._from_x += stretches * self.stretch
        return stretches.astype(np.int64)

    def reset(self, mask: Bools) -> None:
        """A restarted simulation has gone nowhere yet."""
        self._from_x[mask] = np.nan


class DistanceAttempts(AttemptCounter):
    """Stretches that ended: each was completed, or broken off at the first instant that did not go well.

    The value of a reason is the worst until the robot goes well again.
    """

    counted_name = "completed"
    worse_below: frozenset[str] = frozenset()
    """Reasons whose values are worse the less they are."""

    def __init__(self, n: int, scorer: DistanceScorer) -> None:
        """`scorer` says what goes well, and is not fed."""
        super().__init__()
        self.made_name, self.one_name = (f"{word} of {scorer.stretch:g} m ended" for word in ("stretches", "stretch"))
        self._scorer = scorer
        self._going = np.zeros(n, bool)
        self._broken: dict[int, Refusal] = {}
        """By simulation: what broke its last stretch, while it does not go well."""

    @abstractmethod
    def broken_by(self, readings: Readings, row: int) -> Refusal:
        """What does not go well with simulation `row` at this instant."""

    def update(self, readings: Readings, counted: NDArray[np.int64], rows: Bools) -> None:
        """Takes in the state after a control step."""
        well = self._scorer.goes_well(readings)
        self.accept(int(counted.sum()))
        for row in rows_of(rows & ~well):
            now = self.broken_by(readings, row)
            if self._going[row]:
                self._broken[row] = now
                self.refuse(now)
            elif row in self._broken:
                self._worsen(self._broken[row], now)
        for row in rows_of(well):
            self._broken.pop(row, None)
        self._going = well

    def reset(self, rows: Bools) -> None:
        """A restarted simulation has begun nothing yet."""
        self._going = self._going & ~rows
        for row in rows_of(rows):
            self._broken.pop(row, None)

    def _worsen(self, refusal: Refusal, now: Refusal) -> None:
        if refusal.reason == now.reason:
            worst = min if refusal.reason in self.worse_below else max
            refusal.value = worst(refusal.value, now.value)
