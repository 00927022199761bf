"""What is held possible of a reward's weights before any answer, and how the answers sharpen it.

Reward features come in contexts: the same quantities again, apart for each contact state. A weight is what its quantity
is worth wherever the robot is, plus what it is worth beyond that in its own context; each of these factors has a
Gaussian prior, whose variance is learnt from the answers themselves (automatic relevance determination: MacKay 1992,
Tipping 2001), one for each quantity's shared factor, and one for all factors of a context and a kind of quantity. So a
few answers that speed matters are believed in the air and on the foot, and what no answer speaks for is believed to
matter little. Nothing here knows what is taught.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.task import FeatureLayout, Floats


@dataclass(frozen=True, slots=True, eq=False)
class WeightPrior:
    """Weights are `mixing @ factors`; the factors of a group share one variance.

    With a `strength` that is not infinite the variances are learnt.
    """

    mixing: Floats
    """(d, m)"""
    groups: NDArray[np.int64]
    """(m,) number of each factor's group, all numbers from 0 in use."""
    variance: float
    """Of every factor before the first answer."""
    strength: float = np.inf
    """How many factors the first variance counts as, when the answers say otherwise."""

    @classmethod
    def independent(cls, size: int, variance: float) -> "WeightPrior":
        """`size` weights that say nothing of each other, of one variance that stays."""
        return cls(np.eye(size), np.zeros(size, np.int64), variance)

    @classmethod
    def of_layout(cls, layout: FeatureLayout, variance: float, strength: float) -> "WeightPrior":
        """For a task's reward features."""
        kinds = np.array(layout.kinds)
        size = len(kinds)
        own = np.eye(layout.contexts * size)
        shared = np.tile(np.eye(size), (layout.contexts, 1))
        apart = np.concatenate([kinds + context * (kinds.max() + 1) for context in range(layout.contexts)])
        groups = np.concatenate([apart, apart.max() + 1 + np.arange(size)])
        return cls(np.concatenate([own, shared], axis=1), np.unique(groups, return_inverse=True)[1], variance, strength)

    @property
    def learns(self) -> bool:
        """Whether answers change the variances."""
        return bool(np.isfinite(self.strength))

    def first_variances(self) -> Floats:
        """(m,) before any answer."""
        return np.full(len(self.groups), self.variance)

    def learnt_variances(self, squares: Floats) -> Floats:
        """(m,) -> (m,): one step of expectation maximisation, given what the squares of the factors are expected."""
        counts, sums = np.bincount(self.groups), np.bincount(self.groups, squares)
        return ((sums + self.strength * self.variance) / (counts + self.strength))[self.groups]

    def covariance(self) -> Floats:
        """(d, d) of the weights before any answer."""
        return np.asarray(self.variance * self.mixing @ self.mixing.T)
