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
    """Stretches that ended: each was completed, or broken off at the first instant that did not go well."""

    counted_name = "completed"

    def __init__(self, n: int, scorer: DistanceScorer) -> None:
        """`scorer` says what goes well, and is not fed."""
        super().__init__()
        self.made_name, self.one_name = (f"{word} of {scorer.stretch:g} m ended" for word in ("stretches", "stretch"))
        self._scorer = scorer
        self._going = np.zeros(n, bool)

    @abstractmethod
    def broken_by(self, readings: Readings, row: int) -> Refusal:
        """What does not go well with simulation `row` at this instant."""

    def update(self, readings: Readings, counted: NDArray[np.int64], rows: Bools) -> None:
        """Takes in the state after a control step."""
        well = self._scorer.goes_well(readings)
        self.accept(int(counted.sum()))
        for row in rows_of(rows & self._going & ~well):
            self.refuse(self.broken_by(readings, row))
        self._going = well

    def reset(self, rows: Bools) -> None:
        """A restarted simulation has begun nothing yet."""
        self._going = self._going & ~rows
