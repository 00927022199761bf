"""How often one way of teaching comes out ahead of another, and how sure that is of so few seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLED = 2000
"""Times that seeds are drawn anew, with replacement."""


@dataclass(frozen=True, slots=True)
class Lead:
    """The probability of improvement (Agarwal et al. 2021): that a seed of one beats a seed of the other.

    A tie counts half, so that one half is a draw.
    """

    probability: float
    low: float
    """Of the resampled seeds, the 2.5th percentile,"""
    high: float
    """and the 97.5th."""

    @classmethod
    def of(cls, scores: Sequence[float], others: Sequence[float]) -> "Lead":
        """Of `scores` over `others`, at least one each; they need not be as many."""
        mine, theirs = np.asarray(scores), np.asarray(others)
        beats = np.where(mine[:, None] == theirs, 0.5, mine[:, None] > theirs)
        rng = np.random.default_rng(0)
        rows = rng.integers(len(mine), size=(RESAMPLED, len(mine), 1))
        columns = rng.integers(len(theirs), size=(RESAMPLED, 1, len(theirs)))
        low, high = np.quantile(beats[rows, columns].mean(axis=(1, 2)), (0.025, 0.975))
        return cls(float(beats.mean()), float(low), float(high))

    def __str__(self) -> str:
        return f"{self.probability:.2f} ({self.low:.2f} to {self.high:.2f})"
